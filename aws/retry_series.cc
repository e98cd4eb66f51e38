#include "aws/retry_series.h"

namespace lifehook::aws {

duration retry_series::waits_from(duration now) {
  if (!waits_since_) waits_since_ = now;
  return options_.patience - (now - *waits_since_);
}

after_try retry_series::after(retry_kind failure, std::string_view asked, duration now, random_source& random) {
  if (failure == retry_kind::transient && !options_.resend) return {};
  if (failure == retry_kind::throttling && paced_ && options_.attempts > 1) return after_throttle(asked, now, random);
  if (failure == retry_kind::none || retries_ + 1 >= options_.attempts) return {};
  const auto wait = retry_delay(failure, retries_, asked, random);
  // A poller whose retries are used up would otherwise come back at once, for ever.
  if (!quota_.take(failure)) return {false, options_.long_poll ? wait : duration::zero(), failure};
  ++retries_;
  last_ = failure;
  return {true, wait, failure};
}

after_try retry_series::after_throttle(std::string_view asked, duration now, random_source& random) {
  const bool has_time = waits_from(now) > duration::zero();
  if (++throttles_ >= options_.attempts && !has_time) return {};
  return {true, retry_delay(retry_kind::paced, throttles_ - 1, asked, random), retry_kind::paced};
}

}  // namespace lifehook::aws
