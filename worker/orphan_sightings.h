#pragma once

#include "handlers/open_waits.h"

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace lifehook::worker {

// One look at what waits.
struct wait_look {
  duration when;                           // uptime
  std::vector<handlers::open_wait> waits;  // that this worker has not in hand
  std::size_t in_hand = 0;                 // waits that it has
  double messages = 0;                     // of any kind in its queues, in whoever's hand
};

// A lifecycle action that waits though no message speaks of it.
struct orphan {
  handlers::open_wait wait;
  duration since;  // uptime when it was first seen to wait
};

// Tells, look by look, which lifecycle actions wait though no message speaks of them. Pure. AWS lists no messages, so
// it goes by numbers: while there are as many messages as waits, each wait may have its own, in another worker's hand
// or still in the queue. Where there are fewer, the waits that this worker has not in hand are suspects, and AWS is to
// be asked, by a heartbeat, which of them are its hook's at all: what another hook holds needs no message. What is
// open, and still one too many after `after`, is an orphan. Of a short hook heartbeats begin sooner, so that it lives
// that long: SQS counts late. One that has waited for longer than its heartbeat timeout, without ours, is none:
// somebody keeps it open.
class orphan_sightings {
 public:
  explicit orphan_sightings(duration after) : after_(after) {}

  // Those to ask AWS about now.
  std::vector<handlers::open_wait> suspects(const wait_look& seen);
  // What AWS answered.
  void is_open(const handlers::event& about, duration when);
  void is_not_open(const handlers::event& about);
  // Of what was found open at this look. Each comes again at the next one, until it is told of or gone.
  std::vector<orphan> orphans(const wait_look& seen);
  // It has a message now.
  void told_of(const handlers::event& about);
  // A hook that was seen to wait, in whoever's hand.
  void note_timeout(std::chrono::seconds heartbeat_timeout);
  // Until the next look: soon enough for the shortest hook that was ever seen to wait.
  duration pause() const;

 private:
  using key = std::tuple<std::string, std::string, handlers::place>;  // instance, hook, where it goes
  enum class keeper {
    nobody,
    somebody,     // or it was told of: heartbeats of ours must not keep it open for ever
    another_hook  // holds the instance; this one is over
  };
  struct sighting {
    duration since;
    std::optional<duration> asked{};  // when AWS last took our heartbeat
    keeper kept_by = keeper::nobody;
  };
  static key key_of(const handlers::event& about) { return {about.instance, about.hook, about.destination}; }
  sighting* find(const handlers::event& about);
  static void note_kept(sighting& of);
  void update(const wait_look& seen);
  bool is_short(const wait_look& seen) const;
  duration waited(const sighting& of, duration now) const;
  bool is_due(const sighting& of, std::chrono::seconds heartbeat_timeout, duration now) const;

  duration after_;
  std::map<key, sighting> sightings_;
  std::optional<duration> short_since_;  // fewer messages than waits
  std::chrono::seconds shortest_{3600};  // heartbeat timeout seen
};

}  // namespace lifehook::worker
