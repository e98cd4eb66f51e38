#pragma once

#include "simulator/autoscaling_hooks.h"

#include <unordered_set>

namespace lifehook::simulator {

// The behaviour of Auto Scaling behind its wire: capacity is kept at the desired count, instances walk through their
// journeys, hooks hold them, activities tell why. Calls take effect before they return, except what takes time on AWS.
class autoscaling_model final : private fleet::listener {
 public:
  using activity = std::shared_ptr<const scaling_activity>;

  autoscaling_model(clock& time, account owner, sqs& queues, elbv2& balancers, fleet& instances, std::uint64_t seed);

  scaling_group& create_group(group_settings with);
  or_fault<> update_group(std::string_view name, std::optional<int> min, std::optional<int> max,
                          std::optional<int> desired);
  or_fault<> delete_group(std::string_view name, bool force);
  or_fault<> set_desired(std::string_view name, int desired);
  or_fault<activity> terminate(std::string_view instance, bool decrement);
  or_fault<std::vector<activity>> detach(std::string_view group, const std::vector<std::string>& ids, bool decrement);
  or_fault<> set_health(std::string_view instance, std::string health);
  or_fault<> terminate_because(std::string_view instance, ending_cause why);
  or_fault<> scale_by_policy(std::string_view group, std::string_view policy, int delta);
  or_fault<> replace_root_volume(std::string_view instance);
  or_fault<> attach_target_groups(scaling_group& group, const std::vector<std::string>& arns);
  or_fault<> detach_target_groups(scaling_group& group, const std::vector<std::string>& arns);
  or_fault<> check_target_groups(const std::vector<std::string>& arns) const;
  void put_warm_pool(scaling_group& group, warm_pool pool);

  void put_hook(scaling_group& group, hook_settings hook, bool announce);
  void delete_hook(scaling_group& group, std::string_view hook);
  void bridge(std::string queue_arn);

  group_registry& registry() { return registry_; }
  const group_registry& registry() const { return registry_; }
  lifecycle_actions& actions() { return actions_; }
  const lifecycle_actions& actions() const { return actions_; }
  const account& owner() const { return owner_; }
  bool has_ended(std::string_view instance) const { return ended_.contains(std::string(instance)); }

 private:
  // Capacity (autoscaling_model.cc).
  void match_capacity(scaling_group& group, const std::string& why);
  void match_pool(scaling_group& group, const std::string& why);
  void add_one(scaling_group& group, const std::string& cause);
  void remove_one(scaling_group& group, const std::string& cause);
  void change_desired(scaling_group& group, int desired, std::string_view reason);
  void leave_service(group_member& each, const std::string& cause);

  // Instances that end by themselves (autoscaling_health.cc).
  void launched(const std::string&, const std::string&) override {}
  void ended(const std::string& instance, const std::string& group) override;
  void miss_soon(group_member& each);
  void miss(group_member& each);
  or_fault<group_member*> serving(std::string_view instance);

  // Target groups (autoscaling_balancing.cc).
  void register_with_all(const group_member& each);
  duration deregister_from_all(const group_member& each);  // how long it drains

  // Journeys (autoscaling_journeys.cc).
  group_member& launch(scaling_group& group, journey on, rank counted, const std::string& cause);
  void end_by_itself(group_member& each, rank counted, const std::string& cause);
  void begin(group_member& each, journey on, std::string description, std::string cause);
  void wait_for_hooks(group_member& each);
  void drain(group_member& each);
  void action_ended(const lifecycle_record& ended);
  void abandon_launch(group_member& each);
  void proceed(group_member& each);
  void arrive(group_member& each);
  void serve(group_member& each);
  void rest(group_member& each);
  void boot_again(group_member& each);
  void leave_for_good(group_member& each);
  void cut_actions(group_member& each);

  std::shared_ptr<scaling_activity> record(scaling_group& group, std::string description, std::string cause);
  void settle(scaling_activity& each, std::string status);
  std::string at_now(std::string_view what) const;  // "At 2026-03-02T10:15:30Z what."
  void announce(const group_member& each, const hook_settings& hook, const lifecycle_record& action);
  void announce_success(const group_member& each);

  clock& clock_;
  account owner_;
  sqs& queues_;
  elbv2& balancers_;
  fleet& fleet_;
  random_source random_;
  std::vector<std::string> bridges_;
  group_registry registry_;
  std::unordered_set<std::string> ended_;
  lifecycle_actions actions_;  // last: its timers call the rest
};

}  // namespace lifehook::simulator
