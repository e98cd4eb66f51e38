#include "handlers/instance_action.h"

#include "handlers/deadline.h"

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr backoff_limits between_tries{2s, 30s};

}  // namespace

instance_action::instance_action(step_services& with, const group& of, plan_runner& steps,
                                 std::shared_ptr<const event> about, tenure& keeps, logger log)
    : services_(with),
      steps_(steps),
      about_(std::move(about)),
      tenure_(keeps),
      log_(std::move(log)),
      deadline_(deadline_of(
          {about_->kind, about_->time, keeps.with().sent, keeps.with().first_received, of.deadline, std::nullopt})),
      on_board_(with.deadlines, deadline_) {}

task<verdict> instance_action::attend() {
  alarm window(services_.hook.time);
  window.set(deadline_, [this] { tenure_.end(give_up::deadline); });
  auto trying = tenure_.work().guard(try_until_done());
  const auto tried = co_await std::move(trying);
  if (services_.dry_run) co_return verdict{verdict::kind::leave, {}, tried.has_value() ? *tried : outcome::failed};
  if (tried.has_value()) co_return verdict{verdict::kind::remove, {}, *tried};
  switch (tenure_.why()) {
    case give_up::stop: co_return verdict{verdict::kind::requeue, {}, outcome::done};
    case give_up::hold: co_return verdict{verdict::kind::requeue, tenure_.delay(), outcome::done};
    default: break;
  }
  log_.warn("window_ended", {{"outcome", name(outcome::failed)}});
  co_return verdict{verdict::kind::remove, {}, outcome::failed};
}

task<result<outcome>> instance_action::try_until_done() {
  for (unsigned attempt = 0;; ++attempt) {
    auto running = steps_.run(about_, tenure_, log_);
    auto ran = co_await std::move(running);
    if (ran.has_error() || !is_failure(*ran) || services_.dry_run) co_return ran;
    const auto wait = full_jitter(between_tries, attempt, services_.hook.random);
    if (tenure_.should_requeue(services_.hook.time.now())) tenure_.requeue_for(wait);
    co_await services_.hook.time.sleep_for(wait);
  }
}

}  // namespace lifehook::handlers
