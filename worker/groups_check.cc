#include "worker/groups_check.h"

#include "aws/sqs.h"
#include "base/glob.h"
#include "base/time_text.h"
#include "handlers/parse_hook.h"
#include "handlers/route.h"
#include "handlers/step_table.h"
#include "worker/config_nearest.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

namespace lifehook::worker {

namespace {

using handlers::event_kind;
using handlers::group;
using kind = aws_finding::kind;

constexpr std::size_t most_named = 5;  // Auto Scaling groups of a group, in one line

std::string some_of(const std::vector<std::string>& names) {
  if (names.size() <= most_named) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + most_named, ", "),
                     names.size() - most_named);
}

std::optional<event_kind> kind_of(const aws::lifecycle_hook& hook) {
  for (const auto each : {event_kind::launching, event_kind::terminating})
    if (hook.transition == handlers::transition_of(each)) return each;
  return std::nullopt;
}

bool names_hook(const group& by, const std::string& hook) {
  return std::any_of(by.hooks.begin(), by.hooks.end(), [&hook](const auto& each) { return glob_match(each, hook); });
}

// The hook that a name or pattern of a group may have meant, of those the group does not name; empty when none is near.
template <class Hooks>
std::string meant_by(const std::string& name, const group& by, const Hooks& has) {
  std::vector<std::string_view> unnamed;
  for (const auto& hook : has)
    if (!names_hook(by, hook)) unnamed.emplace_back(hook);
  return std::string(nearest(name, unnamed).value_or(std::string_view()));
}

// Of a group that answers none of these hooks.
std::string slip_of(const group& by, const std::vector<std::string>& has) {
  for (const auto& name : by.hooks)
    if (const auto meant = meant_by(name, by, has); !meant.empty())
      return fmt::format("; did you mean {} where group {} says {}?", meant, by.name, name);
  return {};
}

// What becomes of events of a hook, or of those without one.
handlers::route_decision routed(const aws::scaling_group& in, const std::string& hook, event_kind as,
                                const config& of) {
  handlers::event about;
  about.kind = as;
  about.group = in.name;
  about.hook = hook;
  return handlers::route(about, {in.name, in.tags}, of.groups);
}

// Whether events of some of its instances would come to the group, if they have its tags.
bool is_named(const group& by, const aws::scaling_group& in) {
  return handlers::matches_instance(by, {in.name, std::nullopt}) != handlers::matched::no;
}

// Whether events of all its instances would, whatever their own tags.
bool gets(const group& to, const aws::scaling_group& in) {
  return handlers::matches_instance(to, {in.name, in.tags}) == handlers::matched::yes;
}

}  // namespace

void groups_check::see_groups(const std::vector<aws::scaling_group>& all) const {
  for (const auto& each : config_.groups)
    if (!each.match.empty() || !each.match_tags.empty()) say_of_group(each, all);
  for (const auto& each : all)
    if (each.rebalances) say_of_rebalancing(each);
}

std::vector<std::string> groups_check::in_service_of(const group& of,
                                                     const std::vector<aws::scaling_group>& all) const {
  constexpr std::size_t most = 100;  // in a filter of ECS
  std::vector<std::string> ids;
  for (const auto& in : all)
    if (gets(of, in))
      for (const auto& each : in.instances)
        if (each.lifecycle_state == "InService" && ids.size() < most) ids.push_back(each.id);
  return ids;
}

void groups_check::say_of_group(const group& of, const std::vector<aws::scaling_group>& all) const {
  std::vector<std::string> matched;
  std::vector<std::string> untagged;
  for (const auto& in : all)
    if (is_named(of, in)) (gets(of, in) ? matched : untagged).push_back(in.name);
  if (!matched.empty()) {
    say(tell_, kind::fine, "group {}: matches {}", of.name, some_of(matched));
    return say_of_idle_patterns(of, all);
  }
  const bool by_name = !of.match.empty() && !untagged.empty();
  say(tell_, kind::warning, "group {}: no Auto Scaling group is matched now{}", of.name,
      by_name ? fmt::format("; without its tags, but for instances that have them: {}", some_of(untagged)) : "");
}

// A slip of the pen shows only here, where others of the group's patterns match.
void groups_check::say_of_idle_patterns(const group& of, const std::vector<aws::scaling_group>& all) const {
  for (const auto& pattern : of.match)
    if (std::none_of(all.begin(), all.end(), [&](const auto& in) { return glob_match(pattern, in.name); }))
      say(tell_, kind::warning, "group {}: no Auto Scaling group is called {} now", of.name, pattern);
}

// Auto Scaling launches its replacement once it is at risk, and ends it through its hook.
void groups_check::say_of_rebalancing(const aws::scaling_group& in) const {
  for (const auto at_risk : {event_kind::rebalance_recommendation, event_kind::spot_interruption}) {
    const auto decision = routed(in, {}, at_risk, config_);
    if (decision.what != handlers::routing::handle) continue;
    handlers::for_each_step(*decision.to, [&](const handlers::step_plan& step, event_kind of) {
      if (of == at_risk && handlers::find_step(step.step)->brings_replacement)
        say(tell_, kind::warning,
            "{}: {} of {}: an instance is replaced twice: the group's Capacity Rebalancing does it too, and ends it "
            "through its hook, which drains it; turn that off, or leave {} out",
            in.name, step.step, handlers::name(at_risk), step.step);
    });
  }
}

bool groups_check::is_of_interest(const aws::scaling_group& each) const {
  return handlers::may_answer_hooks(each.name, config_.groups) ||
         std::any_of(config_.groups.begin(), config_.groups.end(),
                     [&each](const group& by) { return is_named(by, each); });
}

void groups_check::see_hooks(const aws::scaling_group& in, const std::vector<aws::lifecycle_hook>& hooks) {
  bool answers = false;
  std::vector<std::string> others;
  for (const auto& hook : hooks) {
    const auto as = kind_of(hook);
    const auto decision = as ? routed(in, hook.name, *as, config_) : handlers::route_decision();
    if (decision.what == handlers::routing::unanswered) say_left_alone(in, hook, *as, *decision.to);
    if (decision.what == handlers::routing::handle) {
      say_of_hook(in, hook, *as, *decision.to);
      auto& by = answered_[decision.to->name];
      by.names.insert(hook.name);
      by.kinds.insert(*as);
      answers = true;
    } else {
      others.push_back(hook.name);
      if (decision.what != handlers::routing::unanswered) say_of_strangers(in, hook);
    }
  }
  for (const auto& each : config_.groups)
    if (is_named(each, in))
      for (const auto& hook : hooks) answered_[each.name].others.insert(hook.name);
  const auto* const by = taker_of(in);
  if (by && !answers) say_unanswered(in, others, *by);
}

// A hook that is still to be made is no mistake, and one beside it may be another system's: unless their names are
// nearly the same, and the group is meant by its own name.
void groups_check::say_unanswered(const aws::scaling_group& in, const std::vector<std::string>& has,
                                  const group& by) const {
  const auto slip = slip_of(by, has);
  const bool is_meant = std::find(by.match.begin(), by.match.end(), in.name) != by.match.end();
  say(tell_, slip.empty() || !is_meant ? kind::warning : kind::wrong, "{}: no lifecycle hook of it is answered{}{}",
      in.name, has.empty() ? "; it has none" : fmt::format("; it has {}", some_of(has)), slip);
}

// Its events come here, to a worker that leaves them alone.
void groups_check::say_of_strangers(const aws::scaling_group& in, const aws::lifecycle_hook& hook) const {
  if (hook.name == handlers::ecs_managed_hook || !notifies_us(hook)) return;
  say(tell_, kind::warning,
      "{}: hook {}: it notifies the queue, and no list here answers it: AWS ends it after {} with {}", in.name,
      hook.name, to_text(hook.heartbeat_timeout), hook.default_result);
}

bool groups_check::notifies_us(const aws::lifecycle_hook& hook) const {
  return std::any_of(config_.queues.begin(), config_.queues.end(),
                     [&hook](const auto& queue) { return aws::is_queue_at(hook.notifies, queue.url); });
}

void groups_check::say_left_alone(const aws::scaling_group& in, const aws::lifecycle_hook& hook, event_kind as,
                                  const group& by) const {
  say(tell_, kind::warning, "{}: hook {}: group {} names it, but has no list for {}: AWS ends it after {} with {}",
      in.name, hook.name, by.name, handlers::name(as), to_text(hook.heartbeat_timeout), hook.default_result);
}

// The group that gets it, if that answers hooks.
const group* groups_check::taker_of(const aws::scaling_group& in) const {
  const auto first =
      std::find_if(config_.groups.begin(), config_.groups.end(), [&in](const group& each) { return gets(each, in); });
  return first != config_.groups.end() && !first->hooks.empty() ? &*first : nullptr;
}

void groups_check::say_of_hook(const aws::scaling_group& in, const aws::lifecycle_hook& hook, event_kind as,
                               const group& to) const {
  const auto name = fmt::format("{}: hook {}", in.name, hook.name);
  const auto way = feeds_.way_of(hook, as);
  bool fits = true;
  if (hook.global_timeout < to.deadline) {
    fits = false;
    say(tell_, kind::warning,
        "{}: AWS ends it after {}, before the deadline of group {} ({}): make its heartbeat timeout "
        "longer, or the deadline shorter",
        name, to_text(hook.global_timeout), to.name, to_text(to.deadline));
  }
  if (aws::is_queue(hook.notifies) && !notifies_us(hook)) {
    fits = false;
    say(tell_, kind::wrong, "{}: notifies {}, which is no queue of the configuration", name, hook.notifies);
  }
  if (way.warns)
    say(tell_, kind::warning, "{}: {}", name, way.text);
  else if (fits)
    say(tell_, kind::fine, "{}: answered by group {}; {}", name, to.name, way.text);
}

void groups_check::say_of_idle() const {
  for (const auto& each : config_.groups) {
    const auto found = answered_.find(each.name);
    if (found == answered_.end() || found->second.names.empty()) continue;  // that none is answered is said already
    say_of_idle_names(each, found->second);
    for (const auto list : {event_kind::launching, event_kind::terminating})
      if (each.plan_for(list) && found->second.kinds.count(list) == 0)
        say(tell_, kind::warning, "group {}: {}: no hook of this kind is answered now", each.name,
            handlers::name(list));
  }
}

void groups_check::say_of_idle_names(const group& of, const answered& by) const {
  for (const auto& name : of.hooks) {
    const auto is_called_so = [&name](const auto& hook) { return glob_match(name, hook); };
    if (std::any_of(by.names.begin(), by.names.end(), is_called_so)) continue;
    if (std::any_of(by.others.begin(), by.others.end(), is_called_so)) continue;  // named, and without a list
    const auto meant = meant_by(name, of, by.others);
    say(tell_, kind::warning, "group {}: no lifecycle hook is called {} now{}", of.name, name,
        meant.empty() ? std::string() : fmt::format("; did you mean {}?", meant));
  }
}

}  // namespace lifehook::worker
