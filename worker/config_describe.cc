#include "base/time_text.h"
#include "handlers/step_table.h"
#include "worker/config.h"
#include "worker/queue_labels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lifehook::worker {

using handlers::event_kind;
using handlers::failure_policy;
using handlers::group;
using handlers::stage;
using handlers::step_plan;

namespace {

std::string_view word(failure_policy policy) {
  switch (policy) {
    case failure_policy::proceed: return "continue";
    case failure_policy::abandon: return "abandon";
    case failure_policy::leave_default: return "the hook's own default";
  }
  return "continue";
}

std::string describe(const queue_settings& queue, std::string_view label) {
  return fmt::format("queue {}  {}\n  {} poller{}, {} in hand, hold {}, visibility {}\n", label, queue.url,
                     queue.pollers, queue.pollers == 1 ? "" : "s", queue.in_hand,
                     queue.hold == duration(0) ? "none (requeued after every look)" : to_text(queue.hold),
                     to_text(queue.visibility));
}

std::string describe(const state_config& of) {
  switch (of.backend) {
    case state_backend::memory: return "memory";
    case state_backend::sqlite: return "file " + of.path;
    case state_backend::dynamodb: return "DynamoDB table " + of.table;
  }
  return "memory";
}

std::string describe(const step_plan& step) {
  std::vector<std::string> said;
  const auto* kind = handlers::find_step(step.step);
  if (auto settings = kind && kind->describe ? kind->describe(step.with) : std::string(); !settings.empty())
    said.push_back(std::move(settings));
  if (step.timeout) said.push_back("timeout " + to_text(*step.timeout));
  if (step.failure == handlers::on_error::next) said.push_back("goes on after a failure");
  if (step.dry_run) said.push_back("dry run");
  return said.empty() ? step.step : fmt::format("{}  {}", step.step, fmt::join(said, ", "));
}

std::string describe(const stage& of, std::size_t number) {
  if (of.together.size() == 1) return fmt::format("    {}. {}\n", number, describe(of.together.front()));
  auto text = fmt::format("    {}. together:\n", number);
  for (const auto& step : of.together) text += fmt::format("       - {}\n", describe(step));
  return text;
}

std::string describe_list(const group& of, event_kind kind) {
  const auto* plan = of.plan_for(kind);
  if (!plan) return {};
  auto text = fmt::format("  {}", name(kind));
  if (has_hook(kind))
    text += fmt::format(" (on failure: {})",
                        word(kind == event_kind::launching ? of.on_launch_failure : of.on_terminate_failure));
  text += '\n';
  std::size_t number = 0;
  for (const auto& each : *plan) text += describe(each, ++number);
  return text;
}

std::string describe_match(const group& of) {
  std::vector<std::string> said;
  std::vector<std::string> tags;
  for (const auto& [key, value] : of.match_tags) tags.push_back(fmt::format("{}={}", key, value));
  const auto tagged = fmt::format("tagged {}", fmt::join(tags, " and "));
  if (!of.match.empty())
    said.push_back(fmt::format("Auto Scaling groups {}{}", fmt::join(of.match, ", "),
                               tags.empty() ? "" : ", of these instances " + tagged));
  else if (!tags.empty())
    said.push_back("instances " + tagged);
  if (!of.match_clusters.empty())
    said.push_back(fmt::format("tasks of clusters {}{}{}", fmt::join(of.match_clusters, ", "),
                               of.families.empty() ? "" : ", families ", fmt::join(of.families, ", ")));
  return fmt::format("{}", fmt::join(said, ", "));
}

std::string describe(const group& of) {
  auto text = fmt::format("group {}  {}", of.name, describe_match(of));
  if (!of.hooks.empty()) text += fmt::format("   hooks {}", fmt::join(of.hooks, ", "));
  text += fmt::format("   deadline {}\n", to_text(of.deadline));
  for (const auto kind : handlers::all_event_kinds) text += describe_list(of, kind);
  return text;
}

std::string describe_foreign(duration keep) {
  constexpr std::string_view whose = "hooks and interruptions that no list here answers";
  if (keep == duration(0)) return fmt::format("deletes {} at once\n", whose);
  return fmt::format("puts {} back for {}, then deletes them\n", whose, to_text(keep));
}

}  // namespace

std::string describe(const config& of) {
  std::string text;
  const auto labels = queue_labels(of.queues);
  for (std::size_t i = 0; i < labels.size(); ++i) text += describe(of.queues[i], labels[i]);
  for (const auto& each : of.groups) text += "\n" + describe(each);
  text += fmt::format("\nstate in {}\n", describe(of.state));
  for (const auto& [family, limits] : of.budget.allowed.limits)
    text += fmt::format("API limit {}: {:g} calls at once, then {:g} a second\n", family, limits.most, limits.refill);
  if (of.budget.counts_replicas)
    text += "shares the account's API limits with the other tasks of its ECS service\n";
  else if (of.budget.allowed.replicas > 1)
    text += fmt::format("keeps to 1/{:g} of the account's API limits\n", of.budget.allowed.replicas);
  text += describe_foreign(of.keep_foreign);
  if (adopts_hooks(of)) text += fmt::format("adopts hooks that wait {} without a message\n", to_text(of.adopt_after));
  text +=
      fmt::format("region {}, status on {}:{}, stops within {}\n", of.region.value_or("from the environment"),
                  of.status_address.find(':') == std::string::npos ? of.status_address : "[" + of.status_address + "]",
                  of.status_port, to_text(of.stop_timeout));
  return text;
}

}  // namespace lifehook::worker
