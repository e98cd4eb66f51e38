#pragma once

#include "aws/coalescer.h"
#include "aws/ecs.h"
#include "handlers/look_interval.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lifehook::handlers {

using found_instances = std::vector<aws::container_instance>;  // usually one; two when an agent registered again

// A container instance as ECS described it last; null: gone. Shared, so that the coroutines which hand it on have room
// for a pointer: thousands ask at the same moment.
using current_instance = std::shared_ptr<const aws::container_instance>;

// Who named a cluster. Of one that a person configured, "not found" is an outage: the configuration must be corrected.
// One that ECS listed may have been deleted since: then nothing is in it, and whoever asks is told so.
enum class named_by { configuration, listing };

class ecs_clusters;

// One ECS cluster as all its drains see it: questions asked at once leave as one call, within ECS's limits (100
// described, 10 changed), because the account's read budget (20 calls a second) is shared with everything the user
// runs. What an answer of ECS does not mention has not been answered: errc::unreachable, never "gone" or "none".
class ecs_cluster_view {
 public:
  ecs_cluster_view(clock& time, aws::ecs& with, task_group& tasks, const ecs_clusters& among, std::string name,
                   named_by who);

  // Whether the cluster exists and is ACTIVE; denied (an outage, rule 2) when not. Cached for a minute.
  task<result<>> require_active();
  // The container instances of an EC2 instance, verified by ec2InstanceId; empty: none.
  task<result<found_instances>> find(std::string ec2_instance_id);
  // As it is now.
  task<result<current_instance>> look(std::string arn);
  // Sets DRAINING; as it is then. rejected or not_found: ECS would not; a look tells why.
  task<result<current_instance>> drain(std::string arn);
  task<result<current_instance>> activate(std::string arn) { return set_state(std::move(arn), "ACTIVE"); }
  task<result<>> deregister(std::string arn, bool force);  // success when it is not there
  // The tasks meant to run on a container instance, the first hundred of them.
  task<result<std::vector<aws::ecs_task>>> running_tasks(std::string arn);
  // How many tasks of a container instance were told to stop and have not stopped yet (runningTasksCount does not count
  // them). Read per instance, or for the whole cluster where that takes fewer calls. not_found: ECS no
  // longer knows the container instance.
  task<result<std::size_t>> stopping(std::string arn);

  // How long to wait between looks so that all drains of all clusters stay within what the read budget is at present:
  // 1 s while few drain, at most 10 s where that can be, 30 s where it cannot.
  duration look_interval() const;
  look_round round() const;  // of this cluster
  std::size_t draining() const { return draining_; }
  const std::string& name() const { return name_; }

  // Counts one drain while it lives, and tells its turn among those that look.
  class drain_count {
   public:
    explicit drain_count(ecs_cluster_view& of) : of_(of), place_(of.joined_++) { ++of_.draining_; }
    ~drain_count() { --of_.draining_; }
    drain_count(const drain_count&) = delete;
    drain_count& operator=(const drain_count&) = delete;

    duration phase(duration interval) const { return look_phase(place_, of_.draining_, interval); }

   private:
    ecs_cluster_view& of_;
    std::size_t place_;
  };

 private:
  task<result<std::vector<result<found_instances>>>> fetch_found(std::vector<std::string> ids);
  task<result<std::vector<result<current_instance>>>> fetch_looks(std::vector<std::string> arns);
  task<result<std::vector<result<current_instance>>>> fetch_drains(std::vector<std::string> arns);
  task<result<std::vector<result<std::size_t>>>> fetch_stopping(std::vector<std::string> arns);
  task<result<std::vector<result<std::size_t>>>> count_together(std::vector<std::string> arns);
  task<result<std::vector<result<std::size_t>>>> count_one_by_one(std::vector<std::string> arns);
  task<result<current_instance>> set_state(std::string arn, std::string status);
  task<result<std::map<std::string, std::size_t>>> count_stopping(std::string container_instance);
  task<result<aws::ecs_listing<aws::container_instance>>> describe(std::vector<std::string> arns);

  clock& clock_;
  aws::ecs& ecs_;
  std::string name_;
  named_by named_by_;
  aws::coalescer<std::string, found_instances> finds_;
  aws::coalescer<std::string, current_instance> looks_;
  aws::coalescer<std::string, current_instance> drains_;
  aws::coalescer<std::string, std::size_t> stopping_;
  const ecs_clusters& among_;
  time_point active_until_{};
  std::size_t draining_ = 0;
  std::size_t joined_ = 0;    // ever
  std::size_t counting_ = 0;  // calls of the last count of stopping tasks
  time_point counted_at_{};
  std::size_t pages_ = 1;                // of the last cluster-wide listing of stopped tasks
  std::set<std::string> known_stopped_;  // need no describing again; only those the last listing still showed
};

// The clusters of this account and region, made when first named.
class ecs_clusters {
 public:
  ecs_clusters(clock& time, aws::ecs& with, task_group& tasks) : clock_(time), ecs_(with), tasks_(tasks) {}

  ecs_cluster_view& of(const std::string& name, named_by who = named_by::configuration);
  std::size_t draining() const;
  look_round round() const;  // of all clusters
  // All clusters, for `clusters: auto`; listed at most once a minute.
  task<result<std::vector<std::string>>> all();
  // Where instances of this Auto Scaling group were found last: asked first by `clusters: auto`.
  void remember(const std::string& scaling_group, const std::string& cluster) { homes_[scaling_group] = cluster; }
  std::string home_of(const std::string& scaling_group) const;

 private:
  clock& clock_;
  aws::ecs& ecs_;
  task_group& tasks_;
  std::map<std::pair<named_by, std::string>, std::unique_ptr<ecs_cluster_view>> views_;
  std::vector<std::string> all_;
  time_point all_until_{};
  std::map<std::string, std::string> homes_;
};

}  // namespace lifehook::handlers
