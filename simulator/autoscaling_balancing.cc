#include "simulator/autoscaling_model.h"

#include <algorithm>

namespace lifehook::simulator {

or_fault<> autoscaling_model::check_target_groups(const std::vector<std::string>& arns) const {
  const auto known = [this](const auto& arn) { return balancers_.has_target_group(arn); };
  if (std::ranges::all_of(arns, known)) return {};
  return validation_error("Provided Target Groups may not be valid. Please ensure they exist and try again.");
}

or_fault<> autoscaling_model::attach_target_groups(scaling_group& group, const std::vector<std::string>& arns) {
  if (auto known = check_target_groups(arns); !known) return known.error();
  auto& attached = group.with.target_groups;
  for (const auto& arn : arns) {
    if (std::ranges::count(attached, arn) > 0) continue;
    attached.push_back(arn);
    for (const auto& [order, each] : group.of(rank::in_service)) balancers_.register_target(arn, each->id);
  }
  return {};
}

or_fault<> autoscaling_model::detach_target_groups(scaling_group& group, const std::vector<std::string>& arns) {
  auto& attached = group.with.target_groups;
  const auto is_attached = [&attached](const auto& arn) { return std::ranges::count(attached, arn) > 0; };
  if (!std::ranges::all_of(arns, is_attached))
    return validation_error("Trying to remove Target Groups that are not part of the group");
  for (const auto& arn : arns) {
    std::erase(attached, arn);
    if (!balancers_.has_target_group(arn)) continue;
    for (const auto& [order, each] : group.of(rank::in_service)) balancers_.deregister_target(arn, each->id);
  }
  return {};
}

// A target group that has been deleted meanwhile is passed over.
void autoscaling_model::register_with_all(const group_member& each) {
  for (const auto& arn : each.group.with.target_groups)
    if (balancers_.has_target_group(arn)) balancers_.register_target(arn, each.id);
}

duration autoscaling_model::deregister_from_all(const group_member& each) {
  auto longest = duration::zero();
  for (const auto& arn : each.group.with.target_groups)
    if (balancers_.has_target_group(arn)) longest = std::max(longest, balancers_.deregister_target(arn, each.id));
  return longest;
}

}  // namespace lifehook::simulator
