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

  // From when it was last set, by a heartbeat or by the event itself.
  duration age(time_point now, const beginning& by) const;
  // Until it runs out, to be on the safe side; never less than a quarter of it. Of what was left with a heartbeat that
  // nobody here has seen, half.
  duration left(time_point now, const beginning& by) const;
  // The same as it was last set, for people: below zero once it has run out. Not known of what was in hand before, nor
  // before the hook's timeout is.
  std::optional<duration> until_end(time_point now, const beginning& by) const;

 private:
  duration length_ = aws::shortest_heartbeat_timeout;
  bool is_known_ = false;
  std::optional<time_point> last_set_;
};

}  // namespace lifehook::handlers
