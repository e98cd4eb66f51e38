#pragma once

#include "simulator/ecs_fargate.h"
#include "simulator/ecs_tasks.h"

namespace lifehook::simulator {

int fewest_healthy(const service_settings& with);  // minimumHealthyPercent of the desired count, rounded up
int most_tasks(const service_settings& with);      // maximumPercent of it, rounded down

// ECS's service scheduler: keeps services at their desired count within their percents and the free slots, moves tasks
// off DRAINING instances, runs a daemon on each ACTIVE instance and stops it last. Passes of one service within an
// instant are one pass; each costs what it changes.
class service_scheduler {
 public:
  service_scheduler(clock& time, task_life& tasks, fargate_capacity& fargate, random_source& random)
      : clock_(time), tasks_(tasks), fargate_(fargate), random_(random) {}

  void wake(ecs_service& each);
  void task_changed(ecs_task& each);
  // Status, connection or slots of an instance have changed.
  void instance_changed(ecs_instance& each);
  void settle_daemons(ecs_instance& on);

 private:
  void pass(ecs_service& each);
  void start_missing(ecs_service& each);
  void stop_moving(ecs_service& each);
  void stop_surplus(ecs_service& each);
  void conclude(ecs_service& each);
  void settle_daemon(ecs_service& of, ecs_instance& on);
  // Where the next task of a service goes; a reason for people when there is no room.
  or_fault<ecs_instance*> place_for(ecs_service& each);
  ecs_task& start(ecs_service& each, ecs_instance* on);
  void stop(ecs_task& each);
  void wake_hungry(ecs_cluster& in);
  void tell(ecs_service& each, std::string what);

  clock& clock_;
  task_life& tasks_;
  fargate_capacity& fargate_;
  random_source& random_;
};

}  // namespace lifehook::simulator
