#pragma once

#include "handlers/drain_reason.h"
#include "handlers/ecs_cluster_view.h"
#include "handlers/step.h"

#include <optional>
#include <string>
#include <vector>

namespace lifehook::handlers {

constexpr duration no_progress = std::chrono::minutes(1);  // from then on a drain stands still

// Why a drain stands still, told to the log and to the step's outcome: at once and every minute, every five where a
// reason is known, and less often where many stand still at once, for an explanation costs more calls than a hundred
// looks: all together may take a quarter of the reads. Owned by its drain from when that stands still to its next
// progress.
class drain_explanation {
 public:
  drain_explanation(step_context& in, time_point last_progress);

  bool is_due() const;
  // Reads what ECS says of the container instances' tasks. `seen`: by the last look. What only helps to explain may be
  // refused: the drain goes on without it.
  task<result<>> explain(ecs_cluster_view& cluster, std::vector<std::string> arns, drain_facts seen);

 private:
  duration until_due() const;
  task<result<drain_facts>> ask_why(ecs_cluster_view& cluster, std::vector<std::string> arns, drain_facts known);
  void tell(const drain_facts& known);

  step_context& in_;
  time_point last_progress_;
  std::optional<time_point> explained_at_;
  double patience_;  // 0..1: this drain's place among all that may need to be explained
};

}  // namespace lifehook::handlers
