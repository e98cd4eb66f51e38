#pragma once

#include "aws/autoscaling.h"
#include "aws/coalescer.h"

#include <map>
#include <optional>
#include <string>

namespace lifehook::handlers {

// Instances and groups as Auto Scaling knows them now. Instances: DescribeAutoScalingInstances, 50 at once, not cached
// (their state is what is asked). Groups: DescribeAutoScalingGroups by 50, tags cached for five minutes.
class instance_catalog {
 public:
  instance_catalog(clock& time, aws::autoscaling& with, task_group& tasks);

  // nullopt: Auto Scaling does not know it (any more).
  task<result<std::optional<aws::scaling_instance>>> instance(std::string id) { return instances_.ask(std::move(id)); }
  task<result<std::map<std::string, std::string>>> tags(std::string group);  // empty for an unknown group

 private:
  using tag_map = std::map<std::string, std::string>;
  struct cached_tags {
    time_point until;
    tag_map tags;
  };

  clock& clock_;
  aws::coalescer<std::string, std::optional<aws::scaling_instance>> instances_;
  aws::coalescer<std::string, std::optional<aws::scaling_group>> groups_;
  std::map<std::string, cached_tags> tags_;
};

}  // namespace lifehook::handlers
