#pragma once

#include "aws/client.h"
#include "aws/environment.h"
#include "base/error.h"
#include "base/log.h"
#include "handlers/group.h"
#include "queues/queue_settings.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::worker {

using queues::queue_settings;

struct budget_config {
  aws::call_allowance allowed;
  bool counts_replicas = false;  // `replicas: auto`: as many as the ECS service has, 1 until that is known
};

enum class state_backend { memory, sqlite, dynamodb };

struct state_config {
  state_backend backend = state_backend::memory;
  std::string path;   // of sqlite
  std::string table;  // of dynamodb
};

struct config {
  std::optional<std::string> region;
  std::vector<queue_settings> queues;  // at least one; named by the service
  state_config state;
  budget_config budget;
  std::string status_address = "127.0.0.1";
  std::uint16_t status_port = 9464;                  // 0: any free one (tests)
  duration stop_timeout = std::chrono::seconds(25);  // 1s..120s
  duration adopt_after = std::chrono::minutes(2);    // 1m..1h, or 0s: a hook without a message is left to AWS
  duration keep_foreign = std::chrono::minutes(5);   // 0s..30m: for workers of another configuration
  log_level level = log_level::info;
  log_format format = log_format::json;
  std::vector<handlers::group> groups;  // at least one
  std::vector<std::string> remarks;     // warnings about what only shows where it is written
};

// Reads, expands and checks a YAML configuration. Everything wrong is one error each, in order of appearance:
// "config.yaml:12:7: groups[0].terminating[1].drain_ecs.timeuot: unknown key; did you mean \"timeout\"?".
// errc::malformed; `what` holds all of them, one per line (at most 20). A file named - is standard input.
result<config> load_config(const std::filesystem::path& file, const aws::environment& env);
result<config> parse_config(std::string_view text, std::string_view file_name, const aws::environment& env);

duration longest_deadline_of(const config& of);  // the most an event of any group may take

// Whether hooks without a message are adopted: some group answers hooks, and `adopt_after` says when.
bool adopts_hooks(const config& of);

// What `check` prints: per group what it matches, its deadline and failure policies, and its lists as people read them;
// then warnings (hooks that match everything, steps that come too late...), and notes: what a configuration may well
// mean, and whoever reads it should know (a group without a list for a hook's transition). `found_region` is the
// worker's where `region` is not written; empty: nobody knows it yet.
std::string describe(const config& of);
std::vector<std::string> notes(const config& of);
bool waits_for_weeks(const config& of);  // for scheduled changes: its queues keep their messages meanwhile
std::vector<std::string> warnings(const config& of, std::string_view found_region = {});

}  // namespace lifehook::worker
