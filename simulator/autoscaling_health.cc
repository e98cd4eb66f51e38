#include "simulator/autoscaling_causes.h"
#include "simulator/autoscaling_model.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::simulator {
namespace {

constexpr duration notice_time = std::chrono::seconds(30);  // until an instance that has ended is missed

fault not_managed(std::string_view instance) {
  return validation_error(
      fmt::format("Instance Id not found - No managed instance found for instance ID {}", instance));
}

}  // namespace

// An instance that waits for its hooks to let it end goes on waiting, whatever became of it.
void autoscaling_model::ended(const std::string& instance, const std::string&) {
  auto* each = registry_.member(instance);
  if (!each) return;
  each->lost = true;
  if (each->counted != rank::leaving && each->counted != rank::released) miss_soon(*each);
}

void autoscaling_model::miss_soon(group_member& each) {
  each.next.set(notice_time, [this, &each] { miss(each); });
}

void autoscaling_model::miss(group_member& each) {
  each.health = "Unhealthy";
  const auto cause = at_now(taken_out(ending_cause::ec2_health_check));
  if (each.counted != rank::warm && each.counted != rank::preparing) return end_by_itself(each, rank::leaving, cause);
  cut_actions(each);
  if (!each.activity->ended) settle(*each.activity, "Cancelled");
  registry_.count_as(each, rank::released);
  begin(each, journey::end_warm, "Terminating EC2 instance: " + each.id, cause);
}

or_fault<> autoscaling_model::set_health(std::string_view instance, std::string health) {
  auto* each = registry_.member(instance);
  if (!each) return not_managed(instance);
  each->health = std::move(health);
  if (each->health == "Unhealthy" && each->counted == rank::in_service)
    end_by_itself(*each, rank::leaving, at_now(taken_out(ending_cause::user_health_check)));
  return {};
}

or_fault<group_member*> autoscaling_model::serving(std::string_view instance) {
  auto* each = registry_.member(instance);
  if (!each) return not_managed(instance);
  if (each->counted != rank::in_service)
    return validation_error(fmt::format("The instance {} is not in InService.", instance));
  return each;
}

or_fault<> autoscaling_model::terminate_because(std::string_view instance, ending_cause why) {
  const auto found = serving(instance);
  if (!found) return found.error();
  auto& each = **found;
  auto& group = each.group;
  if (!changes_desired(why)) {
    const auto chosen = at_now("instance " + each.id + " was selected for termination");
    end_by_itself(each, rank::leaving, at_now(taken_out(why)) + "  " + chosen);
    return {};
  }
  if (group.with.desired <= group.with.min_size)
    return validation_error(fmt::format("{} is at its min size of {}", group.with.name, group.with.min_size));
  const int before = group.capacity();
  const int desired = group.with.desired--;
  leave_service(each, fmt::format("{}  {}", at_now(desired_changed(why, group, desired, desired - 1)),
                                  at_now(fmt::format("an instance was taken out of service in response to a difference "
                                                     "between desired and actual capacity, shrinking the capacity "
                                                     "from {} to {}",
                                                     before, before - 1))));
  return {};
}

or_fault<> autoscaling_model::scale_by_policy(std::string_view name, std::string_view policy, int delta) {
  auto* group = registry_.find(name);
  if (!group) return no_such_group(name);
  const int before = group->with.desired;
  const int after = std::clamp(before + delta, group->with.min_size, group->with.max_size);
  if (after == before) return {};
  group->with.desired = after;
  match_capacity(*group, at_now(policy_triggered(name, policy, before, after)));
  return {};
}

or_fault<> autoscaling_model::replace_root_volume(std::string_view instance) {
  const auto found = serving(instance);
  if (!found) return found.error();
  registry_.count_as(**found, rank::starting);
  begin(**found, journey::replace_root, "Replacing root volume of EC2 instance: " + (*found)->id,
        at_now("an instance was taken out of service in response to an instance refresh"));
  return {};
}

}  // namespace lifehook::simulator
