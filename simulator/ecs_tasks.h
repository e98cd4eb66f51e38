#pragma once

#include "base/backoff.h"
#include "simulator/ecs_records.h"
#include "simulator/network_interfaces.h"

namespace lifehook::simulator {

struct task_order {
  ecs_cluster& in;
  ecs_instance* on;  // none: on Fargate
  const task_definition& runs;
  ecs_service* service = nullptr;
  std::string group{}, started_by{};
  std::string capacity_provider{}, platform_version{};
  std::optional<task_network> network{};
  duration start_time = std::chrono::seconds(3);
  duration stop_time = std::chrono::seconds(5);
  boost::json::object asked{};
};

// The life of tasks: PROVISIONING, PENDING, RUNNING, then DEACTIVATING, STOPPING, on Fargate DEPROVISIONING, STOPPED,
// each taking its time, none while the agent is disconnected. Keeps the counts and indexes of instances and services
// in step, and the network interfaces of tasks that have one.
class task_life {
 public:
  using on_change = std::function<void(ecs_task&)>;

  // `then` hears of every change, `tell` when a task is RUNNING, when it is told to stop and when it has STOPPED.
  task_life(clock& time, account owner, random_source& random, network_interfaces& interfaces, on_change then,
            on_change tell)
      : clock_(time),
        owner_(std::move(owner)),
        random_(random),
        interfaces_(interfaces),
        then_(std::move(then)),
        tell_(std::move(tell)) {}

  ecs_task& start(task_order order);
  // Told to stop: at once when it has not begun to run, over its stop_time otherwise.
  void stop(ecs_task& each, std::string code, std::string reason);
  // Fargate Spot takes its capacity back: told to stop now, STOPPED after `window`.
  void interrupt(ecs_task& each, duration window, const std::map<std::string, int>& exit_codes);
  // Containers end by themselves; when an essential one does, the task is over.
  void exit(ecs_task& each, const std::map<std::string, int>& codes);
  // Over now, whatever it was doing. `lost`: its containers died under it.
  void end(ecs_task& each, std::string code, std::string reason, bool lost);
  void protect(ecs_task& each, bool on, std::optional<duration> span);
  // Changes what tasks depend on (status, connection, slots) and brings counts and indexes back in step.
  void change_instance(ecs_instance& each, const std::function<void()>& how);
  // What stopped more than an hour ago is no longer visible.
  void forget_old(ecs_cluster& in);

 private:
  void change_task(ecs_task& each, const std::function<void()>& how);
  void tell_to_stop(ecs_task& each, std::string code, std::string reason);
  void step(ecs_task& each);
  void become(ecs_task& each, std::string_view status, duration next_step);
  void containers_end(ecs_task& each);
  void deprovision(ecs_task& each, duration takes);
  void finish(ecs_task& each);
  void attach(ecs_task& each, const task_network& network);
  void detach(ecs_task& each);

  clock& clock_;
  account owner_;
  random_source& random_;
  network_interfaces& interfaces_;
  on_change then_, tell_;
  std::uint64_t started_ = 0;
};

task_record to_record(const ecs_task& each);

}  // namespace lifehook::simulator
