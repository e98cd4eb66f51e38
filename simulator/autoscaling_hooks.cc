#include "simulator/autoscaling_hooks.h"

#include "simulator/identity.h"

#include <algorithm>

namespace lifehook::simulator {
namespace {

std::string joined(const std::string& group, const std::string& hook, const std::string& instance) {
  return group + '\n' + hook + '\n' + instance;
}

fault no_active_action(const action_name& named) {
  const auto by = named.token.empty() ? "instance ID " + named.instance : "token " + named.token;
  return validation_error("No active Lifecycle Action found with " + by);
}

}  // namespace

std::chrono::seconds global_timeout(const hook_settings& hook) {
  return std::min(std::chrono::seconds(172800), 100 * hook.heartbeat_timeout);
}

lifecycle_record lifecycle_actions::open(const hook_settings& hook, const std::string& group,
                                         const std::string& instance) {
  lifecycle_record story;
  story.group = group;
  story.hook = hook.name;
  story.instance = instance;
  story.transition = hook.transition;
  story.token = make_uuid(random_);
  story.began = clock_.now();

  const auto place = seen_.size();
  seen_.push_back(story);
  by_token_.emplace(story.token, place);
  by_names_.insert_or_assign(joined(group, hook.name, instance), place);
  auto& action = *open_.emplace(story.token, std::make_unique<running>(clock_, place, hook)).first->second;
  action.global_deadline = story.began + global_timeout(hook);
  arm(action);
  return story;
}

void lifecycle_actions::arm(running& action) {
  const auto until = std::min(clock_.now() + action.hook.heartbeat_timeout, action.global_deadline);
  action.limit.set(until, [this, place = action.record, result = action.hook.default_result] {
    then_(finish(place, result, true));
  });
}

std::optional<std::size_t> lifecycle_actions::find(const action_name& named) const {
  const auto& index = named.token.empty() ? by_names_ : by_token_;
  const auto found = index.find(named.token.empty() ? joined(named.group, named.hook, named.instance) : named.token);
  if (found == index.end()) return std::nullopt;
  const auto& story = seen_[found->second];
  if (story.group != named.group || story.hook != named.hook) return std::nullopt;
  return found->second;
}

or_fault<> lifecycle_actions::complete(const action_name& named, std::string result) {
  const auto place = find(named);
  if (!place) return no_active_action(named);
  ++seen_[*place].complete_calls;
  if (!is_open(seen_[*place].token)) return no_active_action(named);
  then_(finish(*place, std::move(result), false));
  return {};
}

or_fault<> lifecycle_actions::heartbeat(const action_name& named) {
  const auto place = find(named);
  if (!place) return no_active_action(named);
  const auto action = open_.find(seen_[*place].token);
  if (action == open_.end()) return no_active_action(named);
  seen_[*place].heartbeats.push_back(clock_.now());
  arm(*action->second);
  return {};
}

lifecycle_record lifecycle_actions::finish(std::size_t record, std::string result, bool timed_out) {
  auto& story = seen_[record];
  story.ended = clock_.now();
  story.result = std::move(result);
  story.timed_out = timed_out;
  open_.erase(story.token);
  return story;
}

void lifecycle_actions::take_shorter(const std::string& group, const hook_settings& hook) {
  for (auto& [token, action] : open_)
    if (seen_[action->record].group == group && seen_[action->record].hook == hook.name)
      action->hook.heartbeat_timeout = std::min(action->hook.heartbeat_timeout, hook.heartbeat_timeout);
}

void lifecycle_actions::cut(const std::string& token, std::string result) {
  const auto found = open_.find(token);
  if (found != open_.end()) finish(found->second->record, std::move(result), false);
}

void lifecycle_actions::end_of_hook(const std::string& group, const std::string& hook) {
  std::vector<std::size_t> ending;
  for (const auto& [token, action] : open_)
    if (seen_[action->record].group == group && seen_[action->record].hook == hook) ending.push_back(action->record);
  std::sort(ending.begin(), ending.end());
  for (const auto record : ending) {
    if (!is_open(seen_[record].token)) continue;  // cut by one that ended before it
    const bool launching = seen_[record].transition.ends_with("LAUNCHING");
    then_(finish(record, launching ? "ABANDON" : "CONTINUE", false));
  }
}

}  // namespace lifehook::simulator
