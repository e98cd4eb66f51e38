#pragma once

#include "handlers/group.h"
#include "handlers/occasion.h"
#include "handlers/step.h"
#include "handlers/step_record.h"
#include "handlers/step_times.h"
#include "handlers/vigil.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::handlers {

// A step of a configured list, bound to its group's settings. Shared by all its events.
struct bound_step {
  step_plan plan;
  std::unique_ptr<step> does;
  step_name name;
  bool undoes;
  bool gives_back;
  bool stands_aside;
};
using bound_stage = std::vector<bound_step>;  // what runs together

// What a step may be asked to do about an event.
enum class phase { run, undo, give_back };

// One step about one event, from its beginning until it has ended or is given up (destroyed). Counts and logs its end
// on every path.
class running_step {
 public:
  running_step(const bound_step& of, phase what, const occasion& on);
  ~running_step();
  running_step(const running_step&) = delete;
  running_step& operator=(const running_step&) = delete;

  // Goes on until it has ended. nullopt: it rests. Go on when `rests_for` is over, or the tenure was woken.
  task<std::optional<outcome>> go_on();
  duration rests_for() const { return context_.rests_for(); }
  task<> rest_here() { return context_.rest_here(); }
  // The same, resting here.
  task<outcome> to_end();

  // How it stands, for one who asks.
  step_standing standing() const;
  const running_step* next() const { return next_; }  // that runs for the same event

 private:
  task<> begin();
  task<result<outcome>> run();
  outcome end(const result<outcome>& ran);
  void leave();

  step_time time();
  step_record record();

  const bound_step& of_;
  tenure& tenure_;
  step_context context_;
  std::unique_ptr<vigil> vigil_;  // of a step that keeps one
  running_step* next_;            // of those of the event that run
  phase phase_;
  bool has_begun_ = false;
  bool has_ended_ = false;
};

}  // namespace lifehook::handlers
