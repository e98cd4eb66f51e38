#include "aws/credential_chain.h"
#include "aws/environment.h"
#include "worker/aws_check.h"
#include "worker/commands.h"
#include "worker/host.h"
#include "worker/termination.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace lifehook::worker {

namespace {

std::string_view word(aws_finding::kind of) {
  switch (of) {
    case aws_finding::kind::fine: return "fine";
    case aws_finding::kind::warning: return "warning";
    case aws_finding::kind::wrong: return "wrong";
  }
  return "wrong";
}

// A file of state is the worker's: it is neither made nor opened beside it, and its path is looked at without AWS.
config without_file(config of) {
  if (of.state.backend == state_backend::sqlite) of.state = {};
  return of;
}

using kind = aws_finding::kind;

// Gives the worst that is found.
task<result<kind>> ask_aws(config of, task_group& tasks) {
  host on(tasks.executor(), of, [](std::string_view) {});
  const auto region = co_await on.region(of);
  if (region.has_error()) co_return region.error();
  auto made = on.make_surroundings(of, *region, true);
  if (made.has_error()) co_return std::move(made).error();
  made->patience = duration::zero();  // somebody waits for what is found
  task_group work(tasks.executor());
  wiring parts(*made, *region, of, work, true);
  auto so_far = kind::fine;
  co_await check_against_aws(parts, of, [&so_far](const aws_finding& found) {
    fmt::print("{}: {}\n", word(found.how), found.text);
    std::fflush(stdout);
    so_far = std::max(so_far, found.how);
  });
  co_await work.join();
  co_return so_far;
}

task<> ask_until_told_to_stop(config of, task_group& tasks, termination& ending, kind& found) {
  const auto asked = co_await ending.unless_asked(ask_aws(std::move(of), tasks));
  found = asked.has_value() ? *asked : kind::wrong;
  if (asked.has_error()) fmt::print(stderr, "{}\n", asked.error().what());
  ending.done();
}

kind ask_aws_now(const config& of) {
  std::fflush(stdout);
  asio::io_context io(1);
  termination ending(io.get_executor());
  task_group tasks(io.get_executor());
  auto found = kind::wrong;
  tasks.spawn(ask_until_told_to_stop(without_file(of), tasks, ending, found));
  io.run();
  return found;
}

}  // namespace

int check_command(const std::filesystem::path& config_file, const check_options& with) {
  const auto loaded = load_for_work(config_file);
  if (loaded.has_error()) {
    fmt::print(stderr, "{}\n", loaded.error().what());
    return 2;
  }
  fmt::print("{}", describe(*loaded));
  const auto region = aws::configured_region(aws::process_environment());
  const auto warned = warnings(*loaded, region.has_value() ? *region : "");
  for (const auto& each : notes(*loaded)) fmt::print("note: {}\n", each);
  for (const auto& each : warned) fmt::print("warning: {}\n", each);
  fmt::print("{}: configuration is valid\n", config_file.string());
  auto found = warned.empty() ? kind::fine : kind::warning;
  if (with.asks_aws) found = std::max(found, ask_aws_now(*loaded));
  if (with.strict && found == kind::warning) fmt::print(stderr, "--strict: what is warned of above fails it\n");
  return found >= (with.strict ? kind::warning : kind::wrong) ? 1 : 0;
}

}  // namespace lifehook::worker
