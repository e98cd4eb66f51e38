#include "simulator/autoscaling_groups.h"

#include <algorithm>
#include <utility>

namespace lifehook::simulator {
namespace {

constexpr std::string_view launching = "autoscaling:EC2_INSTANCE_LAUNCHING";
constexpr std::string_view terminating = "autoscaling:EC2_INSTANCE_TERMINATING";

// Of a root volume's replacement no message has been seen: its words are taken to be those of an end, which tells the
// least, so that whoever cares has to ask for the state.
constexpr std::array<journey_words, 7> journeys = {{
    {launching, "EC2", "AutoScalingGroup", "Pending"},
    {launching, "EC2", "WarmPool", "Warmed:Pending"},
    {launching, "WarmPool", "AutoScalingGroup", "Pending"},
    {terminating, "AutoScalingGroup", "EC2", "Terminating"},
    {terminating, "AutoScalingGroup", "WarmPool", "Warmed:Pending"},
    {terminating, "WarmPool", "EC2", "Warmed:Terminating"},
    {terminating, "AutoScalingGroup", "EC2", "ReplacingRootVolume"},
}};

}  // namespace

const journey_words& words(journey on) { return journeys[static_cast<std::size_t>(on)]; }

bool takes_time_to_begin(journey on) { return words(on).transition == launching; }

int scaling_group::warm_wanted() const {
  if (!pool) return 0;
  return std::max({pool->min_size, pool->max_prepared.value_or(with.max_size) - with.desired, 0});
}

scaling_group& group_registry::add(group_settings with, std::string arn, time_point now) {
  auto group = std::make_unique<scaling_group>();
  auto name = with.name;
  group->with = std::move(with);
  group->arn = std::move(arn);
  group->created = now;
  return *groups_.insert_or_assign(std::move(name), std::move(group)).first->second;
}

const scaling_group* group_registry::find(std::string_view name) const {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : found->second.get();
}

scaling_group* group_registry::find(std::string_view name) {
  return const_cast<scaling_group*>(std::as_const(*this).find(name));
}

void group_registry::remove(std::string_view name) {
  const auto found = groups_.find(name);
  if (found != groups_.end()) groups_.erase(found);
}

group_member& group_registry::add_member(clock& time, std::string id, scaling_group& to, rank counted) {
  auto fresh = std::make_unique<group_member>(time, id, to, ++launched_);
  auto& each = *members_.emplace(std::move(id), std::move(fresh)).first->second;
  each.counted = counted;
  to.members.emplace(each.order, &each);
  to.of(counted).emplace(each.order, &each);
  return each;
}

const group_member* group_registry::member(std::string_view id) const {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : found->second.get();
}

group_member* group_registry::member(std::string_view id) {
  return const_cast<group_member*>(std::as_const(*this).member(id));
}

void group_registry::count_as(group_member& each, rank counted) {
  each.group.of(each.counted).erase(each.order);
  each.counted = counted;
  each.group.of(counted).emplace(each.order, &each);
}

void group_registry::drop(group_member& each) {
  each.group.of(each.counted).erase(each.order);
  each.group.members.erase(each.order);
  members_.erase(members_.find(each.id));
}

fault validation_error(std::string message) { return {400, "ValidationError", std::move(message)}; }

fault no_such_group(std::string_view name) {
  return validation_error("AutoScalingGroup name not found - AutoScalingGroup '" + std::string(name) + "' not found");
}

}  // namespace lifehook::simulator
