#pragma once

#include "simulator/ecs_records.h"

namespace lifehook::simulator {

// The part of ECS's cluster query language that container instances are listed by: ec2InstanceId (==, !=, in, !in),
// agentConnected (==, !=), runningTasksCount and pendingTasksCount (==, !=, <, <=, >, >=), with and, or, not and
// parentheses.
class instance_filter {
 public:
  // InvalidParameterException for what cannot be read.
  static or_fault<instance_filter> parse(std::string_view text);

  bool accepts(const ecs_instance& each) const;
  // The only EC2 instances it can accept, when it is a plain == or in: so that a listing need not look at all.
  const std::vector<std::string>* only_ec2_ids() const;

  enum class kind { all_of, any_of, none_of, comparison };
  kind is = kind::all_of;
  std::vector<instance_filter> parts;
  std::string subject, relation;
  std::vector<std::string> values;
};

}  // namespace lifehook::simulator
