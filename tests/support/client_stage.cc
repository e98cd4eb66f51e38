#include "tests/support/client_stage.h"

#include <utility>

namespace lifehook::aws {

namespace {

environment lookup(std::map<std::string, std::string, std::less<>> env) {
  return [env = std::move(env)](std::string_view name) -> std::optional<std::string> {
    const auto found = env.find(name);
    return found == env.end() ? std::nullopt : std::optional(found->second);
  };
}

}  // namespace

client_stage::client_stage(std::map<std::string, std::string, std::less<>> env)
    : with(time, wire, keys, {"eu-west-1", lookup(std::move(env))}, counts, random) {}

client_stage::~client_stage() = default;

}  // namespace lifehook::aws
