#pragma once

#include "aws/sqs.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/seldom.h"
#include "base/task_group.h"
#include "queues/attributes.h"
#include "queues/catch_up.h"
#include "queues/disposition.h"
#include "queues/holder.h"
#include "queues/message_facts.h"
#include "queues/queue_settings.h"
#include "queues/receive_outage.h"
#include "queues/room.h"
#include "queues/settler.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lifehook {
struct metrics;  // base/metrics.h
}

namespace lifehook::queues {

class queue;

// One message in hand. While it lives the queue keeps the message invisible to others; `settle` ends that. Destroyed
// unsettled, it is left to its visibility timeout. Move-only; must not outlive its queue.
class held_message {
 public:
  // `id`: of whom the queue holds it by.
  held_message(queue& from, const std::string& id, const message_facts& of) : queue_(&from), id_(&id), facts_(of) {}
  held_message(held_message&& other) noexcept
      : queue_(std::exchange(other.queue_, nullptr)), id_(other.id_), facts_(other.facts_) {}
  held_message& operator=(held_message&&) = delete;
  ~held_message();

  const std::string& id() const { return *id_; }  // until it is settled
  const message_facts& facts() const { return facts_; }
  queue& from() const { return *queue_; }
  // From now on the message is never invisible for longer than this (at least 10 s): a hook's quarter heartbeat
  // timeout.
  void limit_visibility(duration longest);
  // SQS honours its handle no longer: it is gone, or another worker may have it.
  bool is_lost() const;
  void settle(settlement how);

 private:
  queue* queue_;
  const std::string* id_;
  message_facts facts_;
};

// A queue as the worker sees it: pollers that take only what there is room for, wait for the loop to keep up, and take
// nothing while what is in hand is extended late, of which one alone polls while no message comes; everything in hand
// kept invisible, deletes and visibility changes flushed in batches. One per url; owned by the service; its tasks run
// in the group it is given.
class queue {
 public:
  using deliver = std::function<void(held_message, std::string body)>;  // called once per message received

  queue(clock& time, aws::sqs& with, task_group& tasks, metrics& counts, logger log, random_source& random,
        queue_settings of);

  const std::string& name() const { return name_; }
  duration hold() const { return settings_.hold; }
  // Reads the queue's attributes; what it learns decides may_requeue. Errors are the call's.
  task<result<queue_attributes>> inspect();
  // Spawns the pollers and the attribute reader; they run until `stop_polling`.
  void start(deliver to);
  // Long polls in flight are given up: what SQS was just handing over is visible again after 15 s at most.
  void stop_polling();
  void flush_now() { settler_.flush_now(); }

  std::size_t in_hand() const { return holder_.size(); }
  std::size_t reset_most_in_hand() { return holder_.reset_most(); }  // at once, since it was asked last
  // Of a worker that stops: what is in hand, and what SQS would not take back.
  std::size_t left_behind() const { return holder_.size() + settler_.not_taken_back(); }
  // Until it is read: one, so that every message is held, never requeued by choice.
  unsigned max_receive_count() const { return max_receive_count_.value_or(1); }
  std::string end_of_unsettled() const { return queues::end_of_unsettled(max_receive_count_); }
  // How the last receive went, or before the start the inspection; an error too while an extension waits for SQS, or
  // SQS denies to extend them, or to settle them.
  result<> last_answer() const;
  bool healthy() const;  // every poller came back in its time, or rests

 private:
  friend class held_message;
  struct poller {
    explicit poller(duration after) : apart(after) {}
    interrupt stop;
    duration apart;        // of its polls from those of the first, when all begin at once
    duration began{};      // uptime
    bool resting = false;  // for want of room, or of messages
    bool listens = false;  // its poll is in flight, and not overdue
  };
  task<> poll(poller& self);
  task<> poll_once(poller& self, unsigned& failures);
  task<> rest(poller& self, task<> until);
  bool somebody_listens() const;
  void end_quiet();
  task<result<std::vector<aws::sqs_message>>> receive(poller& self, unsigned most, std::chrono::seconds granted);
  task<> pause(poller& self, duration wait);  // ends at the stop
  void take(aws::sqs_message received, duration granted);
  task<> watch_attributes();
  void settle(const std::string& id, settlement how);
  void settled(const std::string& id);
  void say_again_in_hand(const aws::sqs_message& received);
  void warn_late();

  clock& clock_;
  aws::sqs& sqs_;
  task_group& tasks_;
  metrics& metrics_;
  logger log_;
  random_source& random_;
  queue_settings settings_;
  std::chrono::seconds receive_visibility_;  // of the next receive: no longer than any hook seen so far allows
  std::string name_;
  holder holder_;
  settler settler_;
  room room_;
  catch_up catch_up_;
  receive_outage outage_;
  seldom late_warning_{std::chrono::minutes(1)};
  seldom again_warning_{std::chrono::minutes(1)};
  std::vector<std::unique_ptr<poller>> pollers_;
  bool is_quiet_ = true;  // the last poll brought nothing
  signal quiet_ended_;
  interrupt attribute_watch_;
  deliver deliver_;
  bool stopping_ = false;
  result<> answered_ = error{errc::timeout, "not asked yet"};
  std::optional<unsigned> max_receive_count_;  // nullopt: not read yet
};

}  // namespace lifehook::queues
