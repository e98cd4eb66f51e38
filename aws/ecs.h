#pragma once

#include "aws/client.h"

#include <optional>

namespace lifehook::aws {

struct container_instance {
  std::string arn;
  std::string ec2_instance_id;
  std::string status;  // ACTIVE, DRAINING, REGISTERING, DEREGISTERING, REGISTRATION_FAILED, INACTIVE
  bool agent_connected = true;
  int running_tasks = 0;
  int pending_tasks = 0;
};

struct ecs_failure {
  std::string arn;
  std::string reason;  // "MISSING", "INACTIVE"...
};

template <class T>
struct ecs_listing {  // ECS answers 200 with some found and some failed
  std::vector<T> found;
  std::vector<ecs_failure> failures;
};

// By what ECS tells of a task: a service started it, and ECS replaces it. The group alone ("service:web") is less sure
// than both.
bool is_service_group(std::string_view group);
std::string_view service_of_group(std::string_view group);  // "web"; empty: it is no service's
bool is_of_service(std::string_view started_by, std::string_view group);

struct ecs_task {
  std::string arn;
  std::string last_status;  // PROVISIONING .. STOPPED, DELETED
  std::string group;        // "service:web" or "family:report"
  std::string started_by;   // "ecs-svc/..." for tasks of services
  std::string container_instance_arn;

  bool of_service() const { return is_of_service(started_by, group); }
};

struct ecs_service {
  std::string name;
  int minimum_healthy_percent = 100;
  int maximum_percent = 200;
  std::string scheduling_strategy;  // REPLICA or DAEMON
  int desired_count = 0;
  int running_count = 0;
  std::vector<std::string> recent_events;  // newest first, at most 10
};

struct ecs_cluster {
  std::string status;        // ACTIVE, PROVISIONING, INACTIVE...
  std::optional<int> tasks;  // running and pending
};

// Whether ECS says that the cluster itself is not there, whatever was asked of it.
bool is_unknown_cluster(const error& why);

// Amazon ECS, only the calls the worker makes. Unknown clusters are errc::denied: a person must change the
// configuration (rule 2). All listings follow their pages.
class ecs {
 public:
  explicit ecs(client& with) : client_(with) {}

  // By ec2InstanceId filter, up to 100 ids; every state but INACTIVE. The caller verifies ec2_instance_id.
  task<result<std::vector<std::string>>> find_container_instances(std::string cluster,
                                                                  std::vector<std::string> ec2_instance_ids);
  task<result<ecs_listing<container_instance>>> describe_container_instances(std::string cluster,
                                                                             std::vector<std::string> arns);  // <= 100
  // status: "DRAINING" or "ACTIVE"; up to 10. The answer carries counts, so no describe is needed right after.
  task<result<ecs_listing<container_instance>>> set_state(std::string cluster, std::vector<std::string> arns,
                                                          std::string status);
  task<result<>> deregister(std::string cluster, std::string arn, bool force);
  // desired_status "RUNNING" or "STOPPED"; container_instance empty: the whole cluster.
  task<result<std::vector<std::string>>> list_tasks(std::string cluster, std::string container_instance,
                                                    std::string desired_status);
  task<result<ecs_listing<ecs_task>>> describe_tasks(std::string cluster, std::vector<std::string> arns);  // <= 100
  task<result<>> stop_task(std::string cluster, std::string arn, std::string reason);
  task<result<std::vector<ecs_service>>> describe_services(std::string cluster,
                                                           std::vector<std::string> names);  // <= 10
  task<result<std::vector<std::string>>> protected_tasks(
      std::string cluster, std::vector<std::string> arns);  // GetTaskProtection, <= 100: the ones protected
  task<result<std::vector<ecs_cluster>>> describe_clusters(
      std::vector<std::string> names);                     // <= 100; unknown ones are left out
  task<result<std::vector<std::string>>> list_clusters();  // arns
  bool has_reads_to_spare() const;                         // see client::has_to_spare
  std::optional<double> look_rate() const;                 // DescribeContainerInstances a second, see client::rate_for

 private:
  client& client_;
};

}  // namespace lifehook::aws
