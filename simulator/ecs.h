#pragma once

#include "simulator/fleet.h"
#include "simulator/network_interfaces.h"
#include "simulator/service.h"
#include "simulator/sqs.h"

#include <memory>
#include <optional>

namespace lifehook::simulator {

inline constexpr std::string_view some_subnet = "subnet-0123456789abcdef0";
inline constexpr std::string_view some_security_group = "sg-0123456789abcdef0";

struct service_load_balancer {
  std::string target_group_arn, container;
  int port = 80;
};

struct service_settings {
  std::string cluster;
  std::string name;
  int desired = 1;
  int minimum_healthy_percent = 100;
  int maximum_percent = 200;
  bool daemon = false;
  duration start_time = std::chrono::seconds(3);  // PROVISIONING to RUNNING
  duration stop_time = std::chrono::seconds(5);   // told to stop to STOPPED (deactivating, stopping)
  std::string launch_type = "EC2";                // or FARGATE
  std::string capacity_provider{};                // FARGATE or FARGATE_SPOT, of launch type FARGATE
  std::vector<std::string> subnets{std::string(some_subnet)}, security_groups{std::string(some_security_group)};
  std::vector<service_load_balancer> load_balancers{};  // shown by DescribeServices
};

// A standalone task on Fargate. A family that is not defined yet gets one essential container, "app".
struct fargate_task_settings {
  std::string cluster;
  std::string family = "report";
  std::string capacity_provider = "FARGATE_SPOT";  // empty: launch type FARGATE
  std::string started_by{};
  std::vector<std::string> subnets{std::string(some_subnet)}, security_groups{std::string(some_security_group)};
  std::map<std::string, std::string> tags{};
  boost::json::object overrides{};
  duration start_time = std::chrono::seconds(3);
  duration stop_time = std::chrono::seconds(5);
};

struct task_record {
  std::string arn, cluster, service, instance;  // service empty: standalone
  std::string last_status, desired_status;
  bool lost = false;  // its instance ended while it ran: what must never happen
  time_point started, stopped;
  std::string definition, capacity_provider, started_by;  // definition: its arn
  std::string stop_code, stopped_reason;
  std::string interface;  // of a task in awsvpc mode: also once it is deleted
};

// Amazon ECS on EC2 and Fargate: container instances, a scheduler that keeps services at their count within minimum and
// maximum percent and by free room (slots per instance), replaces tasks of draining instances, daemons stopped last,
// standalone tasks left alone, tasks that take time to start and to stop (runningTasksCount counts desiredStatus
// RUNNING only), task protection, agent connection, service events ("unable to place a task ..."). Tasks on Fargate
// have a network interface each, RunTask keeps client tokens, capacity providers count by their weight alone. Actions:
// CreateCluster, DeleteCluster, DescribeClusters, ListClusters, RegisterContainerInstance, DeregisterContainerInstance,
// ListContainerInstances (filter language: ec2InstanceId ==, in, !=, !in; status), DescribeContainerInstances,
// UpdateContainerInstancesState, RegisterTaskDefinition, DescribeTaskDefinition, CreateService, UpdateService,
// DeleteService, DescribeServices, ListServices, RunTask, StartTask, StopTask, ListTasks, DescribeTasks,
// UpdateTaskProtection, GetTaskProtection.
class ecs : public service {
 public:
  static std::unique_ptr<ecs> make(clock& time, account owner, simulator::sqs& queues, fleet& instances,
                                   network_interfaces& interfaces, std::uint64_t seed);

  virtual void create_cluster(std::string name) = 0;  // with the capacity providers of Fargate
  // Registers an instance; `slots`: how many tasks fit on it. Returns the container instance arn.
  virtual std::string register_instance(std::string_view cluster, std::string ec2_instance_id, int slots = 10) = 0;
  // Instances that Auto Scaling launches in `group` register here by themselves, `after` their launch.
  virtual void join_on_launch(std::string_view cluster, std::string group, int slots, duration after) = 0;
  virtual void create_service(service_settings with) = 0;
  virtual std::string run_task(std::string_view cluster, std::string family,
                               std::string_view ec2_instance_id) = 0;  // standalone; arn
  virtual void stop_task(std::string_view arn) = 0;
  virtual std::string run_fargate_task(fargate_task_settings with) = 0;  // arn
  // The next placements on FARGATE or FARGATE_SPOT fail for want of capacity.
  virtual void refuse_capacity(std::string capacity_provider, int times) = 0;
  // Fargate Spot ends a task, standalone or a service's: told now, STOPPED when the longest stopTimeout of its
  // containers has passed, two minutes without one; containers end with 137 or with the codes given by name.
  virtual void interrupt_spot_task(std::string_view arn, std::map<std::string, int> exit_codes = {}) = 0;
  // Containers end by themselves with these codes by name; the task is over when an essential one does.
  virtual void exit_task(std::string_view arn, const std::map<std::string, int>& exit_codes) = 0;
  // A queue that gets "ECS Task State Change" as EventBridge sends it when a task is RUNNING, is told to stop, has
  // STOPPED.
  virtual void bridge_tasks(std::string queue_arn) = 0;
  virtual void set_agent_connected(std::string_view ec2_instance_id, bool connected) = 0;
  virtual void protect_task(std::string_view arn, bool on) = 0;
  virtual std::vector<task_record> tasks(std::string_view cluster) const = 0;  // stopped and lost ones included
  virtual std::string instance_status(
      std::string_view ec2_instance_id) const = 0;  // ACTIVE, DRAINING, INACTIVE; empty: unknown
};

}  // namespace lifehook::simulator
