#include "handlers/noted_group.h"

#include "handlers/services.h"
#include "handlers/step.h"

namespace lifehook::handlers {

namespace {

std::string key_of(const std::string& instance) { return "member|" + instance; }

}  // namespace

task<result<std::string>> note_group(step_context& in) {
  return in.ask("noting the instance's group", [&in, &about = in.about()] {
    return in.services().state.note_once(key_of(about.instance), about.group, longest_noted);
  });
}

task<result<std::string>> noted_group(state::store& in, std::string instance) {
  auto found = co_await in.note(key_of(instance));
  if (found.has_error()) co_return std::move(found).error();
  co_return std::move(*found).value_or("");
}

}  // namespace lifehook::handlers
