#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lifehook::aws {

// Looks up an environment variable; nullopt when unset. Injected, so that tests own their environment.
using environment = std::function<std::optional<std::string>(std::string_view name)>;

environment process_environment();

}  // namespace lifehook::aws
