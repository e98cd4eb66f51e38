#include "worker/main_simulator.h"

#include "base/number.h"
#include "worker/commands.h"

#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>

namespace lifehook::worker {

namespace {

// CLI::Range takes what is not a number: it is neither below nor above.
std::string is_no_number(const std::string& text) {
  return std::isnan(std::strtod(text.c_str(), nullptr)) ? "expected a number, got " + text : std::string();
}

// CLI takes -1 for the largest number there is.
std::string is_no_seed(const std::string& text) {
  if (parse_number<std::uint64_t>(text)) return {};
  return "expected a number from 0 to 18446744073709551615, got " + text;
}

void add_speed(CLI::App& to, double& speed, double least, double most) {
  to.add_option("--speed", speed, "how much faster than real its clock runs")
      ->capture_default_str()
      ->check(is_no_number)
      ->check(CLI::Range(least, most));
}

void add_seed(CLI::App& to, std::uint64_t& seed) {
  to.add_option("--seed", seed, "seed of everything random")->capture_default_str()->check(is_no_seed);
}

command add_simulate(CLI::App& app) {
  auto* simulate = app.add_subcommand(
      "simulate", "a local AWS endpoint in memory: SQS, Auto Scaling, ECS, EC2, ELBv2, DynamoDB, SSM, SNS, STS");
  const auto with = std::make_shared<simulate_options>();
  simulate->add_option("--address", with->address, "address to listen on")->capture_default_str();
  simulate->add_option("--port", with->port, "port to listen on; 0 picks a free one")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535));
  add_speed(*simulate, with->speed, 0.1, 1000.0);
  add_seed(*simulate, with->seed);
  simulate->add_flag("--limits", with->limits, "throttle as AWS's published token buckets do");
  return {simulate, [with] { return simulate_command(*with); }};
}

command add_demo(CLI::App& app) {
  auto* demo = app.add_subcommand("demo", "simulator and worker in one process: a small fleet scales in");
  const auto with = std::make_shared<demo_options>();
  add_speed(*demo, with->speed, 1.0, 50.0);
  add_seed(*demo, with->seed);
  demo->add_flag("--plain", with->plain, "plain lines, as without a terminal");
  return {demo, [with] { return demo_command(*with); }};
}

}  // namespace

std::vector<command> add_simulator_commands(CLI::App& app) { return {add_simulate(app), add_demo(app)}; }

}  // namespace lifehook::worker
