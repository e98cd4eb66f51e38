#include "simulator/autoscaling_model.h"

#include "base/time_text.h"
#include "simulator/autoscaling_messages.h"
#include "simulator/identity.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::simulator {

autoscaling_model::autoscaling_model(clock& time, account owner, sqs& queues, elbv2& balancers, fleet& instances,
                                     std::uint64_t seed)
    : clock_(time),
      owner_(std::move(owner)),
      queues_(queues),
      balancers_(balancers),
      fleet_(instances),
      random_(seed),
      actions_(time, random_, [this](const lifecycle_record& ended) { action_ended(ended); }) {
  fleet_.listen(*this);
}

std::string autoscaling_model::at_now(std::string_view what) const {
  return fmt::format("At {}Z {}.", to_rfc3339(clock_.now()).substr(0, 19), what);
}

scaling_group& autoscaling_model::create_group(group_settings with) {
  with.max_size = std::max(with.max_size, with.desired);
  auto arn = owner_.arn("autoscaling",
                        fmt::format("autoScalingGroup:{}:autoScalingGroupName/{}", make_uuid(random_), with.name));
  auto& group = registry_.add(std::move(with), std::move(arn), clock_.now());
  const auto cause = at_now(fmt::format(
      "a user request created an AutoScalingGroup changing the desired capacity from 0 to {}", group.with.desired));
  for (int i = 0; i < group.with.desired; ++i) {
    auto& each = launch(group, journey::launch, rank::starting, cause);
    fleet_.start(each.id);
    arrive(each);
  }
  return group;
}

or_fault<> autoscaling_model::update_group(std::string_view name, std::optional<int> min, std::optional<int> max,
                                           std::optional<int> desired) {
  auto* group = registry_.find(name);
  if (!group) return no_such_group(name);
  const int lowest = min.value_or(group->with.min_size);
  const int highest = max.value_or(group->with.max_size);
  if (lowest > highest)
    return validation_error("Max bound, " + std::to_string(highest) + ", must be greater than or equal to min bound, " +
                            std::to_string(lowest));
  const int wanted = desired.value_or(std::clamp(group->with.desired, lowest, highest));
  if (wanted < lowest || wanted > highest)
    return validation_error("Desired capacity:" + std::to_string(wanted) + " must be between the specified min size:" +
                            std::to_string(lowest) + " and max size:" + std::to_string(highest));
  group->with.min_size = lowest;
  group->with.max_size = highest;
  const auto reason =
      fmt::format("a user request update of AutoScalingGroup constraints to min: {}, max: {}, desired: {}", lowest,
                  highest, wanted);
  change_desired(*group, wanted, reason);
  return {};
}

or_fault<> autoscaling_model::delete_group(std::string_view name, bool force) {
  auto* group = registry_.find(name);
  if (!group) return no_such_group(name);
  if (!group->members.empty() && !force)
    return fault{400, "ResourceInUse",
                 "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) "
                 "still in the group."};
  group->with.desired = 0;
  group->pool.reset();
  for (const auto& [order, each] : group->members) {
    registry_.count_as(*each, rank::released);  // all at once, or the ends of some would set off the hooks of others
    cut_actions(*each);
  }
  while (!group->members.empty()) leave_for_good(*group->members.begin()->second);
  registry_.remove(name);
  return {};
}

or_fault<> autoscaling_model::set_desired(std::string_view name, int desired) {
  auto* group = registry_.find(name);
  if (!group) return no_such_group(name);
  if (desired > group->with.max_size)
    return validation_error(
        fmt::format("New SetDesiredCapacity value {} is above max value {} for the AutoScalingGroup.", desired,
                    group->with.max_size));
  if (desired < group->with.min_size)
    return validation_error(
        fmt::format("New SetDesiredCapacity value {} is below min value {} for the AutoScalingGroup.", desired,
                    group->with.min_size));
  change_desired(*group, desired, "a user request explicitly set group desired capacity");
  return {};
}

void autoscaling_model::change_desired(scaling_group& group, int desired, std::string_view reason) {
  const int before = std::exchange(group.with.desired, desired);
  match_capacity(group, at_now(fmt::format("{} changing the desired capacity from {} to {}", reason, before, desired)));
}

void autoscaling_model::match_capacity(scaling_group& group, const std::string& why) {
  const int before = group.capacity();
  if (before == group.with.desired) return match_pool(group, why);
  const auto direction = before < group.with.desired ? "started" : "taken out of service";
  const auto change = before < group.with.desired ? "increasing" : "shrinking";
  const auto cause =
      fmt::format("{}{}{}", why, why.empty() ? "" : "  ",
                  at_now(fmt::format("an instance was {} in response to a difference between desired and actual "
                                     "capacity, {} the capacity from {} to {}",
                                     direction, change, before, group.with.desired)));
  while (group.capacity() < group.with.desired) add_one(group, cause);
  while (group.capacity() > group.with.desired) remove_one(group, cause);
  match_pool(group, why);
}

void autoscaling_model::add_one(scaling_group& group, const std::string& cause) {
  auto& ready = group.of(rank::warm);
  if (ready.empty()) {
    auto& each = launch(group, journey::launch, rank::starting, cause);
    each.next.set(group.with.launch_time, [this, &each] { wait_for_hooks(each); });
    return;
  }
  auto& each = *ready.begin()->second;
  registry_.count_as(each, rank::starting);
  begin(each, journey::leave_pool, "Launching a new EC2 instance from warm pool: " + each.id, cause);
}

void autoscaling_model::remove_one(scaling_group& group, const std::string& cause) {
  auto& leaving = group.of(rank::leaving);
  if (!leaving.empty())
    return registry_.count_as(*leaving.rbegin()->second, rank::released);  // ends, and is not replaced
  auto& serving = group.of(rank::in_service);
  auto& each = serving.empty() ? *group.of(rank::starting).rbegin()->second : *serving.begin()->second;
  leave_service(each, cause);
}

// For good, or for the warm pool when that takes it back.
void autoscaling_model::leave_service(group_member& each, const std::string& cause) {
  auto& group = each.group;
  const auto chosen = cause + "  " + at_now("instance " + each.id + " was selected for termination");
  const bool reuse = group.pool && group.pool->reuse_on_scale_in && each.counted == rank::in_service;
  if (!reuse || group.warm_capacity() >= group.warm_wanted()) return end_by_itself(each, rank::released, chosen);
  registry_.count_as(each, rank::preparing);
  begin(each, journey::return_to_pool, "Returning EC2 instance to warm pool: " + each.id, chosen);
}

void autoscaling_model::match_pool(scaling_group& group, const std::string& why) {
  if (!group.pool) return;
  const auto cause = why.empty() ? at_now("the warm pool was matched to its prepared capacity") : why;
  while (group.warm_capacity() < group.warm_wanted()) {
    auto& each = launch(group, journey::prepare, rank::preparing, cause);
    each.next.set(group.with.launch_time, [this, &each] { wait_for_hooks(each); });
  }
  auto& ready = group.of(rank::warm);
  while (group.warm_capacity() > group.warm_wanted() && !ready.empty()) {
    auto& each = *ready.begin()->second;
    registry_.count_as(each, rank::released);
    begin(each, journey::end_warm, "Terminating EC2 instance: " + each.id, cause);
  }
}

or_fault<autoscaling_model::activity> autoscaling_model::terminate(std::string_view instance, bool decrement) {
  auto* each = registry_.member(instance);
  if (!each || each->counted == rank::warm || each->counted == rank::preparing)
    return validation_error(
        fmt::format("Instance Id not found - No managed instance found for instance ID {}", instance));
  if (each->counted == rank::leaving || each->counted == rank::released) return activity(each->activity);
  auto& group = each->group;
  if (decrement && group.with.desired <= group.with.min_size)
    return validation_error(
        fmt::format("Currently, desiredSize equals minSize ({}). Terminating instance without replacement "
                    "will violate group's min size constraint. Either set shouldDecrementDesiredCapacity "
                    "flag to false or lower group's min size.",
                    group.with.min_size));
  const auto shrink = fmt::format(", shrinking the capacity from {} to {}", group.with.desired, group.with.desired - 1);
  const auto cause = at_now(fmt::format("instance {} was taken out of service in response to a user request{}",
                                        instance, decrement ? shrink : ""));
  if (decrement) --group.with.desired;
  end_by_itself(*each, decrement ? rank::released : rank::leaving, cause);
  match_pool(group, cause);
  return activity(each->activity);
}

or_fault<std::vector<autoscaling_model::activity>> autoscaling_model::detach(std::string_view name,
                                                                             const std::vector<std::string>& ids,
                                                                             bool decrement) {
  auto* group = registry_.find(name);
  if (!group) return no_such_group(name);
  for (const auto& id : ids) {
    const auto* each = registry_.member(id);
    if (!each || &each->group != group)
      return validation_error(fmt::format("The instance {} is not part of Auto Scaling group {}.", id, name));
    if (each->counted != rank::in_service)
      return validation_error(fmt::format("The instance {} is not in InService or Standby.", id));
  }
  if (decrement && group->with.desired - static_cast<int>(ids.size()) < group->with.min_size)
    return validation_error(
        "Detaching these instances without replacement would violate the group's min size constraint.");
  std::vector<activity> told;
  for (const auto& id : ids) {
    if (decrement) --group->with.desired;
    auto detached = record(*group, "Detaching EC2 instance: " + id,
                           at_now("instance " + id + " was detached in response to a user request"));
    settle(*detached, "Successful");
    told.push_back(detached);
    deregister_from_all(*registry_.member(id));
    registry_.drop(*registry_.member(id));
    fleet_.detach(id);
  }
  match_capacity(*group, {});
  return told;
}

void autoscaling_model::put_warm_pool(scaling_group& group, warm_pool pool) {
  group.pool = std::move(pool);
  match_pool(group, at_now("a user request put a warm pool"));
}

void autoscaling_model::bridge(std::string queue_arn) {
  fleet_.bridge(queue_arn);
  bridges_.push_back(std::move(queue_arn));
}

void autoscaling_model::put_hook(scaling_group& group, hook_settings hook, bool announce_target) {
  if (announce_target && !hook.target_arn.empty())
    queues_.send(hook.target_arn, test_notification(owner_, group, clock_.now(), make_uuid(random_)));
  actions_.take_shorter(group.with.name, hook);
  auto name = hook.name;
  group.hooks.insert_or_assign(std::move(name), std::move(hook));
}

void autoscaling_model::delete_hook(scaling_group& group, std::string_view hook) {
  const auto found = group.hooks.find(hook);
  if (found == group.hooks.end()) return;
  const auto name = found->first;
  group.hooks.erase(found);
  actions_.end_of_hook(group.with.name, name);
}

}  // namespace lifehook::simulator
