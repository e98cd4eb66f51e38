#include "worker/config_groups.h"

#include "aws/limits.h"
#include "worker/config_limits.h"
#include "worker/config_steps.h"
#include "worker/config_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lifehook::worker {

using handlers::all_event_kinds;
using handlers::event_kind;
using handlers::failure_policy;
using handlers::group;

namespace {

constexpr auto other_keys = std::to_array<std::string_view>(
    {"name", "match", "match_tags", "match_clusters", "families", "hooks", "deadline", "on_failure"});

// Auto Scaling keeps no hook open for longer; shorter than its shortest heartbeat timeout nothing can be waited for.
constexpr duration shortest_deadline = aws::shortest_heartbeat_timeout;
constexpr duration longest_deadline = aws::longest_lifecycle_action;

std::vector<std::string_view> known_keys() {
  std::vector<std::string_view> known(other_keys.begin(), other_keys.end());
  for (const auto kind : all_event_kinds) known.push_back(name(kind));
  return known;
}

std::string read_name(config_reader& in, const written_map& keys) {
  constexpr std::string_view expected =
      "a name of letters, digits, '_', '.' and '-', at most 64 (it becomes a metric label)";
  const auto at = in.required(keys, "name", expected);
  auto text = in.text(at, expected);
  if (!text) return {};
  if (!is_group_name(*text)) in.complain(at, fmt::format("expected {}, got {}", expected, shown(*text)));
  return *std::move(text);
}

std::map<std::string, std::string> read_tags(config_reader& in, const written& at) {
  std::map<std::string, std::string> tags;
  const auto keys = in.any_keys_of(at);
  for (const auto& [key, value] : keys.all())
    if (auto glob = in.text(value, "the value of a tag, or a glob")) tags.emplace(key, *std::move(glob));
  if (at && at.node->is == yaml_node::shape::map && keys.all().empty())
    in.complain(at, "expected at least one tag, got an empty map");
  return tags;
}

std::optional<failure_policy> read_policy(config_reader& in, const written& at) {
  constexpr std::array<std::string_view, 3> words{"continue", "abandon", "default"};
  constexpr std::array<failure_policy, 3> policies{failure_policy::proceed, failure_policy::abandon,
                                                   failure_policy::leave_default};
  const auto chosen = in.choice(at, words);
  if (!chosen) return std::nullopt;
  return policies[*chosen];
}

std::map<event_kind, handlers::plan> read_plans(config_reader& in, const written_map& keys, duration deadline) {
  std::map<event_kind, handlers::plan> plans;
  for (const auto kind : all_event_kinds) {
    const auto at = keys[name(kind)];
    if (!at) continue;
    const auto list = read_steps(in, at, kind);
    check_limits(in, list, kind, deadline);
    plans.emplace(kind, plan_of(list));
  }
  return plans;
}

// Lists of instances need what matches instances, lists of tasks what matches tasks.
void check_matches(config_reader& in, const written_map& keys) {
  const bool of_instances = keys.has("match") || keys.has("match_tags");
  const bool of_tasks = keys.has("match_clusters");
  if (!of_instances && !of_tasks)
    return in.complain(keys.around(),
                       "matches nothing; expected match (Auto Scaling group names), match_tags or match_clusters");
  for (const auto kind : all_event_kinds) {
    const auto list = keys[name(kind)];
    if (list && is_of_task(kind) && !of_tasks)
      in.complain(list.where, list.path,
                  "is of tasks; needs match_clusters: the names of ECS clusters, such as [\"prod\"]");
    if (list && !is_of_task(kind) && !of_instances)
      in.complain(list.where, list.path, "is of instances; needs match or match_tags, which name them");
  }
}

void check_hooks(config_reader& in, const written_map& keys) {
  for (const auto kind : {event_kind::launching, event_kind::terminating})
    if (const auto list = keys[name(kind)]; list && !keys.has("hooks"))
      return in.complain(
          list.where, list.path,
          "needs hooks beside it: the names of the lifecycle hooks to answer, such as hooks: [\"drain\"]");
}

bool has_unknown_key(const written_map& keys) {
  const auto known = known_keys();
  return std::any_of(keys.all().begin(), keys.all().end(), [&known](const auto& each) {
    return std::find(known.begin(), known.end(), each.first) == known.end();
  });
}

// What must be written together.
void check_whole(config_reader& in, const written_map& keys) {
  const auto& around = keys.around();
  if (!around || around.node->is != yaml_node::shape::map) return;
  check_matches(in, keys);
  if (keys.has("families") && !keys.has("match_clusters"))
    in.complain(keys["families"], "narrows match_clusters, which is not written");
  const auto is_written = [&keys](event_kind kind) { return keys.has(name(kind)); };
  const bool has_list = std::any_of(all_event_kinds.begin(), all_event_kinds.end(), is_written);
  if (!has_list && !has_unknown_key(keys))  // which may be a list, mistyped
    in.complain(around, "does nothing; expected at least one list, such as terminating");
  check_hooks(in, keys);
}

// What a name that AWS gives can be spelled with, as a glob: another would match nothing.
struct spelling {
  bool (*has)(char letter);
  std::string_view rule;
};
constexpr spelling of_ecs{[](char c) { return c != ':' && c != '/'; }, "without ':' and '/'"};
constexpr spelling of_scaling_group{[](char c) { return c != ':'; }, "without ':'"};
constexpr spelling of_hook{[](char c) {
                             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                    std::string_view("-_/*?").find(c) != std::string_view::npos;
                           },
                           "of letters, digits, '-', '_' and '/'"};

std::vector<std::string> read_names(config_reader& in, const written& at, std::string_view expected,
                                    const spelling& as) {
  auto names = in.texts(at, expected).value_or(std::vector<std::string>());
  for (const auto& each : names)
    if (!std::all_of(each.begin(), each.end(), as.has))
      in.complain(at, fmt::format("expected {}, {}, got {}", expected, as.rule, shown(each)));
  return names;
}

group read_group(config_reader& in, const written& at) {
  group read;
  const auto keys = in.keys_of(at, known_keys());
  read.name = read_name(in, keys);
  read.match = read_names(in, keys["match"], "the name of an Auto Scaling group, or a glob", of_scaling_group);
  read.match_tags = read_tags(in, keys["match_tags"]);
  read.match_clusters = read_names(in, keys["match_clusters"], "the name of an ECS cluster, or a glob", of_ecs);
  read.families = read_names(in, keys["families"], "the family of a task definition, or a glob", of_ecs);
  read.hooks = read_names(in, keys["hooks"], "the name of a lifecycle hook, or a glob", of_hook);
  const auto failures = in.keys_of(keys["on_failure"], {"launching", "terminating"});
  read.on_launch_failure = read_policy(in, failures["launching"]).value_or(read.on_launch_failure);
  read.on_terminate_failure = read_policy(in, failures["terminating"]).value_or(read.on_terminate_failure);
  const auto deadline = in.span(keys["deadline"], shortest_deadline, longest_deadline);
  read.deadline = deadline.value_or(read.deadline);
  // An unreadable deadline has been complained about: nothing is measured against it.
  read.plans = read_plans(in, keys, keys.has("deadline") && !deadline ? longest_deadline : read.deadline);
  check_whole(in, keys);
  return read;
}

}  // namespace

std::vector<group> read_groups(config_reader& in, const written& at) {
  std::vector<group> groups;
  for (const auto& entry : in.entries_of(at)) {
    auto next = read_group(in, entry);
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const group& g) { return g.name == next.name; });
    if (!next.name.empty() && same != groups.end())
      in.complain(entry, fmt::format("the name {} is taken by groups[{}]", shown(next.name), same - groups.begin()));
    groups.push_back(std::move(next));
  }
  return groups;
}

}  // namespace lifehook::worker
