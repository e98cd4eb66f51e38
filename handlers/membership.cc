#include "handlers/membership.h"

namespace lifehook::handlers {

namespace {

std::string key_of(const std::string& instance) { return "member|" + instance; }

}  // namespace

task<result<std::string>> remember_group(state::store& in, const event& about) {
  return in.note_once(key_of(about.instance), about.group, noted_for(about.kind));
}

task<result<std::string>> remembered_group(state::store& in, std::string instance) {
  auto found = co_await in.note(key_of(instance));
  if (found.has_error()) co_return std::move(found).error();
  co_return std::move(*found).value_or("");
}

}  // namespace lifehook::handlers
