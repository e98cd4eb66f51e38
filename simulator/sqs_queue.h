#pragma once

#include "simulator/count_history.h"
#include "simulator/service.h"
#include "simulator/sqs.h"
#include "simulator/sqs_attributes.h"

#include <cstdint>
#include <list>
#include <set>
#include <unordered_map>

namespace lifehook::simulator {

struct sqs_message {
  enum class place { visible, in_flight, delayed };

  std::uint64_t serial = 0;  // unique in one world; stays when the message moves to its dead-letter queue
  std::string id;
  std::string body;
  std::string body_md5;
  boost::json::object attributes;  // MessageAttributes, as sent
  std::string dead_letter_source;  // arn of the queue it was moved from
  time_point sent;
  time_point first_received;
  time_point received;         // the latest receive: from it the 12 hours count
  unsigned receive_count = 0;  // also the number of the latest receipt
  place where = place::visible;
  time_point hidden_until;
};

// Which receive of which message a caller speaks of.
struct receipt {
  std::uint64_t serial = 0;
  unsigned number = 0;
};

// The messages of one standard queue: visibility, receive counts, delay, retention, the 12 h rule. Time is passed in
// and every operation first lets pass what has passed. O(log n) each. Pointers it gives stay valid until the message is
// removed or moved.
class sqs_queue {
 public:
  using messages = std::list<sqs_message>;
  struct received {
    std::vector<const sqs_message*> taken;
    messages dead;  // received too often already: the caller moves them to the dead-letter queue
  };
  enum class end { front, back };
  struct order {
    std::size_t most = 1;
    duration visibility{0};
    unsigned max_receives = 0;  // received that often: dead; 0: never
  };

  queue_attributes attributes;

  void add(sqs_message fresh, duration delay, end at, time_point now);
  void adopt(messages dead, time_point now);  // from another queue, original timestamps kept
  received receive(order with, time_point now);
  // An old receipt succeeds and removes nothing, as does one of a message already gone.
  void remove(receipt of, time_point now);
  boost::system::result<void, fault> change_visibility(receipt of, std::chrono::seconds visibility, time_point now);
  void clear(time_point now);

  void settle(time_point now);  // shows what is due again, drops what is older than the retention
  queue_counts counts() const;
  void lag_counts(count_lags by, time_point now);
  queue_counts told_counts(time_point now);  // as attributes tell them: late
  bool any_visible() const { return !visible_.empty(); }
  bool any_hidden() const { return !due_.empty(); }
  time_point next_due() const { return due_.begin()->first; }  // of any_hidden()
  std::vector<std::string> bodies() const;

 private:
  using position = messages::iterator;
  using moment = std::pair<time_point, std::uint64_t>;

  void hide(position message, sqs_message::place as, time_point until);
  void show(position message, end at);
  void unhide(position message);
  void drop(position message);
  void remember(time_point when) { history_.note(counts(), when, lags_); }

  messages visible_;
  messages hidden_;
  std::size_t in_flight_ = 0;
  std::unordered_map<std::uint64_t, position> by_serial_;
  std::set<moment> due_;   // hidden ones by the time they show again
  std::set<moment> ages_;  // all by the time they were sent
  count_lags lags_;
  count_history history_;
};

}  // namespace lifehook::simulator
