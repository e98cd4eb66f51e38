#pragma once

#include "simulator/fleet.h"
#include "simulator/service.h"

#include <memory>
#include <optional>

namespace lifehook::simulator {

struct target_group_settings {
  std::string name;
  std::string target_type = "instance";  // or "ip"
  int port = 80;
  std::chrono::seconds deregistration_delay{300};
  duration health_time = std::chrono::seconds(10);  // initial to healthy
};

struct target_record {
  std::string id;
  int port = 0;
  std::string state, reason;  // "draining", "Target.DeregistrationInProgress"
};

// A target that was told to leave, by a DeregisterTargets that arrived or by Auto Scaling.
struct deregistration {
  std::string target_group, id;
  int port = 0;
  time_point when;
  bool was_registered = false;
  bool by_call = false;
};

// Elastic Load Balancing v2: target groups of instances or addresses, as if each stood behind a load balancer. A target
// is initial, then healthy; deregistered it drains for the group's delay and is gone. An instance that ends is gone at
// once. Actions: CreateTargetGroup, DeleteTargetGroup, DescribeTargetGroups, ModifyTargetGroupAttributes,
// DescribeTargetGroupAttributes, RegisterTargets, DeregisterTargets, DescribeTargetHealth.
class elbv2 : public service {
 public:
  static std::unique_ptr<elbv2> make(clock& time, account owner, fleet& instances, std::uint64_t seed);

  // Set-up and sight for C++ callers. A target group that is not known throws std::invalid_argument.
  virtual std::string create_target_group(target_group_settings with) = 0;  // its arn
  virtual bool has_target_group(std::string_view arn) const = 0;
  // Without a port: the target group's own.
  virtual void register_target(std::string_view arn, std::string id, std::optional<int> port = {}) = 0;
  // How long it still drains; zero when it was not registered.
  virtual duration deregister_target(std::string_view arn, std::string id, std::optional<int> port = {}) = 0;
  // Of all ports of the target, for as long as it stays registered.
  virtual void set_health(std::string_view arn, std::string_view id, std::string state, std::string reason = {}) = 0;
  virtual std::vector<target_record> targets(std::string_view arn) const = 0;  // registered and draining
  virtual const std::vector<deregistration>& deregistrations() const = 0;      // oldest first
};

}  // namespace lifehook::simulator
