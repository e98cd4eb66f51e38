#pragma once

#include "aws/lanes.h"
#include "handlers/cluster_answers.h"
#include "handlers/drain_inquiry.h"
#include "handlers/look_interval.h"
#include "handlers/stopping_count.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lifehook::handlers {

// One ECS cluster as all its drains see it: questions asked at once leave as one call, within ECS's limits (100
// described, 10 changed), because the account's read budget (20 calls a second) is shared with everything the user
// runs. What an answer of ECS does not mention has not been answered: errc::unreachable, never "gone" or "none". Calls
// in haste (aws/haste.h) go before the others.
class ecs_cluster_view {
 public:
  ecs_cluster_view(clock& time, aws::by_haste<aws::ecs> with, task_group& tasks, std::string name, named_by who);
  ~ecs_cluster_view();

  // Whether the cluster exists and is ACTIVE; denied (an outage, rule 2) when not. Cached for a minute.
  task<result<>> require_active(aws::haste how = aws::haste::usual);
  // The container instances of an EC2 instance, verified by ec2InstanceId; empty: none.
  task<result<found_instances>> find(std::string ec2_instance_id, aws::haste how = aws::haste::usual);
  // As it is now.
  task<result<current_instance>> look(std::string arn, aws::haste how = aws::haste::usual);
  // Sets DRAINING; as it is then. rejected or not_found: ECS would not; a look tells why.
  task<result<current_instance>> drain(std::string arn, aws::haste how = aws::haste::usual);
  // Whether such a call is under way; also when the work that asked for it has been given up since.
  bool is_setting_draining(const std::string& arn) const { return drains_.is_asking(arn); }
  task<result<current_instance>> activate(std::string arn);
  task<result<>> deregister(std::string arn, bool force,
                            aws::haste how = aws::haste::usual);  // success when it is not there
  // The tasks meant to run on a container instance.
  task<result<std::vector<aws::ecs_task>>> running_tasks(std::string arn, aws::haste how = aws::haste::usual);
  // What is known of why they remain, see drain_inquiry.
  task<result<drain_facts>> why_tasks_remain(std::string arn, aws::haste how = aws::haste::usual);
  // Its tasks that were told to stop and have not stopped yet, see stopping_count.
  task<result<std::optional<stopping_tasks>>> stopping(std::string arn, duration since,
                                                       aws::haste how = aws::haste::usual);
  bool is_counting_stopping(const std::string& arn) const { return stopping_.is_counting(arn); }

  look_round round(aws::haste of = aws::haste::usual) const;  // one look of each drain in such haste
  std::size_t draining() const { return draining_ + hurried_; }
  double calls_to_explain() const;  // of every drain why it stands still, in calls that looks could make instead
  const std::string& name() const { return name_; }

  // Counts one drain while it lives, and says when within each interval it looks, so that not all look at once.
  class drain_count {
   public:
    explicit drain_count(ecs_cluster_view& of, aws::haste how = aws::haste::usual)
        : of_(of), place_(of.joined_++), how_(how) {
      ++of_.drains_in(how_);
    }
    ~drain_count() { --of_.drains_in(how_); }
    drain_count(const drain_count&) = delete;
    drain_count& operator=(const drain_count&) = delete;

    ecs_cluster_view& cluster() const { return of_; }
    duration phase(duration interval) const { return look_phase(place_, of_.draining(), interval); }

   private:
    ecs_cluster_view& of_;
    std::uint32_t place_;  // with `how_` in a word: thousands rest at once
    aws::haste how_;
  };

 private:
  using currents = std::vector<result<current_instance>>;

  std::size_t& drains_in(aws::haste how) { return how == aws::haste::hurried ? hurried_ : draining_; }
  task<result<std::vector<result<found_instances>>>> fetch_found(std::vector<std::string> ids, aws::haste how);
  task<std::vector<result<found_instances>>> find_each(std::vector<std::string> ids, aws::haste how);
  task<result<currents>> fetch_looks(std::vector<std::string> arns, aws::haste how);
  task<result<currents>> fetch_drains(std::vector<std::string> arns, aws::haste how);
  task<currents> drain_each(std::vector<std::string> arns, aws::haste how);
  task<result<current_instance>> set_state(std::string arn, std::string status, aws::haste how);
  task<result<aws::ecs_listing<aws::container_instance>>> describe(std::vector<std::string> arns, aws::haste how);

  clock& clock_;
  aws::by_haste<aws::ecs> service_;
  std::string name_;
  named_by named_by_;
  aws::lanes<std::string, found_instances> finds_;
  aws::lanes<std::string, current_instance> looks_;
  aws::lanes<std::string, current_instance> drains_;
  stopping_count stopping_;
  drain_inquiry inquiry_;
  duration active_until_{0};  // in uptime: a wall clock may step
  std::size_t draining_ = 0;  // drains in no haste
  std::size_t hurried_ = 0;   // drains in haste
  std::uint32_t joined_ = 0;  // drains so far, those that have ended too
};

}  // namespace lifehook::handlers
