#include "handlers/target_catalog.h"

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_finds = 1'000'000;  // one listing answers any number
constexpr std::size_t most_leaving = 100;      // instances; AWS names no limit for DeregisterTargets
constexpr duration patience = 5ms;

using registrations = std::vector<aws::target_health>;

task<result<std::vector<result<registrations>>>> list(aws::elbv2& with, std::string target_group,
                                                      std::vector<std::string> ids) {
  auto asking = with.targets(std::move(target_group));
  auto all = co_await std::move(asking);
  if (all.has_error()) co_return std::move(all).error();
  std::multimap<std::string, aws::target_health> by_id;
  for (auto& each : *all) by_id.emplace(each.of.id, std::move(each));
  std::vector<result<registrations>> answers;
  for (const auto& id : ids) {
    registrations own;
    const auto [first, last] = by_id.equal_range(id);
    for (auto each = first; each != last; ++each) own.push_back(each->second);
    answers.emplace_back(std::move(own));
  }
  co_return answers;
}

task<result<std::vector<result<bool>>>> leave(aws::elbv2& with, std::string target_group,
                                              std::vector<std::vector<aws::target>> leaving) {
  std::vector<aws::target> together;
  for (const auto& each : leaving) together.insert(together.end(), each.begin(), each.end());
  auto asking = with.deregister(std::move(target_group), std::move(together));
  const auto answer = co_await std::move(asking);
  if (answer.has_error()) co_return answer.error();
  co_return std::vector<result<bool>>(leaving.size(), true);
}

}  // namespace

bool is_target_group_arn(std::string_view text) {
  return text.starts_with("arn:") && text.find(":targetgroup/") != std::string_view::npos;
}

target_catalog::desk::desk(clock& time, task_group& tasks, aws::elbv2& with, const std::string& target_group)
    : finds(time, tasks, most_finds, patience,
            [&with, target_group](auto ids) { return list(with, target_group, std::move(ids)); }),
      leaves(time, tasks, most_leaving, patience,
             [&with, target_group](auto leaving) { return leave(with, target_group, std::move(leaving)); }) {}

// Never forgotten: there are as many as target groups in the account, a few hundred at most.
target_catalog::desk& target_catalog::of(const std::string& target_group) {
  auto& known = desks_[target_group];
  if (!known) known = std::make_unique<desk>(clock_, tasks_, elbv2_, target_group);
  return *known;
}

task<result<registrations>> target_catalog::find(std::string target_group, std::string id) {
  return of(target_group).finds.ask(std::move(id));
}

task<result<>> target_catalog::deregister(std::string target_group, std::vector<aws::target> targets) {
  auto leaving = of(target_group).leaves.ask(std::move(targets));
  const auto left = co_await std::move(leaving);
  if (left.has_error()) co_return left.error();
  co_return result<>();
}

}  // namespace lifehook::handlers
