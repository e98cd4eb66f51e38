#include "base/process.h"
#include "base/version.h"
#include "worker/commands.h"
#include "worker/commit.h"
#include "worker/config_reader.h"
#include "worker/main_simulator.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr int wrong_usage = 2;

using lifehook::worker::command;

struct options {
  std::string config = "config.yaml";
  std::string message;
  bool dry_run = false;
  lifehook::worker::check_options check;
  lifehook::worker::hooks_options hooks;
};

// `written`: how the file may be given.
CLI::App* with_config(CLI::App* command, options& read, const char* written = "-c,--config,FILE") {
  command->add_option(written, read.config, "configuration file (YAML), or - for standard input")->required();
  return command;
}

std::vector<std::string_view> commands_of(const CLI::App& app) {
  std::vector<std::string_view> names;
  for (const auto* each : app.get_subcommands({})) names.emplace_back(each->get_name());
  return names;
}

bool is_unknown_command(std::string_view word, const std::vector<std::string_view>& known) {
  return !word.empty() && !word.starts_with('-') && std::find(known.begin(), known.end(), word) == known.end();
}

// What nobody could read has not been said.
int exit_code_of(int code) {
  const bool said = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (said || errno == EPIPE) return code;  // head has read all it wants
  fmt::print(stderr, "lifehook: standard output cannot be written\n");
  return code == 0 ? 1 : code;
}

int name_commands(const std::vector<std::string_view>& known) {
  fmt::print(stderr, "lifehook: expected a command: {}; lifehook --help says what each does\n", fmt::join(known, ", "));
  return wrong_usage;
}

int refuse_command(std::string_view typed, const std::vector<std::string_view>& known) {
  using namespace lifehook::worker;
  fmt::print(stderr, "{} is no command of lifehook{}\n", shown(typed), hint(typed, known));
  return wrong_usage;
}

// CLI11 asks for what is missing before it says what it does not know.
std::optional<int> refuse_unknown_option(const CLI::App& app) {
  using namespace lifehook::worker;
  for (const auto* command : app.get_subcommands()) {
    const auto unknown = command->remaining();
    const auto first =
        std::find_if(unknown.begin(), unknown.end(), [](const auto& each) { return each.starts_with('-'); });
    if (first == unknown.end()) continue;
    std::vector<std::string> names;
    for (const auto* each : command->get_options([](const auto* one) { return one->nonpositional(); }))
      names.push_back("--" + each->get_lnames().front());
    const std::vector<std::string_view> known(names.begin(), names.end());
    fmt::print(stderr, "{} is no option of lifehook {}{}\n", shown(*first), command->get_name(), hint(*first, known));
    return wrong_usage;
  }
  return std::nullopt;
}

std::vector<command> add_worker_commands(CLI::App& app, options& read) {
  using namespace lifehook::worker;
  auto* run = with_config(
      app.add_subcommand("run", "the worker: polls the queues until SIGTERM; SIGINT twice ends it at once"), read);
  run->add_flag("--dry-run", read.dry_run, "log what would be done; change nothing, remove no message");
  auto* check = with_config(app.add_subcommand("check", "validate a configuration and print its plan"), read);
  check->add_flag("--aws", read.check.asks_aws,
                  "also ask AWS, changing nothing, whether it is as the configuration takes it to be");
  check->add_flag("--strict", read.check.strict, "fail on warnings too: exit code 1");
  auto* policy = with_config(app.add_subcommand("policy", "print the IAM policy a configuration needs"), read);
  auto* handle = with_config(app.add_subcommand("handle", "handle one message from a file; outcome on stdout"), read,
                             "-c,--config");
  handle->add_option("message", read.message, "file with the message body, or - for standard input")->required();
  handle->add_flag("--dry-run", read.dry_run, "log what would be done; change nothing");
  auto* hooks = app.add_subcommand("hooks", "ask a running worker what it has in hand, and why a hook does not go on");
  hooks->add_option("-c,--config", read.hooks.config, "configuration file (YAML), for its status.listen");
  hooks->add_option("--status", read.hooks.status, "where its status endpoint is: host:port (127.0.0.1:9464)");
  hooks->add_flag("--json", read.hooks.json, "print what /hooks gives");
  return {{run, [&read] { return run_command(read.config, read.dry_run); }},
          {check, [&read] { return exit_code_of(check_command(read.config, read.check)); }},
          {policy, [&read] { return exit_code_of(policy_command(read.config)); }},
          {handle, [&read] { return exit_code_of(handle_command(read.config, read.message, read.dry_run)); }},
          {hooks, [&read] { return exit_code_of(hooks_command(read.hooks)); }}};
}

std::string version_line() {
  return fmt::format("lifehook {} ({})", lifehook::program_version(), lifehook::worker::program_commit());
}

command add_version_command(CLI::App& app) {
  app.set_version_flag("--version", version_line());
  return {app.add_subcommand("version", "print the version"), [] {
            fmt::print("{}\n", version_line());
            return exit_code_of(0);
          }};
}

}  // namespace

int main(int argc, char** argv) {
  lifehook::use_one_arena();
  lifehook::keep_standard_descriptors();
  lifehook::take_all_descriptors();
  for (const int ignored : {SIGPIPE, SIGUSR1, SIGUSR2}) std::signal(ignored, SIG_IGN);
  options read;
  CLI::App app("lifehook: what happens at the edges of an EC2 instance's life", "lifehook");
  app.require_subcommand(1);
  auto commands = add_worker_commands(app, read);
  for (auto& each : lifehook::worker::add_simulator_commands(app)) commands.push_back(std::move(each));
  commands.push_back(add_version_command(app));

  const auto known = commands_of(app);
  if (argc < 2) return name_commands(known);
  const std::string_view first = argv[1];
  if (is_unknown_command(first, known)) return refuse_command(first, known);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    if (wrong.get_exit_code() == 0) return app.exit(wrong);
    if (const auto refused = refuse_unknown_option(app)) return *refused;
    app.exit(wrong);
    return wrong_usage;
  }
  for (const auto& each : commands)
    if (each.asked->parsed()) return each.run();
  return wrong_usage;
}
