#include "worker/config_budget.h"

#include "aws/call_class.h"

#include <fmt/format.h>

namespace lifehook::worker {

namespace {

constexpr double most_calls = 100'000;
constexpr std::int64_t most_replicas = 1000;

std::optional<aws::call_limits> read_limits(config_reader& in, const written& at) {
  const auto keys = in.keys_of(at, {"burst", "per_second"});
  in.required(keys, "burst", "calls that may be made at once, 1 or more");
  in.required(keys, "per_second", "calls a second from then on");
  const auto burst = in.number(keys["burst"], 1, most_calls);
  const auto rate = in.number(keys["per_second"], 0.1, most_calls);
  if (!burst || !rate) return std::nullopt;
  return aws::call_limits{*burst, *rate};
}

void read_replicas(config_reader& in, const written& at, budget_config& into) {
  const auto expected =
      fmt::format("a whole number from 1 to {}, or auto: as many as its ECS service has", most_replicas);
  const auto value = in.text(at, expected);
  if (!value) return;
  const auto number = whole_number(*value, 1, most_replicas);
  into.counts_replicas = *value == "auto";
  if (number) into.allowed.replicas = static_cast<double>(*number);
  if (!number && !into.counts_replicas) in.complain(at, fmt::format("expected {}, got {}", expected, shown(*value)));
}

}  // namespace

budget_config read_budget(config_reader& in, const written& at) {
  budget_config read;
  const auto keys = in.keys_of(at, {"replicas", "limits"});
  read_replicas(in, keys["replicas"], read);
  const auto families = aws::call_families();
  const auto written_limits = in.keys_of(keys["limits"], families);
  for (const auto& [family, limits] : written_limits.all())
    if (const auto own = read_limits(in, limits)) read.allowed.limits.insert_or_assign(family, *own);
  return read;
}

}  // namespace lifehook::worker
