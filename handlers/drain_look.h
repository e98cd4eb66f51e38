#pragma once

#include "handlers/drain_explanation.h"
#include "handlers/drain_host.h"
#include "handlers/drain_reason.h"
#include "handlers/drain_tasks.h"
#include "handlers/find_in_clusters.h"
#include "handlers/instance_news.h"
#include "handlers/step.h"
#include "handlers/turnstile.h"
#include "handlers/vigil.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::handlers {

struct drain_settings {
  cluster_choice clusters;
  bool deregisters = false;               // mode: deregister
  bool force = true;                      // of a deregistration
  std::optional<duration> look_interval;  // nullopt: adapts
  // Before an instance counts as drained, and one that is in no cluster as that: what ECS lists and counts is late.
  duration empty_for{0};
  bool stops_standalone = false;
  duration stop_after{0};
  duration stop_remaining{0};  // before the end of the step's time: whatever still runs; 0: nothing
};

// One drain, from finding the container instance over DRAINING to the last look. What it remembers (when progress was
// seen last, whether emptiness was seen twice) only decides what is said and how often is looked, never what is true:
// that is read from AWS at every look. Thousands rest at once: what few of them need is made when it is needed.
class drain_look final : public vigil, private instance_news::ear {
 public:
  // `looks`: of all drains of the step, so many look at once, the first time from finding to DRAINING. Where thousands
  // drain they wait for the budget of ECS's calls meanwhile.
  drain_look(step_context& in, const drain_settings& with, turnstile& looks);

  // skipped: it is in no cluster, seen twice. done: no task runs, is pending, or is still stopping, seen twice. gone:
  // the container instance is no longer there, and none has registered in its place, seen twice. lost: the EC2 instance
  // ended with tasks on it.
  task<result<std::optional<outcome>>> look() override;
  rest until_next() const override;
  std::string progress() const override;

 private:
  // One of the instance's container instances. `now`: as ECS has just described it; let go of between looks.
  struct registration {
    std::string arn;
    current_instance now;
  };

  void heard() override { in_.wake(); }  // that EC2 has ended the instance
  task<result<std::optional<outcome>>> first_look();
  bool is_sure_of_none();
  bool has_turn();
  bool stands_in_line() const { return turn_ && !turn_->has_turn(); }
  duration until_look() const;
  duration until_stops(duration look) const;
  task<result<std::optional<outcome>>> round();
  task<result<>> refresh();
  task<result<>> set_draining(registration& of);
  task<result<std::optional<drain_tally>>> count();
  task<result<std::optional<int>>> count_stopping();
  task<result<std::optional<outcome>>> while_counting();
  bool is_still_counting() const;  // until it is over, a look would tell nothing new
  void hold(const found_instances& found);
  bool take_in(const found_instances& found);  // what is not held yet; true: there was some
  task<result<found_instances>> find_again();
  task<result<bool>> find_registered_anew();
  void note_members();
  void note(const drain_tally& now);
  task<result<std::optional<outcome>>> end();
  task<result<std::optional<outcome>>> see_to_it();
  time_point stops_standalone_at() const;
  tasks_to_stop whom_to_stop() const;
  bool stands_still() const;
  bool should_explain();
  bool is_lost();
  bool is_dead();
  ecs_cluster_view& cluster() const { return counted_->cluster(); }
  bool was_just_found() const {
    return std::any_of(instances_.begin(), instances_.end(), [](const auto& each) { return each.now != nullptr; });
  }
  std::vector<std::string> arns() const;

  step_context& in_;
  const drain_settings& settings_;
  turnstile& turnstile_;
  std::unique_ptr<turnstile::visit> turn_;                // while it looks, or stands in line for that
  std::optional<ecs_cluster_view::drain_count> counted_;  // once it is found
  std::vector<registration> instances_;
  drain_tally last_;
  bool in_doubt_ = true;      // tasks were there, or could be placed: at the look before, or for all we know
  bool none_found_ = false;   // at the look before: believed when it is seen again
  bool left_ = false;         // one of them is gone: its agent may have registered again
  bool connected_ = true;     // all agents, at the last look
  bool has_agent_ = true;     // one of them is
  bool is_counting_ = false;  // at the last look: tasks that were told to stop; see is_still_counting
  std::optional<duration> none_runs_since_;  // in uptime: at a look, and at all since; once seen empty, since then
  duration sought_at_{};                     // in uptime: its container instances
  time_point progress_at_;
  time_point stopped_at_{};                         // tasks, last
  tasks_to_stop stopped_ = tasks_to_stop::none;     // at that time
  std::unique_ptr<drain_host> host_;                // once there was reason to doubt that it lives
  std::unique_ptr<drain_explanation> explanation_;  // while it stands still
};

outcome not_in_cluster(step_context& in, const cluster_choice& among);  // says so

}  // namespace lifehook::handlers
