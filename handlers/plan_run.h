#pragma once

#include "handlers/running_step.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace lifehook::handlers {

// One run of a list of steps about one event, and where it stands. What has ended or has been given up (destroyed) is
// not gone on with.
class plan_run {
 public:
  plan_run(const std::vector<bound_stage>& stages, const occasion& on) : stages_(stages), on_(on) {}
  plan_run(const plan_run&) = delete;
  plan_run& operator=(const plan_run&) = delete;

  // Goes on until the list has ended: plan_runner::run says with what. nullopt: it rests. Go on when `rests_for` is
  // over, or the tenure was woken. What runs together rests in its own waits.
  task<std::optional<outcome>> go_on();
  duration rests_for() const { return step_->rests_for(); }
  // The same, resting here.
  task<outcome> to_end();

 private:
  task<std::optional<std::vector<outcome>>> go_on_with(const bound_stage& stage);
  task<std::vector<outcome>> run_together(const bound_stage& stage);
  bool note(const bound_stage& stage, const std::vector<outcome>& ends);

  const std::vector<bound_stage>& stages_;
  const occasion& on_;
  std::size_t stage_ = 0;
  std::optional<outcome> so_far_;
  std::unique_ptr<running_step> step_;  // of a stage of one
};

// What a list is said to have ended with: its first failure, else the last word that is not plain `done`; `skipped`
// only where none of its steps had anything to do.
outcome together(std::optional<outcome> so_far, outcome next);

}  // namespace lifehook::handlers
