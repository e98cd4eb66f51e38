#include "simulator/elbv2_model.h"

#include "simulator/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lifehook::simulator {

elbv2_model::elbv2_model(clock& time, account owner, fleet& instances, std::uint64_t seed)
    : clock_(time), owner_(std::move(owner)), random_(seed) {
  instances.listen(*this);
}

target_group& elbv2_model::create(target_group_settings with) {
  const auto arn =
      owner_.arn("elasticloadbalancing", fmt::format("targetgroup/{}/{}", with.name, make_hex(random_, 16)));
  return groups_.emplace(arn, target_group{std::move(with), arn, {}}).first->second;
}

void elbv2_model::remove(std::string_view arn) {
  if (const auto found = groups_.find(arn); found != groups_.end()) groups_.erase(found);
}

const target_group* elbv2_model::find(std::string_view arn) const {
  const auto found = groups_.find(arn);
  return found == groups_.end() ? nullptr : &found->second;
}

target_group* elbv2_model::find(std::string_view arn) {
  return const_cast<target_group*>(std::as_const(*this).find(arn));
}

const target_group* elbv2_model::named(std::string_view name) const {
  const auto found = std::ranges::find_if(groups_, [&name](const auto& each) { return each.second.with.name == name; });
  return found == groups_.end() ? nullptr : &found->second;
}

void elbv2_model::enter(target_group& group, const target_name& target) {
  const auto [place, is_new] = group.targets.try_emplace(target, clock_);
  auto& each = place->second;
  if (!is_new && each.state != "draining") return;
  each.state = "initial";
  each.reason = "Elb.RegistrationInProgress";
  each.next.set(group.with.health_time, [&each] {
    each.state = "healthy";
    each.reason.clear();
  });
}

duration elbv2_model::leave(target_group& group, const target_name& target, bool by_call) {
  const auto found = group.targets.find(target);
  const bool was_registered = found != group.targets.end();
  deregistrations_.push_back({group.arn, target.id, target.port, clock_.now(), was_registered, by_call});
  if (!was_registered) return duration::zero();
  auto& each = found->second;
  if (each.state == "draining") return each.drained - clock_.now();
  if (group.with.deregistration_delay == duration::zero()) {
    group.targets.erase(found);
    return duration::zero();
  }
  each.state = "draining";
  each.drained = clock_.now() + group.with.deregistration_delay;
  each.reason = "Target.DeregistrationInProgress";
  each.next.set(group.with.deregistration_delay, [&group, target] { group.targets.erase(target); });
  return group.with.deregistration_delay;
}

void elbv2_model::ended(const std::string& instance, const std::string&) {
  for (auto& [arn, group] : groups_)
    std::erase_if(group.targets, [&instance](const auto& each) { return each.first.id == instance; });
}

}  // namespace lifehook::simulator
