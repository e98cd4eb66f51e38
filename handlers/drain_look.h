#pragma once

#include "handlers/drain_host.h"
#include "handlers/drain_reason.h"
#include "handlers/ecs_clusters.h"
#include "handlers/instance_news.h"
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
  duration empty_for{0};                  // before an instance that had tasks, or was open to them, counts as drained
  bool stops_standalone = false;
  duration stop_after{0};
};

// Where an EC2 instance was found; no instances: in none of the clusters, all of which exist and are ACTIVE.
struct found_in_cluster {
  ecs_cluster_view* cluster = nullptr;
  found_instances instances;
};
task<result<found_in_cluster>> find_everywhere(step_context& in, const drain_settings& with);
// The same while the event is being proven; found again where that took its time.
task<result<found_in_cluster>> find_proven(step_context& in, const drain_settings& with);

// One drain, from DRAINING to the last look. Lives for one run of the step; what it remembers (when progress was seen
// last, whether emptiness was seen twice) only decides what is said and how often is looked, never what is true: that
// is read from AWS at every look.
class drain_look {
 public:
  drain_look(step_context& in, const drain_settings& with, found_in_cluster of);

  // One look and what follows from it; nullopt: look again after `until_next`. done: no task runs, is pending, or is
  // still stopping, seen twice where it was not so before. gone: the container instance is no longer there, and none
  // has registered in its place. lost: the EC2 instance ended with tasks on it.
  task<result<std::optional<outcome>>> round();
  duration until_next() const;
  // Whether the next look only confirms what this one has seen: not worth giving the message back for.
  bool confirms() const { return last_.empty(); }
  clock::sleep_handle& news() { return news_.sleeping(); }  // ends the wait: the instance has ended

 private:
  struct tally {
    int running = 0, pending = 0;
    std::size_t stopping = 0;
    bool operator==(const tally&) const = default;
    bool empty() const { return running + pending == 0 && stopping == 0; }
  };

  task<result<>> refresh();
  task<result<>> set_draining();
  task<result<tally>> count();
  void note(const tally& now);
  task<result<std::optional<outcome>>> end();
  task<result<std::optional<outcome>>> see_to_it();
  bool should_stop_standalone() const;
  bool should_check();
  bool should_explain() const;
  duration until_explained() const;
  bool all_connected() const;
  task<result<>> stop_standalone();
  bool has_ended();
  bool is_lost();
  task<result<>> explain();
  task<result<std::vector<aws::ecs_task>>> remaining_tasks();

  step_context& in_;
  const drain_settings& settings_;
  ecs_cluster_view& cluster_;
  ecs_cluster_view::drain_count counted_;
  found_instances instances_;
  bool just_found_ = true;  // instances_ are as ECS described them a moment ago
  bool left_ = false;       // one of them is gone: its agent may have registered again
  bool in_doubt_;           // tasks were there, or could be placed: at the look before, or for all we know
  tally last_;
  time_point progress_at_;
  time_point explained_at_;
  bool explained_ = false;  // since the last progress
  double patience_;         // 0..1: this drain's place among all that may need to be explained
  time_point stopped_at_{};
  std::optional<time_point> disconnected_since_;
  drain_host host_;
  instance_news::ear news_;
};

}  // namespace lifehook::handlers
