#pragma once

#include "handlers/open_waits.h"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace lifehook::worker {

// What tells one wait from the others: its instance, its hook and where it goes, in eight bytes. There may be a hundred
// thousand, and of two that are taken for one only the count is wrong.
using wait_key = std::size_t;
wait_key key_of(const handlers::event& about);

// One look at what waits.
struct wait_look {
  duration when{};                           // uptime
  std::vector<handlers::open_wait> waits{};  // that this worker has not in hand
  std::vector<wait_key> in_hand{};           // that it has
};

// A lifecycle action that waits though no message speaks of it.
struct orphan {
  handlers::open_wait wait;
  duration since;  // uptime when it was first seen to wait
};

// Tells, look by look, which lifecycle actions wait though no message speaks of them. Pure. AWS lists no messages, so
// it goes by numbers: while there are as many messages as waits, each wait may have its own, in another worker's hand
// or still in the queue. SQS counts up to a minute late, and hooks come and go meanwhile: so a look is short only when
// no count from shortly before it to a minute after it was as high as its waits. Those that this worker has not in hand
// are then suspects, and AWS is asked, by a heartbeat, which of them are its hook's at all: what another hook holds
// needs no message. What is open at short looks for as long as `after` is an orphan. Numbers do not tell which one it
// is: all that it may be are told of, and the messages that some of them have twice then must not hide the next one.
class orphan_sightings {
 public:
  explicit orphan_sightings(duration after) : after_(after) {}

  // Messages of any kind in the queues, in whoever's hand, as SQS counts them. One at each look, before its suspects;
  // between looks too, as often as may be, while a wait may turn out to be an orphan.
  void note_messages(double count, duration when);
  bool wants_counts() const;

  // Those to ask AWS about now.
  std::vector<handlers::open_wait> suspects(const wait_look& seen);
  // What AWS answered.
  void note_open(const handlers::event& about, duration when);
  void note_not_open(const handlers::event& about);
  // Of what was found open at this look; once for each look. An orphan comes again until it is told of or gone.
  std::vector<orphan> orphans(const wait_look& seen);
  // It has a message now, of its own or its second.
  void told_of(const handlers::event& about, duration when);
  // It gets none, and is to be found no more.
  void passed_over(const handlers::event& about);
  // A hook that was seen to wait, in whoever's hand.
  void note_timeout(std::chrono::seconds heartbeat_timeout);
  // Until the next look: soon enough for the shortest hook that was ever seen to wait.
  duration pause() const;

 private:
  enum class standing {
    unknown,
    kept,  // told of; or open for longer than its timeout, so by somebody: ours must not keep it open for ever
    over,  // another hook holds the instance
  };
  struct sighting {
    duration since;
    std::optional<duration> asked{};  // when AWS last took our heartbeat
    standing is = standing::unknown;
  };
  struct count {
    duration when;
    double messages;
  };
  // A look that waits for the counts of the minute after it. One at a time.
  struct trial {
    duration when;
    std::size_t open;  // waits, in whoever's hand
  };
  // By how many messages a look that was judged was short; none is 0.
  struct shortage {
    duration when;
    double of;
  };
  // One in our hand.
  struct own {
    wait_key key;
    duration since;
    bool operator<(const own& other) const { return key < other.key; }
  };
  sighting* find(const handlers::event& about);
  const own* find_own(wait_key key) const;
  void update(const wait_look& seen);
  std::size_t open() const;
  sighting seen_again(const handlers::open_wait& one, duration now) const;
  bool is_ripe(duration now) const;
  double shortfall() const;
  double explained(const sighting& of) const;
  duration short_since(const sighting& of) const;
  bool is_due(const sighting& of, std::chrono::seconds heartbeat_timeout, duration now) const;
  bool seems_short(const wait_look& seen) const;
  bool is_ending(const sighting& of, std::chrono::seconds heartbeat_timeout, duration now) const;
  bool came_meanwhile() const;
  void note_shortage(double missing, bool is_exact);
  bool is_orphan(const sighting& one, duration now) const;

  duration after_;
  std::unordered_map<wait_key, sighting> sightings_;  // of those that are not in our hand
  std::vector<own> ours_;                             // sorted
  std::set<wait_key> told_;                           // of by us, in whoever's hand: each a message more
  std::optional<duration> last_told_;
  std::deque<count> counts_;  // the latest
  std::optional<trial> trial_;
  std::deque<shortage> shortages_;        // of the latest looks
  std::map<duration, double> explained_;  // how much is missing no more, by the look at which orphans were found
  std::chrono::seconds shortest_{3600};   // heartbeat timeout seen
};

}  // namespace lifehook::worker
