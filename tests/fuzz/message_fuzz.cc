#include "handlers/event.h"

#include <cstdint>
#include <cstdlib>

// Any bytes in a message's body: parse never crashes, and what it lets through is safe to put into requests and logs.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(bytes), size);
  const auto read = lifehook::handlers::parse(body);
  if (!read) return 0;
  if (read->events.empty() != read->none.has_value()) std::abort();
  for (const auto& each : read->events) {
    for (const char c : each.group.get() + each.hook.get() + each.token + each.instance + each.detail.get() +
                            each.task_arn.get() + each.id)
      if (static_cast<unsigned char>(c) < 0x20) std::abort();
    if (lifehook::handlers::has_hook(each.kind) && (each.group.empty() || each.hook.empty() || each.instance.empty()))
      std::abort();
  }
  return 0;
}
