#pragma once

#include <cstdio>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lifehook::bench {

// Command lines of the bench's own programs: "--name number" or "--name text". Throws std::runtime_error, naming it,
// for what is no number. What is not asked for is not looked at.
inline double option(std::span<char* const> arguments, std::string_view name, double otherwise) {
  for (std::size_t n = 1; n + 1 < arguments.size(); ++n) {
    if (arguments[n] != name) continue;
    try {
      return std::stod(arguments[n + 1]);
    } catch (const std::exception&) {
      throw std::runtime_error(std::string(name) + ": not a number: " + arguments[n + 1]);
    }
  }
  return otherwise;
}

inline std::string text_option(std::span<char* const> arguments, std::string_view name) {
  for (std::size_t n = 1; n + 1 < arguments.size(); ++n)
    if (arguments[n] == name) return arguments[n + 1];
  return {};
}

inline bool flag(std::span<char* const> arguments, std::string_view name) {
  for (const std::string_view each : arguments)
    if (each == name) return true;
  return false;
}

// What main does: prints the usage when asked for it, else runs, and says under the program's name why that failed.
template <class Run>
int run_program(std::string_view name, std::string_view usage, std::span<char* const> arguments, Run run) {
  if (flag(arguments, "--help")) {
    std::fwrite(usage.data(), 1, usage.size(), stdout);
    return 0;
  }
  try {
    run(arguments);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(name.size()), name.data(), failed.what());
    return 1;
  }
  return 0;
}

}  // namespace lifehook::bench
