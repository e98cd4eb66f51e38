#pragma once

#include "handlers/event_action.h"
#include "handlers/group.h"
#include "handlers/plan_runner.h"
#include "handlers/services.h"
#include "handlers/tenure.h"
#include "handlers/verdict.h"

#include <memory>
#include <optional>

namespace lifehook::handlers {

// An event without a hook (interruption, state change, scheduled change, a task's) in hand: runs its group's steps,
// again after a failure that another try may mend, until its window ends; then the message is removed with outcome
// `failed`, or `timeout` when it came too late. What the list took for its time only is given back however it ended,
// also when the window is long over: capacity must not creep. What was done for a reboot is undone when it is over.
// Lives for one delivery.
class instance_action final : public event_action {
 public:
  instance_action(step_services& with, const group& of, plan_runner& steps, std::shared_ptr<const event> about,
                  tenure& keeps, logger log);

  task<std::optional<verdict>> attend() override;
  void tell(standing& into) const override;

 private:
  // One change may come in several copies, of several pages: each instance is worked on once for each start.
  enum class progress {
    none,           // of those that came before
    awaits_return,  // the list is done: its instance is to return, long after the window, most often
    settled,
  };
  enum class undoing { nothing, at_once, once_returned };

  task<result<outcome>> work();
  task<result<outcome>> work_within_window();
  task<result<>> give_back_in_time();
  undoing undoing_after(outcome ran) const;
  task<result<bool>> undo_after(outcome ran);
  task<result<>> undo(undoing when);
  task<outcome> note_end(outcome ended);
  task<outcome> window_over();
  task<result<progress>> read_progress();
  verdict unanswered(const error& why) const;
  verdict end_of(outcome ran) const;
  task<> note_progress(progress how_far);
  task<outcome> try_until_done();
  task<outcome> give_back();
  task<bool> still_serves();
  task<> rest_before(unsigned attempt);
  std::optional<verdict> requeued() const;
  time_point window_end() const;
  void limit_giving_back(alarm& limit);

  step_services& services_;
  const group& group_;
  plan_runner& steps_;
  std::shared_ptr<const event> about_;
  tenure& tenure_;
  logger log_;
  time_point deadline_;
  progress so_far_ = progress::none;
};

}  // namespace lifehook::handlers
