#include "handlers/current_group.h"

#include "handlers/route.h"
#include "handlers/services.h"

#include <algorithm>
#include <iterator>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration until_listed = 1min;  // of DescribeAutoScalingGroups, and how long we keep its answer

}  // namespace

std::string current_at(const state::history& turns, const std::vector<aws::scaling_group>& of_service,
                       time_point when) {
  const auto* const turn = state::turn_at(turns, when);
  const auto launched = turn ? (turn->newest <= when ? turn->newest : turn->since) : time_point::min();
  std::string current = turn ? turn->scaling_group : std::string();
  auto newest = launched;
  for (const auto& each : of_service) {
    if (each.created > when || each.created <= newest) continue;
    if (turn && each.instances.empty()) continue;  // prepared, but not serving
    newest = each.created;
    current = each.name;
  }
  return current;
}

std::vector<aws::scaling_group> groups_of(const group& service, std::span<const group> configured, const event& about,
                                          const std::vector<aws::scaling_group>& all) {
  std::vector<aws::scaling_group> own;
  std::copy_if(all.begin(), all.end(), std::back_inserter(own), [&](const auto& each) {
    const auto* const to = route(about, {each.name, each.tags}, configured).to;
    return to && to->name == service.name;
  });
  return own;
}

state::history turns_of(const group& service, state::history turns) {
  std::erase_if(turns, [&](const state::turn& each) { return !may_be_named(service.match, each.scaling_group); });
  return turns;
}

state::history without_deleted(state::history turns, const std::vector<aws::scaling_group>& of_service,
                               std::string_view ending, time_point now) {
  std::erase_if(turns, [&](const state::turn& each) {
    const bool is_listed = std::any_of(of_service.begin(), of_service.end(),
                                       [&](const auto& group) { return group.name == each.scaling_group; });
    return !is_listed && each.scaling_group != ending && each.newest + until_listed < now;
  });
  return turns;
}

task<result<std::string>> current_group(step_context& in, time_point when) {
  const auto turns =
      co_await in.ask("reading the current group", [&] { return in.services().state.turns(in.configured().name); });
  if (turns.has_error()) co_return turns.error();
  auto all = co_await in.ask("listing the service's groups", [&] { return in.services().instances.all_groups(); });
  if (all.has_error()) co_return std::move(all).error();
  const auto own = groups_of(in.configured(), in.services().groups, in.about(), **all);
  const auto living = without_deleted(turns_of(in.configured(), *turns), own, in.about().group, in.now_by_aws());
  co_return current_at(living, own, when);
}

}  // namespace lifehook::handlers
