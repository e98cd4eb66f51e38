#pragma once

#include "base/clock.h"
#include "base/interrupt.h"

namespace lifehook {

// Runs `work` for at most `limit`; errc::timeout when the limit comes first (the work has then ended at its current
// wait).
template <class T>
task<result<T>> within(clock& time, duration limit, task<result<T>> work) {
  interrupt late;
  alarm limiter(time);
  limiter.set(limit, [&late] { late.raise(); });
  auto outcome = co_await late.guard(std::move(work));
  if (late.raised() && outcome.has_error() && outcome.error().code() == errc::cancelled)
    co_return error{errc::timeout, "no answer within the limit"};
  co_return outcome;
}

}  // namespace lifehook
