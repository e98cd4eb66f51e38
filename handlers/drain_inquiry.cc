#include "handlers/drain_inquiry.h"

#include "base/chunks.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t any_number = 1'000'000;
constexpr aws::pace soon{any_number, 1s};
constexpr aws::pace in_company{any_number, 1s, 1, 5s};
constexpr aws::lane_paces for_tasks{soon, soon};
constexpr aws::lane_paces for_facts{in_company, in_company};
constexpr std::size_t most_protection = 100;
constexpr std::size_t most_services = 10;
constexpr duration keep_service = 10s;
constexpr duration forget_after = 1min;
constexpr double remembered = 0.9;  // of what calls have cost, from one to the next

std::vector<std::string> arns_of(const std::vector<aws::ecs_task>& tasks) {
  std::vector<std::string> arns;
  for (const auto& each : tasks) arns.push_back(each.arn);
  return arns;
}

// A container instance that ECS no longer knows has no tasks.
std::vector<result<>> none_where_unknown(std::vector<result<>> answers) {
  for (auto& each : answers)
    if (each.has_error() && each.error().code() == errc::not_found) each = result<>();
  return answers;
}

// Whether what is known of it does not say yet why it stands still.
bool is_open(const result<drain_facts>& of) { return of.has_value() && !of->tasks.empty() && !reason_of(*of); }

// Of each that is open its tasks, together as many as one call takes: of one alone no more than that.
std::vector<std::vector<std::vector<std::string>>> protection_calls(const std::vector<result<drain_facts>>& of) {
  std::vector<std::vector<std::vector<std::string>>> calls;
  std::size_t room = 0;
  for (const auto& each : of) {
    if (!is_open(each)) continue;
    auto tasks = arns_of(each->tasks);
    if (tasks.size() > most_protection) tasks.resize(most_protection);
    if (tasks.size() > room) {
      calls.emplace_back();
      room = most_protection;
    }
    room -= tasks.size();
    calls.back().push_back(std::move(tasks));
  }
  return calls;
}

}  // namespace

drain_inquiry::drain_inquiry(clock& time, aws::by_haste<aws::ecs> with, task_group& tasks, std::string cluster,
                             named_by who)
    : clock_(time),
      ecs_(with),
      cluster_(std::move(cluster)),
      named_by_(who),
      running_(time, with, cluster_, meant_to::run),
      remaining_(time, tasks, for_tasks, [this](auto arns, auto how) { return fetch_tasks(std::move(arns), how); }),
      facts_(time, tasks, for_facts, [this](auto arns, auto how) { return fetch_facts(std::move(arns), how); }) {}

task<result<std::vector<aws::ecs_task>>> drain_inquiry::tasks_of(std::string container_instance, aws::haste how) {
  return remaining_.ask(std::move(container_instance), how);
}

task<result<drain_facts>> drain_inquiry::facts_of(std::string container_instance, aws::haste how) {
  return facts_.ask(std::move(container_instance), how);
}

task<result<drain_inquiry::tasks_each>> drain_inquiry::fetch_tasks(std::vector<std::string> arns, aws::haste how) {
  std::vector<std::vector<aws::ecs_task>> tasks(arns.size());
  const auto read = co_await running_.read(
      arns, [&tasks](std::size_t place, const auto& each) { tasks[place].push_back(each); }, how);
  if (read.has_error())
    co_return unless_deleted(named_by_, read.error(), nothing_for<std::vector<aws::ecs_task>>(arns));
  co_return each_its_own(none_where_unknown(read->answers), std::move(tasks));
}

task<result<drain_inquiry::facts_each>> drain_inquiry::fetch_facts(std::vector<std::string> arns, aws::haste how) {
  std::vector<drain_facts> facts(arns.size());
  const auto read = co_await running_.read(
      arns, [&facts](std::size_t place, const auto& each) { facts[place].tasks.push_back(each); }, how);
  if (read.has_error()) co_return unless_deleted(named_by_, read.error(), nothing_for<drain_facts>(arns));
  auto known = each_its_own(none_where_unknown(read->answers), std::move(facts));
  known = co_await with_protection(std::move(known), ecs_[how]);
  known = co_await with_services(std::move(known), ecs_[how]);
  note_cost(read->calls, arns.size());
  co_return known;
}

task<drain_inquiry::facts_each> drain_inquiry::with_protection(facts_each of, aws::ecs& ecs) {
  std::set<std::string> all;
  for (auto& tasks : protection_calls(of)) {
    auto found = co_await protected_among(std::move(tasks), ecs);
    all.merge(found);
  }
  for (auto& each : of) {
    if (!is_open(each)) continue;
    for (const auto& one : each->tasks)
      if (all.contains(one.arn)) each->protected_tasks.push_back(one.arn);
  }
  co_return of;
}

// By container instance. None where ECS refuses to tell.
task<std::set<std::string>> drain_inquiry::protected_among(std::vector<std::vector<std::string>> tasks, aws::ecs& ecs) {
  std::vector<std::string> all;
  for (const auto& each : tasks) all.insert(all.end(), each.begin(), each.end());
  ++protection_calls_;
  const auto found = co_await ecs.protected_tasks(cluster_, std::move(all));
  if (found.has_value()) co_return std::set<std::string>(found->begin(), found->end());
  std::set<std::string> by_one;
  if (tasks.size() == 1 || !is_of_a_member(found.error())) co_return by_one;
  for (auto& each : tasks) {
    std::vector<std::vector<std::string>> alone{std::move(each)};
    auto own = co_await protected_among(std::move(alone), ecs);
    by_one.merge(own);
  }
  co_return by_one;
}

task<drain_inquiry::facts_each> drain_inquiry::with_services(facts_each of, aws::ecs& ecs) {
  forget_old();
  std::set<std::string> unknown;
  for (const auto& each : of) {
    if (!is_open(each)) continue;
    for (auto& name : services_of(each->tasks))
      if (!is_known(name)) unknown.insert(std::move(name));
  }
  for (auto& names : in_chunks(std::vector<std::string>(unknown.begin(), unknown.end()), most_services))
    co_await learn(std::move(names), ecs);
  for (auto& each : of)
    if (is_open(each)) each->services = known_services(*each);
  co_return of;
}

task<> drain_inquiry::learn(std::vector<std::string> services, aws::ecs& ecs) {
  const auto asked = clock_.uptime();
  const auto found = co_await ecs.describe_services(cluster_, services);
  if (found.has_value())
    for (const auto& each : *found) services_.insert_or_assign(each.name, kept_service{asked, each});
  if (found.has_value() || services.size() == 1 || !is_of_a_member(found.error())) co_return;
  for (auto& each : services) {
    std::vector<std::string> alone{std::move(each)};
    co_await learn(std::move(alone), ecs);
  }
}

bool drain_inquiry::is_known(const std::string& service) const {
  const auto known = services_.find(service);
  return known != services_.end() && clock_.uptime() < known->second.asked + keep_service;
}

// Not before another reading that has just learned of them has told it.
void drain_inquiry::forget_old() {
  std::erase_if(services_, [this](const auto& each) { return each.second.asked + forget_after <= clock_.uptime(); });
}

std::vector<aws::ecs_service> drain_inquiry::known_services(const drain_facts& of) const {
  std::vector<aws::ecs_service> known;
  for (const auto& name : services_of(of.tasks))
    if (const auto found = services_.find(name); found != services_.end()) known.push_back(found->second.of);
  return known;
}

void drain_inquiry::note_cost(std::size_t calls, std::size_t askers) {
  calls += std::exchange(protection_calls_, 0);
  calls_ = remembered * calls_ + static_cast<double>(calls);
  askers_ = remembered * askers_ + static_cast<double>(askers);
}

}  // namespace lifehook::handlers
