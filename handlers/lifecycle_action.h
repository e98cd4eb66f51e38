#pragma once

#include "handlers/event_action.h"
#include "handlers/group.h"
#include "handlers/heartbeats.h"
#include "handlers/hook_ending.h"
#include "handlers/open_hook.h"
#include "handlers/plan_runner.h"
#include "handlers/services.h"
#include "handlers/tenure.h"
#include "handlers/verdict.h"

#include <memory>
#include <optional>

namespace lifehook::handlers {

// One lifecycle hook in hand: runs its group's steps, raced by the deadline, with heartbeats alongside from the moment
// of receipt; then completes it, and says what becomes of the message. "AWS did not answer" never becomes CONTINUE or
// ABANDON before the deadline (rule 2). Lives for one delivery, owned by it.
class lifecycle_action final : public event_action, private heartbeats::listener {
 public:
  // `terminating`: the group's list that is undone for an instance that returns from its warm pool; may be null.
  // The message's visibility is limited to the hook's quarter heartbeat timeout as soon as it is known.
  lifecycle_action(step_services& with, const group& of, plan_runner& steps, plan_runner* terminating,
                   std::shared_ptr<const event> about, tenure& keeps, logger log);
  ~lifecycle_action() override;

  task<std::optional<verdict>> attend() override;
  void tell(standing& into) const override;

 private:
  void timing_known(const aws::lifecycle_hook& hook) override;
  void timeout_shortened(duration to) override { hook_.keeps.heed_timeout(to); }
  void action_over() override;
  void proven() override { hook_.keeps.wake(); }
  duration event_age() const override { return hook_.age(); }
  bool came_before() const override { return hook_.keeps.with().came_before; }
  void arm_deadline();
  void move_deadline(time_point to);
  failure_policy policy() const;
  bool past_default() const;

  void begin();
  void keep_open();
  task<std::optional<outcome>> run_steps();
  task<std::optional<outcome>> undo_then_run();
  task<verdict> say(std::optional<outcome> ended);
  void rest();
  task<verdict> after(std::optional<outcome> ran);
  void tell_of_failure(outcome ran);

  task<verdict> decide(outcome ran);
  task<verdict> finish(aws::hook_result with, outcome ran);
  task<verdict> leave_to_default(outcome ran);
  task<verdict> close(hook_ending how);

  task<verdict> requeue();
  verdict requeued(std::string_view hook) const;

  plan_runner& steps_;
  plan_runner* terminating_;
  open_hook hook_;
  deadline_board::entry on_board_;
  alarm deadline_alarm_;
  std::unique_ptr<plan_run> run_;  // while its steps are to be gone on with
  bool undone_ = false;
  bool deadline_came_ = false;  // before its steps were done
  bool failure_told_ = false;
};

}  // namespace lifehook::handlers
