#include "aws/environment.h"
#include "worker/commands.h"
#include "worker/host.h"
#include "worker/iam_policy.h"

#include <fmt/format.h>

#include <cstdio>

namespace lifehook::worker {

int policy_command(const std::filesystem::path& config_file) {
  const auto loaded = load_for_work(config_file);
  if (loaded.has_error()) {
    fmt::print(stderr, "{}\n", loaded.error().what());
    return 2;
  }
  const auto policy = policy_for(*loaded, aws::process_environment());
  for (const auto& each : policy.remarks) fmt::print(stderr, "note: {}\n", each);
  fmt::print("{}", policy.text);
  return 0;
}

}  // namespace lifehook::worker
