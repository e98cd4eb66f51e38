#pragma once

#include "aws/call_rate.h"
#include "base/clock.h"

#include <optional>

namespace lifehook::aws {

// What an account may call of a family of APIs: `most` at once, and `refill` a second from then on.
struct call_limits {
  double most = 0;
  double refill = 0;   // 0: AWS publishes none
  bool adapts = true;  // false: it throttles single resources only, which is no reason to slow all calls down
  call_limits shared_by(double replicas) const;  // never less than one at once
};

// The calls of one family as this process may still make them. Where AWS throttles although we kept within the limits
// (others share the account's buckets, or the limits are not known) it slows down and comes back as the SDKs' adaptive
// mode does: 0.7 of what AWS let through, then up along a cubic curve as far as it is used, and to all of the limits,
// or to none where none are known, after ten minutes without a throttle. Never below two calls a second, so that a
// heartbeat gets through. Pure: times are uptimes, handed in.
class token_bucket {
 public:
  explicit token_bucket(call_limits of) : limits_(of), tokens_(of.most) {}

  duration until_free(duration now);  // 0: a call may leave
  void take(duration now);
  void throttled(duration now);
  void succeeded(duration now);
  // Other limits from now on: what is left, what is owed and what AWS has slowed down keep their part of them.
  void change(call_limits to, duration now);
  bool is_slowed() const { return slowed_to_.has_value(); }  // AWS has throttled of late
  std::optional<double> rate() const;                        // calls a second at present; nullopt: any number
  double burst() const;                                      // calls at once at present
  // Whether more than half of a burst is left; where AWS publishes no limits, always. No: AWS has throttled of late.
  bool has_to_spare(duration now);

 private:
  double floor() const;
  void refill(duration now);
  void measure(duration now);
  double let_through(duration now) const;

  call_limits limits_;
  double tokens_;
  duration filled_{0};

  std::optional<double> slowed_to_;  // calls a second, since AWS throttled
  double highest_ = 0;               // the rate it throttled at
  duration throttled_at_{0};
  double let_through_since_ = 0;  // calls
  call_rate let_through_lately_;

  double measured_ = 0;  // calls a second, smoothed
  double in_window_ = 0;
  duration window_{0};
};

}  // namespace lifehook::aws
