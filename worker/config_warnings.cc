#include "aws/endpoint.h"
#include "aws/sns.h"
#include "aws/sqs.h"
#include "base/time_text.h"
#include "handlers/deadline.h"
#include "handlers/route.h"
#include "handlers/step_table.h"
#include "worker/config.h"
#include "worker/queue_labels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace lifehook::worker {

using handlers::event_kind;
using handlers::group;
using handlers::has_hook;
using handlers::is_of_task;
using handlers::plan;
using handlers::span_meaning;
using handlers::stage;
using handlers::step_plan;

namespace {

using advice = std::vector<std::string>;

void append(advice& to, advice more) { to.insert(to.end(), more.begin(), more.end()); }

// What is left to a group of the events it lists.
std::string_view word_for(event_kind kind) {
  if (is_of_task(kind)) return "task events";
  return has_hook(kind) ? "hooks" : "instance events";
}

advice about_shadow(const group& earlier, const group& later) {
  std::set<std::string_view> left;
  bool loses_some = false;
  for (const auto& [kind, list] : later.plans) {
    if (handlers::shadows(earlier, later, kind))
      loses_some = true;
    else
      left.insert(word_for(kind));
  }
  if (!loses_some) return {};
  if (left.empty())
    return {
        fmt::format("group {}: never reached, group {} above it matches all of it first", later.name, earlier.name)};
  return {fmt::format("group {}: gets only its {}, group {} above it matches its other events first", later.name,
                      fmt::join(left, " and "), earlier.name)};
}

advice about_shadows(const std::vector<group>& groups) {
  advice found;
  for (auto later = groups.begin(); later != groups.end(); ++later)
    for (auto earlier = groups.begin(); earlier != later; ++earlier) {
      auto shadow = about_shadow(*earlier, *later);
      if (shadow.empty()) continue;
      append(found, std::move(shadow));
      break;
    }
  return found;
}

advice about_left_hooks(const group& of) {
  advice found;
  if (of.hooks.empty()) return found;
  for (const auto kind : {event_kind::launching, event_kind::terminating})
    if (!of.plan_for(kind))
      found.push_back(
          fmt::format("group {0}: no list for {1}: {1} hooks named {2}, where the group has any, are left to AWS",
                      of.name, name(kind), fmt::join(of.hooks, ", ")));
  return found;
}

advice about_hooks(const group& of) {
  advice found;
  for (const auto& hook : of.hooks) {
    if (hook == "*")
      found.push_back(
          fmt::format("group {}: hooks \"*\" answers every hook, also those other programs complete", of.name));
    if (hook == handlers::ecs_managed_hook)
      found.push_back(fmt::format("group {}: hook {} belongs to ECS and is never answered", of.name, hook));
  }
  return found;
}

// What other programs take for more than itself.
advice about_globs(const group& of) {
  advice found;
  const auto look = [&](std::string_view key, const std::string& pattern) {
    if (pattern.find_first_of("[]{}") != pattern.npos)
      found.push_back(fmt::format("group {}: {} {}: globs know * and ? only, brackets and braces stand for themselves",
                                  of.name, key, pattern));
  };
  for (const auto& each : of.match) look("match", each);
  for (const auto& each : of.match_clusters) look("match_clusters", each);
  for (const auto& each : of.families) look("families", each);
  for (const auto& [key, pattern] : of.match_tags) look("match_tags", pattern);
  return found;
}

advice about_step(const group& of, event_kind kind, const step_plan& step, bool is_last) {
  advice found;
  const auto window = handlers::interruption_window(kind);
  if (window && step.timeout && *step.timeout > *window)
    found.push_back(fmt::format("group {}: {} has a timeout of {} for {}, but the instance ends {} after the notice",
                                of.name, step.step, to_text(*step.timeout), name(kind), to_text(*window)));
  const auto endless = handlers::find_step(step.step)->may_never_end;
  if (!endless.empty() && !window && !step.timeout)
    found.push_back(fmt::format("group {}: {} without a timeout: {} {} for the whole deadline of {}{}", of.name,
                                step.step, endless, has_hook(kind) ? "keeps the hook open" : "goes on",
                                to_text(of.deadline), is_last ? "" : ", and the steps after it never run"));
  if (step.step == "detach_instance" && !window)
    found.push_back(
        fmt::format("group {}: detach_instance of {}: nothing ends what it detaches, which runs on outside "
                    "every group and is paid for; {}",
                    of.name, name(kind),
                    kind == event_kind::state_change ? "Auto Scaling itself replaces what stops or ends"
                                                     : "raise_capacity replaces an instance and ends it"));
  return found;
}

// What only works among replicas when they share their state.
advice about_state(const config& of, const group& in) {
  if (of.state.backend == state_backend::dynamodb) return {};
  std::set<std::string_view> alone;
  for_each_step(in, [&alone](const step_plan& step, event_kind) {
    if (handlers::find_step(step.step)->needs_shared_state) alone.insert(step.step);
  });
  if (alone.empty()) return {};
  return {fmt::format(
      "group {}: {} with state in {}: replicas would not know of each other; with more than one write state: "
      "{{backend: dynamodb, table: NAME}}",
      in.name, fmt::join(alone, ", "), of.state.backend == state_backend::sqlite ? "a file" : "memory")};
}

// What is done for a maintenance is undone when that is over: told of two weeks ahead, it is done at once.
bool awaits_returns(const group& in) {
  const auto* const list = in.plan_for(handlers::event_kind::scheduled_change);
  return list && handlers::undoes(*list);
}

// Waits that outlast a queue's defaults.
advice about_long_waits(const group& in) {
  std::set<std::string> waits;
  for_each_step(in, [&waits](const step_plan& step, event_kind) {
    for (const auto& setting : handlers::find_step(step.step)->schema)
      if (setting.means == span_meaning::before_change && step.with.has(setting.key))
        waits.insert(fmt::format("{} {}", step.step, setting.key));
  });
  if (waits.empty() && awaits_returns(in)) waits.insert("waiting for an instance to return from");
  if (waits.empty()) return {};
  return {
      fmt::format("group {}: {} a scheduled change may last two weeks: its queue needs a retention of 14 days and a "
                  "maxReceiveCount of 100 or more",
                  in.name, fmt::join(waits, ", "))};
}

// A recommendation ends no instance, and a drain is not undone after it.
advice about_needless_drain(const group& in) {
  const auto* const list = in.plan_for(event_kind::rebalance_recommendation);
  if (!list) return {};
  bool drains = false;
  for (const auto& each : *list) {
    for (const auto& step : each.together) {
      if (handlers::find_step(step.step)->brings_replacement) return {};
      drains = drains || step.step == "drain_ecs";
    }
    if (drains)
      return {fmt::format(
          "group {}: drain_ecs of rebalance_recommendation without raise_capacity before it: an instance "
          "that need not end is drained; unless Capacity Rebalancing is on nothing replaces it, and nothing "
          "sets it ACTIVE again",
          in.name)};
  }
  return {};
}

// Until when a step that begins `at` may take or wait, as far as that is configured; both from the event on. What an
// interruption leaves is short enough for the waits that are not written, too.
duration end_of(const step_plan& step, duration at, bool is_interruption) {
  if (step.timeout) return at + *step.timeout;
  auto end = at;
  for (const auto& spec : handlers::find_step(step.step)->schema)
    if (spec.is_wait() && spec.means != span_meaning::before_end && (is_interruption || step.with.has(spec.key)))
      end = std::max(end, step.with.get_or(spec.key, spec.default_wait) +
                              (spec.means == span_meaning::from_event ? duration(0) : at));
  return end;
}

// Each may fit into the deadline, or what an interruption leaves, and yet leave nothing to those after it.
advice about_time(const group& of, event_kind kind, const plan& list) {
  if (list.size() < 2) return {};
  const auto work = handlers::interruption_work(kind, handlers::gives_back(list));
  duration end{0};
  for (const auto& each : list) {
    const auto begins = end;
    for (const auto& step : each.together) end = std::max(end, end_of(step, begins, work.has_value()));
  }
  if (end <= work.value_or(of.deadline)) return {};
  const auto left =
      work ? fmt::format("{} it leaves for work", to_text(*work)) : fmt::format("deadline of {}", to_text(of.deadline));
  return {
      fmt::format("group {}: the timeouts and waits of {} add up to {}, more than the {}: its last steps may not run",
                  of.name, name(kind), to_text(end), left)};
}

advice about_replacements(const group& of, event_kind kind, const plan& list) {
  std::set<std::string_view> bringing;
  for (const auto& each : list)
    for (const auto& step : each.together)
      if (handlers::find_step(step.step)->brings_replacement) bringing.insert(step.step);
  if (bringing.size() < 2) return {};
  return {fmt::format("group {}: {} of {} each bring a replacement: one instance is replaced by two{}", of.name,
                      fmt::join(bringing, " and "), name(kind),
                      handlers::gives_back(list) ? ", of which one is ended again" : "")};
}

advice about_lists(const group& of) {
  advice found;
  for (const auto& [kind, list] : of.plans) {
    for (const auto& each : list)
      for (const auto& step : each.together) append(found, about_step(of, kind, step, &each == &list.back()));
    append(found, about_time(of, kind, list));
    append(found, about_replacements(of, kind, list));
  }
  return found;
}

// AWS, AWS China and the others know nothing of each other, nor of each other's credentials.
advice about_topics(std::string_view home, const group& in) {
  if (home.empty()) return {};
  const auto own = aws::partition_of(home).name;
  std::set<std::string> foreign;
  for_each_step(in, [&foreign, own](const step_plan& step, event_kind) {
    for (const auto& topic : handlers::written_as("TOPIC", step)) {
      const auto parts = aws::read_topic(topic);
      if (parts && aws::partition_of(parts->region).name != own) foreign.insert(topic);
    }
  });
  advice found;
  for (const auto& each : foreign)
    found.push_back(
        fmt::format("group {}: notify: {} is not in the worker's partition of AWS, {} ({}), whose credentials are not "
                    "taken there",
                    in.name, each, own, home));
  return found;
}

advice about_queues(const config& of, std::string_view home) {
  advice found;
  if (home.empty()) return found;
  const auto source = of.region ? "" : ", as the environment names it";
  const auto labels = queue_labels(of.queues);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto region = aws::queue_region(of.queues[i].url);
    if (!region.empty() && region != home)
      found.push_back(
          fmt::format("queue {}: is in {}, but region is {}{}: lifecycle hooks and their queue share a region",
                      labels[i], region, home, source));
  }
  return found;
}

}  // namespace

std::vector<std::string> warnings(const config& of, std::string_view found_region) {
  const auto home = of.region ? std::string_view(*of.region) : found_region;
  const auto likely_home = home.empty() ? aws::queue_region(of.queues.front().url) : home;
  auto found = about_queues(of, home);
  append(found, of.remarks);
  for (const auto& each : of.groups) {
    append(found, about_hooks(each));
    append(found, about_globs(each));
    append(found, about_lists(each));
    append(found, about_state(of, each));
    append(found, about_topics(likely_home, each));
  }
  append(found, about_shadows(of.groups));
  return found;
}

bool waits_for_weeks(const config& of) {
  return std::any_of(of.groups.begin(), of.groups.end(),
                     [](const group& each) { return !about_long_waits(each).empty(); });
}

std::vector<std::string> notes(const config& of) {
  advice found;
  for (const auto& each : of.groups) {
    append(found, about_left_hooks(each));
    append(found, about_long_waits(each));
    append(found, about_needless_drain(each));
  }
  return found;
}

}  // namespace lifehook::worker
