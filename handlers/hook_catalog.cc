#include "handlers/hook_catalog.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration keep = 5min;
constexpr duration keep_nothing = 30s;
constexpr std::size_t most_groups = 10'000;  // bounds memory when events name ever new groups

const aws::lifecycle_hook* by_name(const std::vector<aws::lifecycle_hook>& hooks, const std::string& name) {
  const auto found = std::find_if(hooks.begin(), hooks.end(), [&name](const auto& each) { return each.name == name; });
  return found == hooks.end() ? nullptr : &*found;
}

}  // namespace

const aws::lifecycle_hook* hook_catalog::known(const std::string& group, const std::string& hook) const {
  const auto found = groups_.find(group);
  if (found == groups_.end() || found->second.until <= clock_.uptime()) return nullptr;
  return by_name(found->second.hooks, hook);
}

bool hook_catalog::is_first_word_of(const std::string& group, const std::string& hook) {
  const auto found = groups_.find(group);
  return found != groups_.end() && found->second.spoken_of.insert(hook).second;
}

task<result<std::vector<aws::lifecycle_hook>>> hook_catalog::all(std::string group) {
  co_await freshen(group);
  const auto hooks = kept(group);
  if (hooks.has_error()) co_return hooks.error();
  co_return **hooks;
}

task<result<std::optional<aws::lifecycle_hook>>> hook_catalog::find(std::string group, std::string hook) {
  co_await freshen(group);
  const auto hooks = kept(group);
  if (hooks.has_error()) co_return hooks.error();
  const auto* named = by_name(**hooks, hook);
  co_return named ? std::optional(*named) : std::nullopt;
}

result<const std::vector<aws::lifecycle_hook>*> hook_catalog::kept(const std::string& group) const {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return error{errc::internal, "the catalog of hooks lost an entry"};
  if (found->second.failed) return *found->second.failed;
  return &found->second.hooks;
}

task<> hook_catalog::freshen(std::string group) {
  const auto found = groups_.find(group);
  if (found == groups_.end() || found->second.until <= clock_.uptime()) co_await ask(std::move(group));
}

task<> hook_catalog::ask(std::string group) {
  if (const auto running = groups_[group].asking) {
    co_await running->wait();
    co_return;
  }
  const auto done = std::make_shared<latch>(executor_);
  groups_[group].asking = done;
  auto answer = co_await autoscaling_.hooks(group);
  if (groups_.size() > most_groups)
    std::erase_if(groups_,
                  [this](const auto& each) { return !each.second.asking && each.second.until <= clock_.uptime(); });
  auto& entry = groups_[group];
  entry.asking = nullptr;
  entry.failed.reset();
  if (answer.has_value()) {
    entry.hooks = std::move(*answer);
    entry.until = clock_.uptime() + (entry.hooks.empty() ? keep_nothing : keep);
  } else if (answer.error().code() == errc::not_found) {
    entry.hooks.clear();
    entry.until = clock_.uptime() + keep_nothing;
  } else {
    entry.failed = std::move(answer).error();
    entry.until = clock_.uptime();
  }
  done->set();
}

}  // namespace lifehook::handlers
