#include "aws/environment.h"

#include <cstdlib>

namespace lifehook::aws {

environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* const value = std::getenv(std::string(name).c_str());
    if (!value) return std::nullopt;
    return value;
  };
}

}  // namespace lifehook::aws
