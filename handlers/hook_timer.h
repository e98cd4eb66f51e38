#pragma once

#include "aws/limits.h"
#include "base/clock.h"

#include <optional>

namespace lifehook::handlers {

// AWS's timer of one open hook, as far as it can be known here: how long it is, and when a heartbeat last set it. Pure.
class hook_timer {
 public:
  // What is known of the hook without a heartbeat: how old its event is, which began the timer, and whether the message
  // was in hand before, here or elsewhere, so that heartbeats may have been sent that nobody here has seen.
  struct beginning {
    duration event_age{0};
    bool came_before = false;
  };

  // The hook's, or the shortest that AWS takes while it is not known.
  duration length() const { return length_; }
  bool is_known() const { return is_known_; }
  void learn(duration length);
  void shorten(duration to) { length_ = to; }

  // A heartbeat that AWS accepted was sent then.
  void set(time_point when) { last_set_ = when; }
  std::optional<time_point> last_set() const { return last_set_; }

  // How long ago it was last set, by a heartbeat or by the event itself.
  duration age(time_point now, const beginning& by) const;
  // A careful guess at how long until it runs out, by which heartbeats are sent in time: never less than a quarter of
  // it; half of it where another worker may have sent the last heartbeat.
  duration left(time_point now, const beginning& by) const;
  // How long until it runs out, for people: counted from when it was last set, below zero once it has run out. nullopt
  // where that is not known: the message was in hand before, or the hook's timeout has not been learned yet.
  std::optional<duration> until_end(time_point now, const beginning& by) const;

 private:
  duration length_ = aws::shortest_heartbeat_timeout;
  bool is_known_ = false;
  std::optional<time_point> last_set_;
};

}  // namespace lifehook::handlers
