#include "handlers/ecs_cluster_view.h"

#include "base/chunks.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_changed = 10;
constexpr aws::lane_paces reads{{most_described, 1ms, 0, 250ms}, {most_described, 1ms, 0, 50ms}};
constexpr aws::lane_paces changes{{most_changed, 1ms}, {most_changed, 1ms}};
constexpr duration remember_active = 60s;

auto to_spare(aws::ecs& with) {
  return [&with] { return with.has_reads_to_spare(); };
}

error in_cluster(const std::string& name, const error& why) { return why.in("cluster " + name); }

error to_be_corrected(std::string_view what) {
  return {errc::denied, fmt::format("{}; correct the configuration", what)};
}

}  // namespace

ecs_cluster_view::ecs_cluster_view(clock& time, aws::by_haste<aws::ecs> with, task_group& tasks, std::string name,
                                   named_by who)
    : clock_(time),
      service_(with),
      name_(std::move(name)),
      named_by_(who),
      finds_(
          time, tasks, reads, [this](auto ids, auto how) { return fetch_found(std::move(ids), how); },
          to_spare(with.usual)),
      looks_(
          time, tasks, reads, [this](auto arns, auto how) { return fetch_looks(std::move(arns), how); },
          to_spare(with.usual)),
      drains_(time, tasks, changes, [this](auto arns, auto how) { return fetch_drains(std::move(arns), how); }),
      stopping_(time, with, tasks, name_, who),
      inquiry_(time, with, tasks, name_, who) {}

ecs_cluster_view::~ecs_cluster_view() = default;

task<result<found_instances>> ecs_cluster_view::find(std::string ec2_instance_id, aws::haste how) {
  return finds_.ask(std::move(ec2_instance_id), how);
}

task<result<current_instance>> ecs_cluster_view::look(std::string arn, aws::haste how) {
  return looks_.ask(std::move(arn), how);
}

task<result<current_instance>> ecs_cluster_view::drain(std::string arn, aws::haste how) {
  return drains_.ask(std::move(arn), how);
}

task<result<current_instance>> ecs_cluster_view::activate(std::string arn) {
  return set_state(std::move(arn), "ACTIVE", aws::haste::usual);
}

task<result<std::optional<stopping_tasks>>> ecs_cluster_view::stopping(std::string arn, duration since,
                                                                       aws::haste how) {
  return stopping_.of(std::move(arn), since, how);
}

task<result<std::vector<aws::ecs_task>>> ecs_cluster_view::running_tasks(std::string arn, aws::haste how) {
  return inquiry_.tasks_of(std::move(arn), how);
}

task<result<drain_facts>> ecs_cluster_view::why_tasks_remain(std::string arn, aws::haste how) {
  return inquiry_.facts_of(std::move(arn), how);
}

double ecs_cluster_view::calls_to_explain() const { return static_cast<double>(draining()) * inquiry_.calls_each(); }

task<result<>> ecs_cluster_view::require_active(aws::haste how) {
  if (active_until_ > clock_.uptime()) co_return result<>();
  const auto found = co_await service_[how].describe_clusters({name_});
  if (found.has_error()) co_return found.error();
  if (found->empty())
    co_return to_be_corrected(fmt::format("ECS knows no cluster \"{}\" in this account and region", name_));
  if (const auto& status = found->front().status; status != "ACTIVE")
    co_return to_be_corrected(fmt::format("ECS cluster \"{}\" is {}, not ACTIVE", name_, status));
  active_until_ = clock_.uptime() + remember_active;
  co_return result<>();
}

task<result<aws::ecs_listing<aws::container_instance>>> ecs_cluster_view::describe(std::vector<std::string> arns,
                                                                                   aws::haste how) {
  aws::ecs_listing<aws::container_instance> all;
  for (auto& chunk : in_chunks(arns, most_described)) {
    auto answer = co_await service_[how].describe_container_instances(name_, std::move(chunk));
    if (answer.has_error()) co_return std::move(answer).error();
    std::move(answer->found.begin(), answer->found.end(), std::back_inserter(all.found));
    std::move(answer->failures.begin(), answer->failures.end(), std::back_inserter(all.failures));
  }
  co_return all;
}

task<result<std::vector<result<found_instances>>>> ecs_cluster_view::fetch_found(std::vector<std::string> ids,
                                                                                 aws::haste how) {
  const auto arns = co_await service_[how].find_container_instances(name_, ids);
  if (arns.has_error())
    co_return unless_deleted(named_by_, in_cluster(name_, arns.error()), nothing_for<found_instances>(ids));
  auto all = co_await describe(*arns, how);
  if (all.has_error())
    co_return unless_deleted(named_by_, in_cluster(name_, all.error()), nothing_for<found_instances>(ids));
  auto silent = first_unanswered("container instance", *arns, *all);
  auto found = silent ? *std::move(silent) : by_ec2_instance(ids, std::move(all->found));
  if (found.has_error() && ids.size() > 1) co_return co_await find_each(std::move(ids), how);
  co_return found;
}

// Whose a container instance is that ECS has listed, and not described or not named, the others do not tell.
task<std::vector<result<found_instances>>> ecs_cluster_view::find_each(std::vector<std::string> ids, aws::haste how) {
  std::vector<result<found_instances>> answers;
  for (const auto& id : ids) {
    auto own = co_await fetch_found({id}, how);
    if (own.has_error())
      answers.emplace_back(std::move(own).error());
    else
      answers.push_back(std::move(own->front()));
  }
  co_return answers;
}

task<result<ecs_cluster_view::currents>> ecs_cluster_view::fetch_looks(std::vector<std::string> arns, aws::haste how) {
  auto all = co_await describe(arns, how);
  if (all.has_error())
    co_return unless_deleted(named_by_, in_cluster(name_, all.error()), nothing_for<current_instance>(arns));
  co_return by_arn(arns, std::move(*all));
}

task<result<ecs_cluster_view::currents>> ecs_cluster_view::fetch_drains(std::vector<std::string> arns, aws::haste how) {
  auto answer = co_await service_[how].set_state(name_, arns, "DRAINING");
  if (answer.has_value()) co_return by_arn(arns, std::move(*answer));
  if (!is_of_a_member(answer.error()) || arns.size() == 1)
    co_return unless_deleted(named_by_, in_cluster(name_, answer.error()), nothing_for<current_instance>(arns));
  co_return co_await drain_each(std::move(arns), how);
}

// One member that cannot be drained refuses its whole batch: each then answers for itself.
task<ecs_cluster_view::currents> ecs_cluster_view::drain_each(std::vector<std::string> arns, aws::haste how) {
  currents answers;
  for (const auto& arn : arns) {
    auto own = co_await set_state(arn, "DRAINING", how);
    answers.push_back(std::move(own));
  }
  co_return answers;
}

task<result<current_instance>> ecs_cluster_view::set_state(std::string arn, std::string status, aws::haste how) {
  auto answer = co_await service_[how].set_state(name_, {arn}, std::move(status));
  if (answer.has_error()) co_return unless_deleted(named_by_, in_cluster(name_, answer.error()), current_instance());
  co_return std::move(by_arn({arn}, std::move(*answer)).front());
}

task<result<>> ecs_cluster_view::deregister(std::string arn, bool force, aws::haste how) {
  const auto left = co_await service_[how].deregister(name_, std::move(arn), force);
  if (left.has_value() || left.error().code() == errc::not_found) co_return result<>();
  const auto known = unless_deleted(named_by_, in_cluster(name_, left.error()), true);
  if (known.has_error()) co_return known.error();
  co_return result<>();
}

look_round ecs_cluster_view::round(aws::haste of) const {
  const auto drains = of == aws::haste::hurried ? hurried_ : draining_;
  const auto batches = (drains + most_described - 1) / most_described;
  return {static_cast<double>(batches), drains > 0 ? static_cast<double>(stopping_.calls_lately()) : 0};
}

}  // namespace lifehook::handlers
