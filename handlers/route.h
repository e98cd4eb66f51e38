#pragma once

#include "handlers/event.h"
#include "handlers/group.h"

#include <map>
#include <optional>
#include <span>
#include <string>

namespace lifehook::handlers {

// What is known of where an event belongs. For hook events the Auto Scaling group is the message's own; for others it
// is looked up. Tags are looked up only when some group matches by them.
struct route_facts {
  std::optional<std::string> scaling_group;                // nullopt: in none
  std::optional<std::map<std::string, std::string>> tags;  // nullopt: not looked up
};

// The tags of an instance for that: its own, which win (nullopt: EC2 knows none), and its group's.
std::map<std::string, std::string> tags_of_both(std::optional<std::map<std::string, std::string>> own,
                                                std::map<std::string, std::string> of_group);

// Whether an Auto Scaling group of this name may be one of `match`: of no globs, any. Pure.
bool may_be_named(const std::vector<std::string>& match, std::string_view scaling_group);

enum class matched { yes, no, needs_tags };

// Whether a group speaks for an instance, hooks aside. `match` and `match_tags` together narrow: both must hold where
// both are written.
matched matches_instance(const group& candidate, const route_facts& facts);

enum class routing {
  handle,
  unanswered,  // matched, but the group has no list for it: the hook is left to AWS
  foreign,     // somebody else's
  needs_tags,  // cannot be decided without the group's tags
};

struct route_decision {
  routing what = routing::foreign;
  const group* to = nullptr;  // of handle and unanswered
  std::string_view why = {};  // of foreign, for people
};

// ECS completes this hook itself (managed draining): never touched, whatever the configuration says.
constexpr std::string_view ecs_managed_hook = "ecs-managed-draining-termination-hook";

// Whether an earlier group takes every event of a kind that a later one matches, so that it never comes there. May say
// no where the answer is yes. Pure.
bool shadows(const group& earlier, const group& later, event_kind kind);

// What the groups that have a list for such an event, and would be reached by it, look for, for people: "group web: an
// instance of an Auto Scaling group named web-*"; where there is none, what is needed.
std::string wanted_for(const event& of, std::span<const group> groups);

// Whether events of such a kind are in no group's lists.
bool nobody_lists(event_kind kind, std::span<const group> groups);

// Whether some group may answer hooks of this Auto Scaling group: matched by its name, or by tags, which are not looked
// at.
bool may_answer_hooks(const std::string& scaling_group, std::span<const group> groups);

// The groups that answer this hook if its tags are right, which are not looked at.
std::vector<const group*> may_answer(const event& of, std::span<const group> groups);

// First match wins, in the order of the configuration. A hook event matches a group only if its hook's name does too.
route_decision route(const event& of, const route_facts& facts, std::span<const group> groups);

}  // namespace lifehook::handlers
