#pragma once

#include "worker/config.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>

namespace lifehook::worker {

// An environment of the test's own.
inline aws::environment environment_of(std::map<std::string, std::string, std::less<>> variables = {}) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

inline result<config> parsed(std::string_view text, const aws::environment& env = environment_of()) {
  return parse_config(text, "c.yaml", env);
}

// What is wrong with it; empty when nothing is.
inline std::string complaints(std::string_view text, const aws::environment& env = environment_of()) {
  const auto read = parsed(text, env);
  return read ? std::string() : read.error().what();
}

inline std::string queue_of(std::string_view keys) {
  return fmt::format("queues:\n  - {{url: \"https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle\"{}}}\n", keys);
}

// A configuration whose one group has these lines, each indented by four.
inline std::string with_group(std::string_view lines) {
  return queue_of("") + "groups:\n  - name: web\n" + std::string(lines);
}

// A configuration whose one group has this list for terminating, from line 9 on, each line indented by six.
inline std::string with_terminating(std::string_view lines) {
  return with_group("    match: web-*\n    hooks: drain\n    deadline: 1h\n    terminating:\n" + std::string(lines));
}

// A good configuration with these lines put before it.
inline std::string with_top(std::string_view lines) {
  return std::string(lines) + with_terminating("      - wait: {for: 1m}\n");
}

}  // namespace lifehook::worker
