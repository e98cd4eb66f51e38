#pragma once

#include "handlers/event_action.h"
#include "handlers/group.h"
#include "handlers/heartbeats.h"
#include "handlers/plan_runner.h"
#include "handlers/services.h"
#include "handlers/tenure.h"
#include "handlers/verdict.h"

#include <functional>
#include <memory>

namespace lifehook::handlers {

// One lifecycle hook in hand: runs its group's steps, raced by the deadline, with heartbeats alongside from the moment
// of receipt; then completes it, and says what becomes of the message. "AWS did not answer" never becomes CONTINUE or
// ABANDON before the deadline (rule 2). Lives for one delivery, owned by it.
class lifecycle_action final : public event_action, private heartbeats::listener {
 public:
  // `undo`: the group's terminating list, for an instance that returns from its warm pool; may be null.
  // `limit_visibility` is told the hook's quarter heartbeat timeout as soon as it is known.
  lifecycle_action(step_services& with, const group& of, plan_runner& steps, plan_runner* undo,
                   std::shared_ptr<const event> about, tenure& keeps, std::function<void(duration)> limit_visibility,
                   logger log);
  ~lifecycle_action() override;

  task<verdict> attend() override;

 private:
  void timing_known(const aws::lifecycle_hook& hook) override;
  void action_over() override;
  duration event_age() const override { return tenure_.age_of(event_time_, services_.hook.time.now()); }
  void arm_deadline();
  bool came_before() const override { return tenure_.with().came_before; }
  bool is_launch() const { return about_->kind == event_kind::launching; }
  failure_policy policy() const { return is_launch() ? group_.on_launch_failure : group_.on_terminate_failure; }

  task<verdict> decide(outcome ran);
  task<verdict> finish(aws::hook_result with, outcome ran);
  task<verdict> leave_to_default(outcome ran);
  task<result<>> complete(aws::hook_result with);
  bool completing_is_over(errc why) const;
  verdict give_up_completing(const error& why, outcome ran);
  task<result<>> wait_until_over();
  bool needs_parting_beat() const;
  task<verdict> give_back();
  verdict finished_with(aws::hook_result with, outcome ran);
  verdict ended_early();
  verdict was_over(duration timeout);
  task<std::optional<verdict>> close();
  task<result<>> welcome_back();
  task<result<std::string>> lifecycle_state();
  task<result<outcome>> run_steps();
  task<result<outcome>> welcome_then_run();
  task<result<outcome>> dry_run();
  bool past_default() const;
  verdict removed(std::string_view result, outcome ran);

  step_services& services_;
  const group& group_;
  plan_runner& steps_;
  plan_runner* undo_;
  std::shared_ptr<const event> about_;
  tenure& tenure_;
  std::function<void(duration)> limit_visibility_;
  logger log_;
  time_point event_time_;
  std::optional<duration> global_timeout_;
  time_point deadline_;
  deadline_board::entry on_board_;
  alarm deadline_alarm_;
  std::optional<heartbeats> heartbeats_;
  bool over_ = false;
  bool may_have_completed_ = false;  // a completion was sent, and not refused
};

}  // namespace lifehook::handlers
