#pragma once

#include "handlers/group.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lifehook::handlers {

// A list of steps bound to its group's settings, made once from the configuration and shared by all its events.
class plan_runner {
 public:
  plan_runner(const group& of, const plan& what, step_services& with);

  // Runs the list: in order, a nested list together (one branch's failure does not stop its siblings). A failed step
  // ends the list unless it says on_error: next. The outcome is the first failure's; without one `skipped`
  // where no step had anything to do, else what a step had to say beside `done`. Steps that stand aside do not count.
  task<result<outcome>> run(std::shared_ptr<const event> about, tenure& keeps, logger log);
  // Runs what undoes the steps, for an instance that did not end after all.
  task<result<outcome>> undo(std::shared_ptr<const event> about, tenure& keeps, logger log);
  bool undoes() const;
  // Runs what gives back, once the list has ended for good. The outcome is its first failure's, if any.
  task<result<outcome>> give_back(std::shared_ptr<const event> about, tenure& keeps, logger log);
  bool gives_back() const;
  // When its work is to begin, where a step waits for that: what the deadline counts from. Long ago: at once.
  time_point begins(const event& about) const;

 private:
  struct bound_step {
    step_plan plan;
    std::unique_ptr<step> does;
    std::string name;   // within its list: "raise_capacity/2.1" is in the second place, beside others
    std::size_t alike;  // that stand before it in its list: the same step with the same settings
    bool undoes;
    bool gives_back;
    bool stands_aside;
  };
  using bound_stage = std::vector<bound_step>;
  // The only step of a list of one: as most lists are. Its run needs no frame of the list's.
  const bound_step* only() const;
  task<result<outcome>> run_all(std::shared_ptr<const event> about, tenure& keeps, logger log);
  // What a step may be asked to do about an event.
  enum class phase { run, undo, give_back };
  static bool takes_part(const bound_step& each, phase in);
  static task<result<outcome>> begin(step& each, phase in, step_context& with);
  bool any_in(phase what) const;
  task<result<outcome>> run_those_in(phase what, std::shared_ptr<const event> about, tenure& keeps, logger log);

  task<result<outcome>> run_step(const bound_step& each, phase what, std::shared_ptr<const event> about, tenure& keeps,
                                 logger log);
  task<> run_together(const bound_stage& steps, std::shared_ptr<const event> about, tenure& keeps, logger log,
                      std::vector<outcome>& ends);

  group group_;
  step_services& services_;
  std::vector<bound_stage> stages_;
};

}  // namespace lifehook::handlers
