#include "handlers/route.h"

#include "base/glob.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace lifehook::handlers {

namespace {

bool any_glob(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(), [text](const auto& each) { return glob_match(each, text); });
}

bool all_tags(const std::map<std::string, std::string>& wanted, const std::map<std::string, std::string>& tags) {
  return std::all_of(wanted.begin(), wanted.end(), [&tags](const auto& each) {
    const auto found = tags.find(each.first);
    return found != tags.end() && glob_match(each.second, found->second);
  });
}

bool runs(const group& candidate, const event& task) {
  if (!any_glob(candidate.match_clusters, task.cluster())) return false;
  return candidate.families.empty() || any_glob(candidate.families, task.family());
}

matched matches(const group& candidate, const event& of, const route_facts& facts) {
  if (is_of_task(of.kind)) return runs(candidate, of) ? matched::yes : matched::no;
  return matches_instance(candidate, facts);
}

std::string_view reason_of(const event& of, const route_facts& facts, bool matches_but_for_its_hook) {
  if (matches_but_for_its_hook) return "a group matches, but does not answer a hook of this name";
  if (is_of_task(of.kind)) return "no group matches its cluster and family";
  if (!facts.scaling_group)
    return "its instance is in no Auto Scaling group that AWS knows, and no group matches it by tags";
  return "no group matches its Auto Scaling group, and its tags where a group asks for some";
}

// Whether all that matches `inner` matches `outer`.
bool covers(std::string_view outer, std::string_view inner) {
  const bool literal = inner.find_first_of("*?") == inner.npos;
  return outer == inner || ((literal || outer.find('?') == outer.npos) && glob_match(outer, inner));
}

bool covers(const std::vector<std::string>& outer, const std::vector<std::string>& inner) {
  return std::all_of(inner.begin(), inner.end(), [&](const auto& narrow) {
    return std::any_of(outer.begin(), outer.end(), [&](const auto& wide) { return covers(wide, narrow); });
  });
}

bool covers_tasks(const group& outer, const group& inner) {
  if (inner.match_clusters.empty() || !covers(outer.match_clusters, inner.match_clusters)) return false;
  return outer.families.empty() || (!inner.families.empty() && covers(outer.families, inner.families));
}

// Whether events of such a kind may match a group at all.
bool is_of_such(const group& of, event_kind kind) {
  return is_of_task(kind) ? !of.match_clusters.empty() : !of.match.empty() || !of.match_tags.empty();
}

std::string instance_wanted(const group& by) {
  std::vector<std::string> said;
  if (!by.match.empty()) said.push_back(fmt::format("of an Auto Scaling group named {}", fmt::join(by.match, " or ")));
  std::vector<std::string> tags;
  for (const auto& [key, value] : by.match_tags) tags.push_back(fmt::format("{}={}", key, value));
  if (!tags.empty()) said.push_back(fmt::format("tagged {}, itself or its group", fmt::join(tags, " and ")));
  return fmt::format("an instance {}", fmt::join(said, " and "));
}

std::string task_wanted(const group& by) {
  auto text = fmt::format("a task of cluster {}", fmt::join(by.match_clusters, " or "));
  if (!by.families.empty()) text += fmt::format(" and family {}", fmt::join(by.families, " or "));
  return text;
}

// Whether a group answers such hooks of this Auto Scaling group, if its tags are right.
bool may_answer_one_of(const group& each, event_kind kind, const std::string& scaling_group) {
  return each.plan_for(kind) && matches_instance(each, {scaling_group, std::nullopt}) != matched::no;
}

}  // namespace

bool may_be_named(const std::vector<std::string>& match, std::string_view scaling_group) {
  return match.empty() || any_glob(match, scaling_group);
}

matched matches_instance(const group& candidate, const route_facts& facts) {
  if (!candidate.match.empty() && (!facts.scaling_group || !any_glob(candidate.match, *facts.scaling_group)))
    return matched::no;
  if (candidate.match_tags.empty()) return candidate.match.empty() ? matched::no : matched::yes;
  if (!facts.tags) return matched::needs_tags;
  return all_tags(candidate.match_tags, *facts.tags) ? matched::yes : matched::no;
}

std::map<std::string, std::string> tags_of_both(std::optional<std::map<std::string, std::string>> own,
                                                std::map<std::string, std::string> of_group) {
  if (own) own->merge(of_group);
  return own ? *std::move(own) : of_group;
}

// Tags narrow in ways that cannot be compared here.
bool shadows(const group& earlier, const group& later, event_kind kind) {
  if (is_of_task(kind)) return covers_tasks(earlier, later);
  if (!earlier.match_tags.empty() || later.match.empty() || !covers(earlier.match, later.match)) return false;
  return !has_hook(kind) || covers(earlier.hooks, later.hooks);
}

std::string wanted_for(const event& of, std::span<const group> groups) {
  if (of.hook == ecs_managed_hook) return "nothing: it is never answered";
  std::vector<std::string> wanted;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& each = groups[i];
    const auto earlier = groups.first(i);
    const bool is_shadowed =
        std::any_of(earlier.begin(), earlier.end(), [&](const group& other) { return shadows(other, each, of.kind); });
    if (!is_of_such(each, of.kind) || !each.plan_for(of.kind) || is_shadowed) continue;
    auto text = fmt::format("group {}: {}", each.name, is_of_task(of.kind) ? task_wanted(each) : instance_wanted(each));
    if (has_hook(of.kind)) text += fmt::format(", by a hook named {}", fmt::join(each.hooks, " or "));
    wanted.push_back(std::move(text));
  }
  if (wanted.empty()) return fmt::format("a group with a list named {}", name(of.kind));
  return fmt::format("{}", fmt::join(wanted, "; "));
}

bool nobody_lists(event_kind kind, std::span<const group> groups) {
  return std::none_of(groups.begin(), groups.end(), [kind](const group& each) { return each.plan_for(kind); });
}

bool may_answer_hooks(const std::string& scaling_group, std::span<const group> groups) {
  return std::any_of(groups.begin(), groups.end(), [&scaling_group](const group& each) {
    return may_answer_one_of(each, event_kind::launching, scaling_group) ||
           may_answer_one_of(each, event_kind::terminating, scaling_group);
  });
}

std::vector<const group*> may_answer(const event& of, std::span<const group> groups) {
  std::vector<const group*> found;
  if (of.hook == ecs_managed_hook) return found;
  for (const auto& each : groups)
    if (any_glob(each.hooks, of.hook) && may_answer_one_of(each, of.kind, of.group)) found.push_back(&each);
  return found;
}

route_decision route(const event& of, const route_facts& facts, std::span<const group> groups) {
  if (has_hook(of.kind) && of.hook == ecs_managed_hook) return {.why = "ECS completes this hook itself"};
  bool matches_but_for_its_hook = false;
  for (const auto& candidate : groups) {
    if (has_hook(of.kind) && !any_glob(candidate.hooks, of.hook)) {
      matches_but_for_its_hook = matches_but_for_its_hook || matches(candidate, of, facts) == matched::yes;
      continue;
    }
    const auto match = matches(candidate, of, facts);
    if (match == matched::needs_tags) return {routing::needs_tags};
    if (match == matched::no) continue;
    return {candidate.plan_for(of.kind) ? routing::handle : routing::unanswered, &candidate};
  }
  return {.why = reason_of(of, facts, matches_but_for_its_hook)};
}

}  // namespace lifehook::handlers
