#include "worker/wiring.h"

#include "base/metrics.h"
#include "base/version.h"
#include "state/dynamodb_store.h"
#include "state/memory_store.h"

#include <fmt/format.h>

#include <limits>

namespace lifehook::worker {

namespace {

std::shared_ptr<state::store> choose_state(surroundings& with, const state_config& of, aws::dynamodb& table) {
  if (with.file_state) return with.file_state;
  if (of.backend == state_backend::dynamodb) return state::make_dynamodb_store(with.time, table, with.random);
  return state::make_memory_store(with.time);
}

}  // namespace

wiring::wiring(surroundings& with, std::string region, const config& of, task_group& tasks, bool dry_run)
    : client(with.time, with.wire, with.keys, {std::move(region), with.env, of.budget.allowed, with.patience},
             with.counts, with.random),
      sqs(client),
      eventbridge(client),
      sts(client),
      table(client, of.state.table),
      state(choose_state(with, of.state, table)),
      equipment(with.time, with.random, tasks, with.counts, client, *state, fmt::format("{:016x}", with.random()),
                dry_run),
      reception(equipment.services, of.groups, tasks, of.keep_foreign) {
  with.counts.build_info.set({program_version(), with.commit}, 1);
  with.counts.on_scrape([this, &with] {
    with.counts.budget_replicas.set({}, client.replicas());
    constexpr auto never = std::numeric_limits<double>::infinity();
    const auto nearest = equipment.deadlines.nearest();
    const auto left = nearest ? std::chrono::duration<double>(*nearest - with.time.now()).count() : never;
    with.counts.nearest_deadline.set({}, left);
  });
}

}  // namespace lifehook::worker
