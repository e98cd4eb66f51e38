#pragma once

#include "aws/client.h"

#include <optional>
#include <string>
#include <vector>

namespace lifehook::aws {

struct target {
  std::string id;           // an instance, or an IP address
  std::optional<int> port;  // as registered; left out: the target group's own
  bool operator==(const target&) const = default;
};

struct target_health {
  target of;
  std::string state;   // initial, healthy, unhealthy, unhealthy.draining, unused, draining, unavailable
  std::string reason;  // "Target.DeregistrationInProgress"...
};

// Elastic Load Balancing v2, only the calls the worker makes. not_found: the target group does not exist.
class elbv2 {
 public:
  explicit elbv2(client& with) : client_(with) {}

  // All targets that are registered, or still draining, in the target group.
  task<result<std::vector<target_health>>> targets(std::string target_group);
  // What became of each, in their order; an error means of none that anything did. Success for those that are not
  // registered (AWS's own word, and what moto refuses as InvalidTarget).
  task<result<std::vector<result<>>>> deregister(std::string target_group, std::vector<target> targets);

 private:
  client& client_;
};

}  // namespace lifehook::aws
