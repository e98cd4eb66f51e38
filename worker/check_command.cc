#include "worker/commands.h"
#include "worker/host.h"

#include <fmt/format.h>

#include <cstdio>

namespace lifehook::worker {

int check_command(const std::filesystem::path& config_file) {
  const auto loaded = load_for_work(config_file);
  if (loaded.has_error()) {
    fmt::print(stderr, "{}\n", loaded.error().what());
    return 2;
  }
  fmt::print("{}", describe(*loaded));
  for (const auto& each : warnings(*loaded)) fmt::print("warning: {}\n", each);
  fmt::print("{}: configuration is valid\n", config_file.string());
  return 0;
}

}  // namespace lifehook::worker
