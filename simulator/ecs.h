#pragma once

#include "simulator/fleet.h"
#include "simulator/service.h"

#include <memory>
#include <optional>

namespace lifehook::simulator {

struct service_settings {
  std::string cluster;
  std::string name;
  int desired = 1;
  int minimum_healthy_percent = 100;
  int maximum_percent = 200;
  bool daemon = false;
  duration start_time = std::chrono::seconds(3);  // PROVISIONING to RUNNING
  duration stop_time = std::chrono::seconds(5);   // told to stop to STOPPED (deactivating, stopping)
};

struct task_record {
  std::string arn, cluster, service, instance;  // service empty: standalone
  std::string last_status, desired_status;
  bool lost = false;  // its instance ended while it ran: what must never happen
  time_point started, stopped;
};

// Amazon ECS on EC2: container instances, a scheduler that keeps services at their count within minimum and maximum
// percent and by free room (slots per instance), replaces tasks of draining instances, daemons stopped last, standalone
// tasks left alone, tasks that take time to start and to stop (runningTasksCount counts desiredStatus RUNNING only),
// task protection, agent connection, service events ("unable to place a task ..."). Actions: CreateCluster,
// DeleteCluster, DescribeClusters, ListClusters, RegisterContainerInstance, DeregisterContainerInstance,
// ListContainerInstances (filter language: ec2InstanceId ==, in, !=, !in; status), DescribeContainerInstances,
// UpdateContainerInstancesState, RegisterTaskDefinition, CreateService, UpdateService, DeleteService, DescribeServices,
// ListServices, RunTask, StartTask, StopTask, ListTasks, DescribeTasks, UpdateTaskProtection, GetTaskProtection.
class ecs : public service {
 public:
  static std::unique_ptr<ecs> make(clock& time, account owner, fleet& instances, std::uint64_t seed);

  virtual void create_cluster(std::string name) = 0;
  // Registers an instance; `slots`: how many tasks fit on it. Returns the container instance arn.
  virtual std::string register_instance(std::string_view cluster, std::string ec2_instance_id, int slots = 10) = 0;
  // Instances that Auto Scaling launches in `group` register here by themselves, `after` their launch.
  virtual void join_on_launch(std::string_view cluster, std::string group, int slots, duration after) = 0;
  virtual void create_service(service_settings with) = 0;
  virtual std::string run_task(std::string_view cluster, std::string family,
                               std::string_view ec2_instance_id) = 0;  // standalone; arn
  virtual void stop_task(std::string_view arn) = 0;
  virtual void set_agent_connected(std::string_view ec2_instance_id, bool connected) = 0;
  virtual void protect_task(std::string_view arn, bool on) = 0;
  virtual std::vector<task_record> tasks(std::string_view cluster) const = 0;  // stopped and lost ones included
  virtual std::string instance_status(
      std::string_view ec2_instance_id) const = 0;  // ACTIVE, DRAINING, INACTIVE; empty: unknown
};

}  // namespace lifehook::simulator
