#pragma once

#include <functional>
#include <vector>

namespace CLI {
class App;
}

namespace lifehook::worker {

// A command of the program: the words it is asked for by, which the app owns, and what it then does, to its exit code.
struct command {
  const CLI::App* asked;
  std::function<int()> run;
};

// The commands that run a simulator, `simulate` and `demo`. Each program is linked with one of two: main_simulator.cc
// has them; main_simulator_left_out.cc, of the program that runs in production, says of both where they are.
std::vector<command> add_simulator_commands(CLI::App& app);

}  // namespace lifehook::worker
