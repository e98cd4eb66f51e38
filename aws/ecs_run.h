#pragma once

#include "aws/client.h"
#include "aws/ecs.h"
#include "base/error.h"

#include <boost/json/object.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::aws {

struct task_container {
  std::string name;
  std::optional<int> exit_code;  // none: it never ran, or was killed before it could say
};

// A task as DescribeTasks tells it, with what is needed to run it again.
struct whole_task {
  std::string arn;
  std::string definition_arn;
  std::string last_status;
  std::string desired_status;
  std::string group;
  std::string started_by;
  std::string stop_code;  // SpotInterruption, TerminationNotice, EssentialContainerExited, UserInitiated...
  std::string stopped_reason;
  std::optional<time_point> stopped_at;
  std::string launch_type;
  std::string capacity_provider;
  std::string platform_version;
  bool enable_execute_command = false;
  boost::json::object overrides;  // as AWS wrote them
  std::map<std::string, std::string> tags;
  std::vector<task_container> containers;
  // Of its elastic network interface; empty outside awsvpc, or once the interface is gone.
  std::string interface_id, subnet, private_address;

  bool of_service() const { return is_of_service(started_by, group); }
};

struct task_network {
  std::vector<std::string> subnets, security_groups;
  bool public_address = false;
};

struct run_request {
  std::string cluster;
  std::string definition_arn;
  std::string group{};
  std::string started_by{};         // at most 128
  std::string client_token{};       // at most 64: the same token runs one task
  std::string launch_type{};        // or
  std::string capacity_provider{};  // one of the two; neither: the cluster's default strategy
  std::string platform_version{};
  bool enable_execute_command = false;
  boost::json::object overrides{};
  std::map<std::string, std::string> tags{};
  std::optional<task_network> network{};
};

struct run_answer {
  std::vector<std::string> arns;
  std::vector<std::string> failures;  // reasons: "RESOURCE:MEMORY", "Capacity is unavailable at this time..."
};

// Whether RunTask refused a client token because it was used with other parameters: the task was run by an earlier one.
bool is_token_used(const error& why);

// The calls of ECS that run tasks and read what is needed to run them again.
class ecs_runner {
 public:
  explicit ecs_runner(client& with) : client_(with) {}

  // nullopt: not there any more.
  task<result<std::optional<whole_task>>> describe(std::string cluster, std::string arn);
  // A cluster without container instances is a failure of the answer, as one without room is. What only AWS may give is
  // left out: its own tags, the groups "family:" and "service:".
  task<result<run_answer>> run(run_request what);
  // Names of the essential containers of a task definition. not_found: there is no such definition.
  task<result<std::vector<std::string>>> essential_containers(std::string definition_arn);
  // Target groups of a service of a cluster; empty for an unknown service.
  task<result<std::vector<std::string>>> target_groups(std::string cluster, std::string service);

 private:
  client& client_;
};

}  // namespace lifehook::aws
