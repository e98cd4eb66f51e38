#include "base/process.h"
#include "base/version.h"
#include "worker/commands.h"
#include "worker/config_reader.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

constexpr int wrong_usage = 2;

struct options {
  std::string config = "config.yaml";
  std::string message;
  bool dry_run = false;
  bool asks_aws = false;
  lifehook::worker::hooks_options hooks;
  lifehook::worker::simulate_options simulate;
  lifehook::worker::demo_options demo;
};

CLI::App* with_config(CLI::App* command, options& read) {
  command->add_option("-c,--config", read.config, "configuration file (YAML)")->required();
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

// CLI::Range takes what is not a number: it is neither below nor above.
std::string is_no_number(const std::string& text) {
  return std::isnan(std::strtod(text.c_str(), nullptr)) ? "expected a number, got " + text : std::string();
}

// What nobody could read has not been said.
int exit_code_of(int code) {
  const bool said = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (said || errno == EPIPE) return code;  // head has read all it wants
  fmt::print(stderr, "lifehook: standard output cannot be written\n");
  return code == 0 ? 1 : code;
}

int refuse_command(std::string_view typed, const std::vector<std::string_view>& known) {
  using namespace lifehook::worker;
  fmt::print(stderr, "{} is no command of lifehook{}\n", shown(typed), hint(typed, known));
  return wrong_usage;
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
  app.set_version_flag("--version", fmt::format("lifehook {}", lifehook::program_version()));

  auto* run = with_config(
      app.add_subcommand("run", "the worker: polls the queues until SIGTERM; SIGINT twice ends it at once"), read);
  run->add_flag("--dry-run", read.dry_run, "log what would be done; change nothing, remove no message");
  auto* check = with_config(app.add_subcommand("check", "validate a configuration and print its plan"), read);
  check->add_flag("--aws", read.asks_aws,
                  "also ask AWS, changing nothing, whether it is as the configuration takes it to be");
  auto* policy = with_config(app.add_subcommand("policy", "print the IAM policy a configuration needs"), read);
  auto* handle = with_config(app.add_subcommand("handle", "handle one message from a file; outcome on stdout"), read);
  handle->add_option("message", read.message, "file with the message body, or - for standard input")->required();
  handle->add_flag("--dry-run", read.dry_run, "log what would be done; change nothing");

  auto* hooks = app.add_subcommand("hooks", "ask a running worker what it has in hand, and why a hook does not go on");
  hooks->add_option("-c,--config", read.hooks.config, "configuration file (YAML), for its status.listen");
  hooks->add_option("--status", read.hooks.status, "where its status endpoint is: host:port (127.0.0.1:9464)");
  hooks->add_flag("--json", read.hooks.json, "print what /hooks gives");

  auto* simulate = app.add_subcommand(
      "simulate", "a local AWS endpoint in memory: SQS, Auto Scaling, ECS, EC2, ELBv2, DynamoDB, SSM, SNS, STS");
  simulate->add_option("--address", read.simulate.address, "address to listen on")->capture_default_str();
  simulate->add_option("--port", read.simulate.port, "port to listen on; 0 picks a free one")->capture_default_str();
  simulate->add_option("--speed", read.simulate.speed, "how much faster than real its clock runs")
      ->capture_default_str()
      ->check(is_no_number)
      ->check(CLI::Range(0.1, 1000.0));
  simulate->add_option("--seed", read.simulate.seed, "seed of everything random")->capture_default_str();
  simulate->add_flag("--limits", read.simulate.limits, "throttle as AWS's published token buckets do");

  auto* demo = app.add_subcommand("demo", "simulator and worker in one process: a small fleet scales in");
  demo->add_option("--speed", read.demo.speed, "how much faster than real its clock runs")
      ->capture_default_str()
      ->check(is_no_number)
      ->check(CLI::Range(1.0, 50.0));
  demo->add_option("--seed", read.demo.seed, "seed of everything random")->capture_default_str();
  demo->add_flag("--plain", read.demo.plain, "plain lines, as without a terminal");
  const auto* version = app.add_subcommand("version", "print the version");

  const auto known = commands_of(app);
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (is_unknown_command(first, known)) return refuse_command(first, known);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? 0 : wrong_usage;
  }
  using namespace lifehook::worker;
  if (*version) {
    fmt::print("lifehook {}\n", lifehook::program_version());
    return exit_code_of(0);
  }
  if (*check) return exit_code_of(check_command(read.config, read.asks_aws));
  if (*policy) return exit_code_of(policy_command(read.config));
  if (*run) return run_command(read.config, read.dry_run);
  if (*handle) return exit_code_of(handle_command(read.config, read.message, read.dry_run));
  if (*hooks) return exit_code_of(hooks_command(read.hooks));
  if (*simulate) return simulate_command(read.simulate);
  return demo_command(read.demo);
}
