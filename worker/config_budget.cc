#include "worker/config_budget.h"

#include "aws/call_class.h"

namespace lifehook::worker {

namespace {

constexpr double most_calls = 100'000;

std::optional<aws::call_limits> read_limits(config_reader& in, const written& at) {
  const auto keys = in.keys_of(at, {"burst", "per_second"});
  in.required(keys, "burst", "calls that may be made at once, 1 or more");
  in.required(keys, "per_second", "calls a second from then on");
  const auto burst = in.number(keys["burst"], 1, most_calls);
  const auto rate = in.number(keys["per_second"], 0.1, most_calls);
  if (!burst || !rate) return std::nullopt;
  return aws::call_limits{*burst, *rate};
}

}  // namespace

aws::call_allowance read_budget(config_reader& in, const written& at) {
  aws::call_allowance read;
  const auto keys = in.keys_of(at, {"replicas", "limits"});
  if (const auto replicas = in.count(keys["replicas"], 1, 1000)) read.replicas = static_cast<double>(*replicas);
  const auto families = aws::call_families();
  const auto written_limits = in.keys_of(keys["limits"], families);
  for (const auto& [family, limits] : written_limits.all())
    if (const auto own = read_limits(in, limits)) read.limits.insert_or_assign(family, *own);
  return read;
}

}  // namespace lifehook::worker
