#pragma once

#include "base/backoff.h"
#include "simulator/ecs_records.h"

namespace lifehook::simulator {

struct task_order {
  explicit task_order(ecs_instance& where) : on(where) {}

  ecs_instance& on;
  ecs_service* service = nullptr;
  std::string definition;  // arn
  std::string family, group, started_by;
  duration start_time = std::chrono::seconds(3);
  duration stop_time = std::chrono::seconds(5);
  boost::json::object asked;
};

// The life of tasks on their instances: PROVISIONING, PENDING, RUNNING, then DEACTIVATING, STOPPING, STOPPED, each
// taking its time, none while the agent is disconnected. Keeps the counts and indexes of instances and services in
// step.
class task_life {
 public:
  using on_change = std::function<void(ecs_task&)>;

  task_life(clock& time, account owner, random_source& random, on_change then)
      : clock_(time), owner_(std::move(owner)), random_(random), then_(std::move(then)) {}

  ecs_task& start(task_order order);
  // Told to stop: at once when it has not begun to run, over its stop_time otherwise.
  void stop(ecs_task& each, std::string code, std::string reason);
  // Over now, whatever it was doing. `lost`: its containers died under it.
  void end(ecs_task& each, std::string code, std::string reason, bool lost);
  void protect(ecs_task& each, bool on, std::optional<duration> span);
  // Changes what tasks depend on (status, connection, slots) and brings counts and indexes back in step.
  void change_instance(ecs_instance& each, const std::function<void()>& how);
  // What stopped more than an hour ago is no longer visible.
  void forget_old(ecs_cluster& in);

 private:
  void change_task(ecs_task& each, const std::function<void()>& how);
  void step(ecs_task& each);
  void become(ecs_task& each, std::string_view status, duration next_step);
  void finish(ecs_task& each);

  clock& clock_;
  account owner_;
  random_source& random_;
  on_change then_;
  std::uint64_t started_ = 0;
};

task_record to_record(const ecs_task& each);

}  // namespace lifehook::simulator
