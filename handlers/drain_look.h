#pragma once

#include "handlers/drain_reason.h"
#include "handlers/ecs_clusters.h"
#include "handlers/step.h"

#include <optional>
#include <string>
#include <vector>

namespace lifehook::handlers {

struct drain_settings {
  std::vector<std::string> clusters;
  bool any_cluster = false;  // clusters: auto
  bool deregisters = false;  // mode: deregister
  bool force = true;
  std::optional<duration> look_interval;  // nullopt: adapts
  bool stops_standalone = false;
  duration stop_after{0};
};

// Where an EC2 instance was found; no instances: in none of the clusters, all of which exist and are ACTIVE.
struct found_in_cluster {
  ecs_cluster_view* cluster = nullptr;
  found_instances instances;
};
task<result<found_in_cluster>> find_everywhere(step_context& in, const drain_settings& with);

// One drain, from DRAINING to the last look. Lives for one run of the step; what it remembers (when progress was seen
// last) only decides what is said, never what is true: that is read from AWS at every look.
class drain_look {
 public:
  drain_look(step_context& in, const drain_settings& with, found_in_cluster of);

  // done: no task runs, is pending, or is still stopping. gone: the container instance is no longer there. lost: the
  // EC2 instance ended with tasks on it.
  task<result<outcome>> until_empty();

 private:
  struct tally {
    int running = 0, pending = 0;
    std::size_t stopping = 0;
    bool operator==(const tally&) const = default;
    bool empty() const { return running + pending == 0 && stopping == 0; }
  };

  task<result<std::optional<outcome>>> round(bool first);
  task<result<>> set_draining();
  task<result<>> look();
  task<result<tally>> count();
  task<result<std::optional<outcome>>> see_to_it();
  bool should_stop_standalone() const;
  bool should_check();
  bool should_explain() const;
  bool all_connected() const;
  task<result<>> stop_standalone();
  task<result<std::optional<outcome>>> check_still_there();
  task<result<>> explain();
  task<result<std::vector<aws::ecs_task>>> remaining_tasks();
  duration until_next_look() const;

  step_context& in_;
  const drain_settings& settings_;
  ecs_cluster_view& cluster_;
  ecs_cluster_view::drain_count counted_;
  found_instances instances_;
  tally last_;
  time_point progress_at_;
  time_point explained_at_;
  time_point stopped_at_{};
  std::optional<time_point> disconnected_since_;
};

}  // namespace lifehook::handlers
