#pragma once

#include "simulator/ecs_records.h"

namespace lifehook::simulator {

// The task definitions of an account, by family and revision. What has been handed out stays where it is.
class task_definitions {
 public:
  explicit task_definitions(account owner) : owner_(std::move(owner)) {}

  // The next revision of its family, of what RegisterTaskDefinition was asked. ClientException for what ECS refuses.
  or_fault<const task_definition*> add(const boost::json::object& asked);
  // The latest revision of a family; a new family gets one essential container, "app", fit for EC2 and Fargate.
  const task_definition& known_or_plain(std::string_view family);
  // By family, family:revision or arn; null: not registered.
  const task_definition* find(std::string_view reference) const;

 private:
  account owner_;
  std::map<std::string, std::deque<task_definition>, std::less<>> revisions_;
};

// Whether Fargate runs it: awsvpc, with processor and memory given for the task.
bool runs_on_fargate(const task_definition& each);

}  // namespace lifehook::simulator
