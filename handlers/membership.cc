#include "handlers/membership.h"

namespace lifehook::handlers {

namespace {

std::string key_of(const std::string& instance) { return "member|" + instance; }

}  // namespace

task<result<std::string>> remember_group(state::store& in, std::string instance, std::string scaling_group) {
  return in.note_once(key_of(instance), std::move(scaling_group), longest_noted);
}

task<result<std::string>> remembered_group(state::store& in, std::string instance) {
  auto reading = in.note(key_of(instance));
  auto found = co_await std::move(reading);
  if (found.has_error()) co_return std::move(found).error();
  co_return std::move(*found).value_or("");
}

}  // namespace lifehook::handlers
