#pragma once

#include "handlers/group.h"
#include "handlers/plan_run.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <memory>
#include <vector>

namespace lifehook::handlers {

// A list of steps bound to its group's settings, made once from the configuration and shared by all its events.
class plan_runner {
 public:
  plan_runner(const group& of, const plan& what, step_services& with);

  // Runs the list: in order, a nested list together (one branch's failure does not stop its siblings). A failed step
  // ends the list unless it says on_error: next. The outcome is the first failure's; without one `skipped`
  // where no step had anything to do, else what a step had to say beside `done`. Steps that stand aside do not count.
  task<outcome> run(std::shared_ptr<const event> about, tenure& keeps, logger log);
  // The same, not gone on with yet: of thousands of events only the run is kept while it rests.
  std::unique_ptr<plan_run> begin(const occasion& on);
  // Runs what undoes the steps, for an instance that did not end after all.
  task<outcome> undo(std::shared_ptr<const event> about, tenure& keeps, logger log);
  bool undoes() const;
  // Runs what gives back, once the list has ended for good. The outcome is its first failure's, if any.
  task<outcome> give_back(std::shared_ptr<const event> about, tenure& keeps, logger log);
  bool gives_back() const;
  // When its work is to begin, where a step waits for that: what the deadline counts from. Long ago: at once.
  time_point begins(const event& about) const;

 private:
  bool any_in(phase what) const;
  task<outcome> run_those_in(phase what, occasion on);

  group group_;
  step_services& services_;
  std::vector<bound_stage> stages_;
};

}  // namespace lifehook::handlers
