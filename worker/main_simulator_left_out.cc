#include "worker/main_simulator.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>
#include <string_view>

namespace lifehook::worker {

namespace {

constexpr int wrong_usage = 2;
constexpr std::string_view where =
    "The whole program has it: in a clone ./dev build makes build/release/lifehook, ./dev demo plays the demo, and "
    "docker build --target whole -f deploy/Dockerfile . makes an image of it";

// Whatever was meant to go with it is taken, so that the answer is not about an option.
command add(CLI::App& app, const std::string& name) {
  auto* asked = app.add_subcommand(name, "not in this program; says which one has it")->prefix_command();
  return {asked, [name] {
            fmt::print(stderr, "{} is not in this program, which is made for production. {}\n", name, where);
            return wrong_usage;
          }};
}

}  // namespace

std::vector<command> add_simulator_commands(CLI::App& app) { return {add(app, "simulate"), add(app, "demo")}; }

}  // namespace lifehook::worker
