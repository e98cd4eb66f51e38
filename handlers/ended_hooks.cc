#include "handlers/ended_hooks.h"

#include <functional>
#include <string>

namespace lifehook::handlers {

namespace {

constexpr std::size_t most = 10'000;

std::size_t key_of(const event& about) {
  return std::hash<std::string>()(about.group.get() + "|" + about.hook.get() + "|" + about.instance + "|" +
                                  about.token);
}

}  // namespace

void ended_hooks::note(const event& about) {
  const auto key = key_of(about);
  if (!known_.insert(key).second) return;
  oldest_first_.push_back(key);
  if (oldest_first_.size() <= most) return;
  known_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

bool ended_hooks::contains(const event& about) const { return known_.contains(key_of(about)); }

}  // namespace lifehook::handlers
