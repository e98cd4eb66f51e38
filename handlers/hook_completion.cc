#include "handlers/hook_completion.h"

#include "aws/limits.h"
#include "handlers/action_proof.h"
#include "handlers/hook_ending.h"
#include "handlers/patience.h"

#include <utility>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration not_yet_pause = 5s;
constexpr backoff_limits between_tries{500ms, 30s};

// The call may have been carried out all the same.
bool is_unanswered(errc why) { return why == errc::timeout || why == errc::unreachable || why == errc::too_large; }

}  // namespace

// What is not known any more after an attempt that was not answered was ended by that one.
task<result<>> hook_completion::run(aws::hook_result with) {
  auto& services = hook_.services;
  for (unsigned attempt = 0;; ++attempt) {
    const auto left = hook_.beats ? hook_.beats->left() : aws::shortest_heartbeat_timeout;
    const auto answer = co_await services.autoscaling.complete(action_of(*hook_.about), with, {left, &under_way_});
    if (answer.has_value()) co_return answer;
    const auto why = answer.error();
    const bool was_sent = std::exchange(under_way_, {}).sent.has_value();
    may_have_arrived_ = may_have_arrived_ || (was_sent && is_unanswered(why.code()));
    auto pause = full_jitter(between_tries, attempt, services.random);
    if (why.code() == errc::not_found) {
      const auto over = co_await is_over();
      if (over.has_value() && *over) {
        hook_.over = true;
        co_return result<>();
      }
      pause = not_yet_pause;
      hook_.keeps.hindered().note(
          {.since = hook_.now(), .text = "AWS knows no such action, but may not have caught up"});
    } else {
      if (is_worth_saying(attempt))
        hook_.log.error("completing_failed",
                        {{"attempt", attempt + 1}, {"meaning", name(why.code())}, {"error", why.what()}});
      hook_.keeps.hindered().note(outage_of(why, "completing the hook", hook_.now()));
      if (is_too_late(why.code())) {
        give_up(why);
        co_return answer;
      }
    }
    co_await rest_or_requeue(services.time, hook_.keeps, pause);
  }
}

// Where AWS's timer may have run out before AWS was heard of again, the hook's own default result may stand as well.
bool hook_completion::took_effect() const {
  return !hook_.over || (may_have_arrived_ && !may_have_run_out(hook_)) || (hook_.proven && under_way_.sent);
}

task<result<bool>> hook_completion::is_over() const {
  return handlers::is_over(hook_.services, *hook_.about, hook_.age(), hook_.beats && hook_.beats->accepted());
}

// A limit on the series. What is rejected, not refused for want of an answer, will hardly be accepted later: where the
// global timeout is not known the deadline is the end.
bool hook_completion::is_too_late(errc why) const {
  if (hook_.global_timeout) return hook_.now() >= hook_.event_time + *hook_.global_timeout;
  return hook_.now() >= (why == errc::rejected ? hook_.deadline : hook_.event_time + aws::longest_lifecycle_action);
}

void hook_completion::give_up(const error& why) const {
  hook_.log.error("completing_given_up",
                  {{"error", why.what()},
                   {"advice",
                    "complete the action by hand (aws autoscaling complete-lifecycle-action), or let AWS apply the "
                    "hook's default result; the message is left to the queue's redrive policy"}});
}

}  // namespace lifehook::handlers
