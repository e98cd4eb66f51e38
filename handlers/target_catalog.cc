#include "handlers/target_catalog.h"

#include <algorithm>
#include <span>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr aws::pace all_together{1'000'000, 5ms};  // one listing answers any number
constexpr aws::lane_paces by_listing{all_together, all_together};
constexpr aws::pace hundred_together{100, 5ms};  // instances; AWS names no limit for DeregisterTargets
constexpr aws::lane_paces by_hundred{hundred_together, hundred_together};
constexpr duration remember_listing = 60s;

std::map<std::string, std::vector<aws::target_health>> by_id(std::vector<aws::target_health> all) {
  std::map<std::string, std::vector<aws::target_health>> sorted;
  for (auto& each : all) {
    auto& own = sorted[each.of.id];
    own.push_back(std::move(each));
  }
  return sorted;
}

// Of several targets of one who asked the first failure there is.
result<bool> end_of(std::span<const result<>> ends) {
  const auto failed = std::find_if(ends.begin(), ends.end(), [](const auto& each) { return each.has_error(); });
  if (failed == ends.end()) return true;
  return failed->error();
}

}  // namespace

bool is_target_group_arn(std::string_view text) {
  return text.starts_with("arn:") && text.find(":targetgroup/") != std::string_view::npos;
}

// What is asked of one target group.
struct target_catalog::desk {
  desk(target_catalog& in, const std::string& target_group);

  aws::lanes<std::string, registrations> finds;
  aws::lanes<std::vector<aws::target>, bool> leaves;
  std::map<std::string, registrations> listed{};
  duration listed_at{0};  // in uptime: a wall clock may step
};

target_catalog::desk::desk(target_catalog& in, const std::string& target_group)
    : finds(in.clock_, in.tasks_, by_listing,
            [&in, target_group](auto ids, auto how) { return in.list(target_group, std::move(ids), how); }),
      leaves(in.clock_, in.tasks_, by_hundred,
             [&in, target_group](auto leaving, auto how) { return in.leave(target_group, std::move(leaving), how); }) {}

target_catalog::target_catalog(clock& time, aws::by_haste<aws::elbv2> with, task_group& tasks)
    : clock_(time), elbv2_(with), tasks_(tasks) {}

target_catalog::~target_catalog() = default;

// Never forgotten: there are as many as target groups in the account, a few hundred at most.
target_catalog::desk& target_catalog::of(const std::string& target_group) {
  auto& known = desks_[target_group];
  if (!known) known = std::make_unique<desk>(*this, target_group);
  return *known;
}

// A listing of a large target group is some hundred kilobytes.
void target_catalog::forget_old() {
  for (auto& [arn, desk] : desks_)
    if (desk->listed_at + remember_listing <= clock_.uptime()) desk->listed.clear();
}

task<result<std::vector<result<target_catalog::registrations>>>> target_catalog::list(std::string target_group,
                                                                                      std::vector<std::string> ids,
                                                                                      aws::haste how) {
  auto all = co_await elbv2_[how].targets(target_group);
  if (all.has_error()) co_return std::move(all).error();
  forget_old();
  auto& desk = of(target_group);
  desk.listed = by_id(std::move(*all));
  desk.listed_at = clock_.uptime();
  std::vector<result<registrations>> answers;
  for (const auto& id : ids) answers.emplace_back(remembered(target_group, id));
  co_return answers;
}

task<result<std::vector<result<bool>>>> target_catalog::leave(std::string target_group,
                                                              std::vector<std::vector<aws::target>> leaving,
                                                              aws::haste how) {
  std::vector<aws::target> together;
  for (const auto& each : leaving) together.insert(together.end(), each.begin(), each.end());
  const auto ends = co_await elbv2_[how].deregister(target_group, together);
  if (ends.has_error()) co_return ends.error();
  std::vector<result<bool>> answers;
  std::span<const result<>> left(*ends);
  for (const auto& own : leaving) {
    answers.push_back(end_of(left.first(own.size())));
    left = left.subspan(own.size());
    if (answers.back().has_value())
      for (const auto& each : own) of(target_group).listed.erase(each.id);
  }
  co_return answers;
}

target_catalog::registrations target_catalog::remembered(const std::string& target_group, const std::string& id) const {
  const auto desk = desks_.find(target_group);
  if (desk == desks_.end() || desk->second->listed_at + remember_listing <= clock_.uptime()) return {};
  const auto known = desk->second->listed.find(id);
  return known == desk->second->listed.end() ? registrations() : known->second;
}

task<result<target_catalog::registrations>> target_catalog::find(std::string target_group, std::string id,
                                                                 aws::haste how) {
  return of(target_group).finds.ask(std::move(id), how);
}

task<result<>> target_catalog::deregister(std::string target_group, std::vector<aws::target> targets, aws::haste how) {
  const auto left = co_await of(target_group).leaves.ask(std::move(targets), how);
  if (left.has_error()) co_return left.error();
  co_return result<>();
}

}  // namespace lifehook::handlers
