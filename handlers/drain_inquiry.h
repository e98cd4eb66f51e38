#pragma once

#include "aws/lanes.h"
#include "handlers/cluster_answers.h"
#include "handlers/cluster_tasks.h"
#include "handlers/drain_reason.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace lifehook::handlers {

// Which tasks are still on one cluster's container instances, and why. Many drains ask at once, so their questions
// leave together: tasks are listed as cluster_tasks does it, a GetTaskProtection asks about a hundred tasks, a
// DescribeServices about ten services, once for all who ask. Drains in haste (aws/haste.h) share calls with each
// other only. Who asks why, while others do, waits up to five seconds for their questions to gather.
class drain_inquiry {
 public:
  drain_inquiry(clock& time, aws::by_haste<aws::ecs> with, task_group& tasks, std::string cluster, named_by who);

  // The tasks meant to run there; none where ECS no longer knows the container instance. Gathered for a second at most.
  task<result<std::vector<aws::ecs_task>>> tasks_of(std::string container_instance, aws::haste how = aws::haste::usual);
  // These tasks and, where they alone do not tell why they stay, which of them have scale-in protection, and their
  // services as they were at most ten seconds ago. Either is left out where ECS refuses to tell it.
  task<result<drain_facts>> facts_of(std::string container_instance, aws::haste how = aws::haste::usual);
  // How many calls one answer of facts_of has taken lately: of the budget that the drains' looks share.
  double calls_each() const { return calls_ / askers_; }

 private:
  using tasks_each = std::vector<result<std::vector<aws::ecs_task>>>;
  using facts_each = std::vector<result<drain_facts>>;
  struct kept_service {
    duration asked;  // in uptime
    aws::ecs_service of;
  };

  task<result<tasks_each>> fetch_tasks(std::vector<std::string> arns, aws::haste how);
  task<result<facts_each>> fetch_facts(std::vector<std::string> arns, aws::haste how);
  task<facts_each> with_protection(facts_each of, aws::ecs& ecs);
  task<std::set<std::string>> protected_among(std::vector<std::vector<std::string>> tasks, aws::ecs& ecs);
  task<facts_each> with_services(facts_each of, aws::ecs& ecs);
  task<> learn(std::vector<std::string> services, aws::ecs& ecs);
  bool is_known(const std::string& service) const;
  void forget_old();
  std::vector<aws::ecs_service> known_services(const drain_facts& of) const;
  void note_cost(std::size_t calls, std::size_t askers);

  clock& clock_;
  aws::by_haste<aws::ecs> ecs_;
  std::string cluster_;
  named_by named_by_;
  cluster_tasks running_;
  aws::lanes<std::string, std::vector<aws::ecs_task>> remaining_;
  aws::lanes<std::string, drain_facts> facts_;
  std::map<std::string, kept_service> services_;
  std::size_t protection_calls_ = 0;  // since the last that was counted
  double calls_ = 3;                  // of an answer to one alone: a listing, a description, a GetTaskProtection
  double askers_ = 1;
};

}  // namespace lifehook::handlers
