#pragma once

#include "base/clock.h"
#include "base/interrupt.h"

namespace lifehook {

// Runs `work`, plain or with a result, for at most `limit`; errc::timeout when the limit comes first (the work has then
// ended at its current wait).
template <class Answer>
task<or_error<Answer>> within(clock& time, duration limit, task<Answer> work) {
  interrupt late;
  alarm limiter(time);
  limiter.set(limit, [&late] { late.raise(); });
  auto outcome = co_await late.guard(std::move(work));
  if (late.raised() && outcome.has_error() && outcome.error().code() == errc::cancelled)
    co_return error{errc::timeout, "no answer within the limit"};
  co_return outcome;
}

}  // namespace lifehook
