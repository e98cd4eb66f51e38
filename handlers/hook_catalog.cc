#include "handlers/hook_catalog.h"

#include <algorithm>
#include <utility>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration keep = 5min;
constexpr duration keep_nothing = 30s;
constexpr duration look_again_after = 1min;
constexpr duration recent = 10s;
constexpr duration a_group = 1s;
constexpr std::size_t most_groups = 10'000;  // bounds memory when events name ever new groups

const aws::lifecycle_hook* by_name(const std::vector<aws::lifecycle_hook>& hooks, const std::string& name) {
  const auto found = std::find_if(hooks.begin(), hooks.end(), [&name](const auto& each) { return each.name == name; });
  return found == hooks.end() ? nullptr : &*found;
}

}  // namespace

hook_catalog::hook_catalog(clock& time, aws::autoscaling& with, task_group& tasks)
    : clock_(time),
      autoscaling_(with),
      tasks_(tasks),
      calls_(tasks, [this](std::string group) { return read(std::move(group)); }) {}

const hook_catalog::entry* hook_catalog::not_older_than(duration age, const std::string& group) const {
  const auto found = groups_.find(group);
  if (found == groups_.end() || !found->second.asked) return nullptr;
  return *found->second.asked + age <= clock_.uptime() ? nullptr : &found->second;
}

const aws::lifecycle_hook* hook_catalog::known(const std::string& group, const std::string& hook) const {
  const auto* const kept = not_older_than(keep, group);
  return kept ? by_name(kept->all, hook) : nullptr;
}

bool hook_catalog::is_first_word_of(const std::string& group, const std::string& hook) {
  const auto found = groups_.find(group);
  return found != groups_.end() && found->second.spoken_of.insert(hook).second;
}

task<result<std::vector<aws::lifecycle_hook>>> hook_catalog::all(std::string group) {
  const auto* const kept = not_older_than(keep, group);
  if (kept && (!kept->all.empty() || not_older_than(keep_nothing, group))) co_return kept->all;
  co_return co_await calls_.ask(std::move(group));
}

task<result<std::optional<aws::lifecycle_hook>>> hook_catalog::find(std::string group, std::string hook) {
  if (const auto* const named = known(group, hook)) co_return *named;
  if (not_older_than(keep_nothing, group)) co_return std::nullopt;
  const auto found = co_await calls_.ask(std::move(group));
  if (found.has_error()) co_return found.error();
  const auto* const named = by_name(*found, hook);
  co_return named ? std::optional(*named) : std::nullopt;
}

void hook_catalog::watch(const std::string& group, watcher& by) {
  auto& entry = groups_[group];
  entry.watched_by.push_back(by);
  if (!entry.next_look) {
    ++watched_;
    entry.next_look = std::make_unique<alarm>(clock_);
    look_in(group, paced(look_again_after));
  }
  timer_set(group);
}

void hook_catalog::timer_set(const std::string& group) {
  auto& entry = groups_[group];
  if (!entry.asked) return;  // it is being asked for
  if (!entry.next_look->is_set()) {
    entry.is_overtaken = true;
    return;
  }
  const auto last = std::max(*entry.asked, entry.tried);
  const auto due = std::max(last + paced(recent) - clock_.uptime(), duration::zero());
  if (due < entry.look_at - clock_.uptime()) look_in(group, due);
}

duration hook_catalog::paced(duration interval) const { return std::max<duration>(interval, watched_ * a_group); }

void hook_catalog::look_in(const std::string& group, duration wait) {
  auto& entry = groups_[group];
  entry.look_at = clock_.uptime() + wait;
  entry.next_look->set(wait, [this, group] { tasks_.spawn(look_again(group)); });
}

task<> hook_catalog::look_again(std::string group) {
  groups_[group].tried = clock_.uptime();
  groups_[group].is_overtaken = false;
  if (!groups_[group].watched_by.empty()) co_await calls_.ask(group);
  const auto& now = groups_[group];
  if (!now.watched_by.empty()) co_return look_in(group, paced(now.is_overtaken ? recent : look_again_after));
  groups_[group].next_look.reset();
  --watched_;
}

// What was known is not brought back by an error.
task<result<hook_catalog::hooks>> hook_catalog::read(std::string group) {
  auto answer = co_await autoscaling_.hooks(group);
  if (answer.has_error() && answer.error().code() != errc::not_found) co_return std::move(answer).error();
  if (groups_.size() > most_groups)
    std::erase_if(groups_, [this](const auto& each) {
      return each.second.watched_by.empty() && !each.second.next_look && !not_older_than(keep, each.first);
    });
  auto& entry = groups_[group];
  entry.asked = clock_.uptime();
  const auto before = std::exchange(entry.all, answer.has_value() ? std::move(*answer) : hooks());
  for (const auto& each : entry.all) {
    const auto* const known = by_name(before, each.name);
    if (known && known->heartbeat_timeout == each.heartbeat_timeout) continue;
    for (auto& watching : entry.watched_by)
      if (watching.hook() == each.name) watching.changed(each);
  }
  co_return entry.all;
}

}  // namespace lifehook::handlers
