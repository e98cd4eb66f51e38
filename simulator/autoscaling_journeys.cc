#include "base/time_text.h"
#include "simulator/autoscaling_messages.h"
#include "simulator/autoscaling_model.h"
#include "simulator/identity.h"

#include <utility>

namespace lifehook::simulator {
namespace {

constexpr std::size_t activities_kept = 10'000;             // of a group
constexpr duration proceed_time = std::chrono::seconds(1);  // spent in :Proceed, and in Terminating without hooks

std::map<std::string, std::string> propagated_tags(const group_settings& of) {
  auto tags = of.tags;
  std::erase_if(tags, [&of](const auto& tag) { return of.unpropagated.contains(tag.first); });
  return tags;
}

}  // namespace

group_member& autoscaling_model::launch(scaling_group& group, journey on, rank counted, const std::string& cause) {
  auto& each = registry_.add_member(clock_, "i-0" + make_hex(random_, 16), group, counted);
  each.on = on;
  each.state = words(on).state;
  each.activity = record(group, "Launching a new EC2 instance: " + each.id, cause);
  fleet_.launch(each.id, group.with.name, {propagated_tags(group.with), group.with.spot});
  return each;
}

void autoscaling_model::end_by_itself(group_member& each, rank counted, const std::string& cause) {
  if (each.counted == rank::starting) {
    cut_actions(each);
    if (!each.activity->ended) settle(*each.activity, "Cancelled");
  }
  registry_.count_as(each, counted);
  begin(each, journey::terminate, "Terminating EC2 instance: " + each.id, cause);
}

void autoscaling_model::begin(group_member& each, journey on, std::string description, std::string cause) {
  const bool served = each.state == "InService";
  each.on = on;
  each.state = words(on).state;
  each.activity = record(each.group, std::move(description), std::move(cause));
  if (served) return drain(each);
  if (!takes_time_to_begin(on)) return wait_for_hooks(each);
  each.next.set(each.group.with.launch_time, [this, &each] { wait_for_hooks(each); });
}

// What leaves service leaves its target groups first: hooks begin when they have let it go.
void autoscaling_model::drain(group_member& each) {
  const auto wait = deregister_from_all(each);
  if (wait <= duration::zero()) return wait_for_hooks(each);
  each.activity->status = "WaitingForELBConnectionDraining";
  each.activity->description += " - Waiting For ELB Connection Draining.";  // AWS's words; until when is not known
  each.next.set(wait, [this, &each] {
    each.activity->status = "InProgress";
    wait_for_hooks(each);
  });
}

void autoscaling_model::wait_for_hooks(group_member& each) {
  each.next.unset();
  if (takes_time_to_begin(each.on)) fleet_.start(each.id);
  const auto& on = words(each.on);
  for (const auto& [name, hook] : each.group.hooks) {
    if (hook.transition != on.transition) continue;
    const auto action = actions_.open(hook, each.group.with.name, each.id);
    each.open_tokens.push_back(action.token);
    announce(each, hook, action);
  }
  if (!each.open_tokens.empty()) {
    each.state = std::string(on.state) + ":Wait";
    each.activity->status = "MidLifecycleAction";
    return;
  }
  if (takes_time_to_begin(each.on)) return arrive(each);
  each.next.set(proceed_time, [this, &each] { arrive(each); });
}

void autoscaling_model::announce(const group_member& each, const hook_settings& hook, const lifecycle_record& action) {
  const hook_announcement of{owner_, each.group, hook, action, words(each.on)};
  if (!hook.target_arn.empty()) queues_.send(hook.target_arn, hook_message(of, make_uuid(random_)));
  if (bridges_.empty()) return;
  const auto event = hook_event(of, make_uuid(random_));
  for (const auto& queue : bridges_) queues_.send(queue, event);
}

void autoscaling_model::announce_success(const group_member& each) {
  if (bridges_.empty()) return;
  const auto event = success_event(owner_, each, clock_.now(), make_uuid(random_));
  for (const auto& queue : bridges_) queues_.send(queue, event);
}

void autoscaling_model::action_ended(const lifecycle_record& ended) {
  auto* each = registry_.member(ended.instance);
  if (!each) return;
  std::erase(each->open_tokens, ended.token);
  if (ended.result == "ABANDON") {
    cut_actions(*each);
    if (takes_time_to_begin(each->on)) return abandon_launch(*each);
  }
  if (each->open_tokens.empty()) proceed(*each);
}

void autoscaling_model::abandon_launch(group_member& each) {
  settle(*each.activity, "Cancelled");
  const auto cause =
      at_now("instance " + each.id + " was taken out of service in response to a lifecycle action being abandoned");
  const bool warm = each.on == journey::prepare;
  registry_.count_as(each, warm ? rank::released : rank::leaving);
  begin(each, warm ? journey::end_warm : journey::terminate, "Terminating EC2 instance: " + each.id, cause);
}

void autoscaling_model::proceed(group_member& each) {
  each.state = std::string(words(each.on).state) + ":Proceed";
  each.activity->status = "InProgress";
  each.next.set(proceed_time, [this, &each] { arrive(each); });
}

void autoscaling_model::arrive(group_member& each) {
  settle(*each.activity, "Successful");
  switch (each.on) {
    case journey::launch:
    case journey::leave_pool: serve(each); return announce_success(each);
    case journey::prepare:
    case journey::return_to_pool: return rest(each);
    case journey::replace_root: return boot_again(each);
    case journey::terminate:
    case journey::end_warm: announce_success(each); leave_for_good(each);
  }
}

void autoscaling_model::serve(group_member& each) {
  each.state = "InService";
  registry_.count_as(each, rank::in_service);
  if (each.lost) return miss_soon(each);
  register_with_all(each);
}

void autoscaling_model::rest(group_member& each) {
  const auto as = each.group.pool.value_or(warm_pool{}).state;
  each.state = "Warmed:" + as;
  registry_.count_as(each, rank::warm);
  if (as != "Running") fleet_.stop(each.id);
  if (each.lost) miss_soon(each);
}

void autoscaling_model::boot_again(group_member& each) {
  each.state = "RootVolumeReplaced";
  fleet_.reboot(each.id);
  each.next.set(each.group.with.launch_time, [this, &each] { serve(each); });
}

void autoscaling_model::leave_for_good(group_member& each) {
  auto& group = each.group;
  const auto id = each.id;
  registry_.drop(each);
  ended_.insert(id);
  fleet_.end(id, group.with.name);
  match_capacity(group, {});
}

void autoscaling_model::cut_actions(group_member& each) {
  for (const auto& token : std::exchange(each.open_tokens, {})) actions_.cut(token, "ABANDON");
}

std::shared_ptr<scaling_activity> autoscaling_model::record(scaling_group& group, std::string description,
                                                            std::string cause) {
  auto told = std::make_shared<scaling_activity>();
  told->id = make_uuid(random_);
  told->group = group.with.name;
  told->description = std::move(description);
  told->cause = std::move(cause);
  told->status = "InProgress";
  told->began = clock_.now();
  group.activities.push_front(told);
  if (group.activities.size() > activities_kept) group.activities.pop_back();
  return told;
}

void autoscaling_model::settle(scaling_activity& each, std::string status) {
  each.status = std::move(status);
  each.progress = 100;
  each.ended = clock_.now();
}

}  // namespace lifehook::simulator
