#pragma once

#include "base/log.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace lifehook::worker {

// The program's commands. Each runs to its end and returns the exit code: 0 fine, 1 failed, 2 wrong
// usage or configuration. Errors go to stderr in plain words.
int run_command(const std::filesystem::path& config_file, bool dry_run);

struct check_options {
  bool asks_aws = false;
  bool strict = false;  // a warning fails it
};
int check_command(const std::filesystem::path& config_file, const check_options& with);
int policy_command(const std::filesystem::path& config_file);
int handle_command(const std::filesystem::path& config_file, const std::string& message_file, bool dry_run);

struct hooks_options {
  std::string config;  // names where the worker's status endpoint is; may be empty
  std::string status;  // says it itself: host:port, or a URL
  bool json = false;   // the page as it is
};
int hooks_command(const hooks_options& with);

struct simulate_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 4566;  // 0: any free one
  double speed = 1.0;
  std::uint64_t seed = 1;
  bool limits = false;  // the published token buckets answer with throttling
};
int simulate_command(const simulate_options& with);

struct demo_options {
  double speed = 5.0;
  std::uint64_t seed = 1;
  bool plain = false;  // no colours and no in-place updates, as without a terminal
};
int demo_command(const demo_options& with);

}  // namespace lifehook::worker
