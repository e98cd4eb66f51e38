#include "handlers/current_group.h"

#include "handlers/route.h"
#include "handlers/services.h"

#include <algorithm>

namespace lifehook::handlers {

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

std::vector<aws::scaling_group> groups_of(const group& service, std::vector<aws::scaling_group> all) {
  std::erase_if(all, [&service](const auto& each) { return !speaks_for(service, each.name, each.tags); });
  return all;
}

task<result<std::string>> current_group(step_context& in, time_point when) {
  auto reading = in.ask("reading the current group", [&] { return in.services().state.turns(in.service().name); });
  const auto turns = co_await std::move(reading);
  if (turns.has_error()) co_return turns.error();
  auto listing = in.ask("listing the service's groups", [&] { return in.services().hook.instances.all_groups(); });
  auto all = co_await std::move(listing);
  if (all.has_error()) co_return std::move(all).error();
  co_return current_at(*turns, groups_of(in.service(), std::move(*all)), when);
}

}  // namespace lifehook::handlers
