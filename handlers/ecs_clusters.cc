#include "handlers/ecs_clusters.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_described = 100;
constexpr std::size_t most_changed = 10;
constexpr std::size_t most_shared = 1'000'000;  // a cluster-wide read answers any number
constexpr duration patience = 5ms;
constexpr duration shared_patience = 1s;
constexpr duration remember_active = 60s;
constexpr std::size_t looks_a_second = 5;  // of batches of a hundred: a quarter of the account's read budget

template <class T>
std::vector<std::vector<T>> in_chunks(const std::vector<T>& all, std::size_t most) {
  std::vector<std::vector<T>> chunks;
  for (std::size_t from = 0; from < all.size(); from += most) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(most, all.size() - from);
    chunks.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(count));
  }
  return chunks;
}

bool is_missing(const aws::ecs_failure& of) { return of.reason == "MISSING" || of.reason == "INACTIVE"; }

// ECS answers in any order and names what it lacks. What it does not mention at all has not been answered.
std::vector<result<std::optional<aws::container_instance>>> by_arn(const std::vector<std::string>& asked,
                                                                   aws::ecs_listing<aws::container_instance> answer) {
  std::map<std::string, std::optional<aws::container_instance>> known;
  for (const auto& each : answer.failures)
    if (is_missing(each)) known.emplace(each.arn, std::nullopt);
  for (auto& each : answer.found) {
    auto arn = each.arn;
    const bool gone = each.status == "INACTIVE";
    known.insert_or_assign(std::move(arn), gone ? std::nullopt : std::optional(std::move(each)));
  }
  std::vector<result<std::optional<aws::container_instance>>> answers;
  for (const auto& arn : asked) {
    const auto one = known.find(arn);
    if (one != known.end())
      answers.emplace_back(one->second);
    else
      answers.emplace_back(error{errc::unreachable, "ECS did not answer for container instance " + arn});
  }
  return answers;
}

}  // namespace

ecs_cluster_view::ecs_cluster_view(clock& time, aws::ecs& with, task_group& tasks, std::string name)
    : clock_(time),
      ecs_(with),
      name_(std::move(name)),
      finds_(time, tasks, most_described, patience, [this](auto ids) { return fetch_found(std::move(ids)); }),
      looks_(time, tasks, most_described, patience, [this](auto arns) { return fetch_looks(std::move(arns)); }),
      drains_(time, tasks, most_changed, patience, [this](auto arns) { return fetch_drains(std::move(arns)); }),
      stopping_(time, tasks, most_shared, shared_patience,
                [this](auto arns) { return fetch_stopping(std::move(arns)); }) {}

task<result<>> ecs_cluster_view::require_active() {
  if (active_until_ > clock_.now()) co_return result<>();
  auto asking = ecs_.describe_clusters({name_});
  const auto found = co_await std::move(asking);
  if (found.has_error()) co_return found.error();
  if (found->empty())
    co_return error{
        errc::denied,
        fmt::format("ECS knows no cluster \"{}\" in this account and region; correct the configuration", name_),
        {}};
  if (found->front().status != "ACTIVE")
    co_return error{
        errc::denied,
        fmt::format("ECS cluster \"{}\" is {}, not ACTIVE; correct the configuration", name_, found->front().status),
        {}};
  active_until_ = clock_.now() + remember_active;
  co_return result<>();
}

task<result<aws::ecs_listing<aws::container_instance>>> ecs_cluster_view::describe(std::vector<std::string> arns) {
  aws::ecs_listing<aws::container_instance> all;
  for (auto& chunk : in_chunks(arns, most_described)) {
    auto asking = ecs_.describe_container_instances(name_, std::move(chunk));
    auto answer = co_await std::move(asking);
    if (answer.has_error()) co_return std::move(answer).error();
    std::move(answer->found.begin(), answer->found.end(), std::back_inserter(all.found));
    std::move(answer->failures.begin(), answer->failures.end(), std::back_inserter(all.failures));
  }
  co_return all;
}

task<result<std::vector<result<found_instances>>>> ecs_cluster_view::fetch_found(std::vector<std::string> ids) {
  auto listing = ecs_.find_container_instances(name_, ids);
  auto arns = co_await std::move(listing);
  if (arns.has_error()) co_return std::move(arns).error();
  const auto listed = arns->size();
  auto describing = describe(std::move(*arns));
  const auto all = co_await std::move(describing);
  if (all.has_error()) co_return all.error();
  if (all->found.size() + all->failures.size() < listed)
    co_return error{errc::unreachable, "ECS described fewer container instances than it listed"};
  std::map<std::string_view, found_instances> by_id;
  for (const auto& each : all->found)
    if (each.status != "INACTIVE") by_id[each.ec2_instance_id].push_back(each);
  std::vector<result<found_instances>> answers;
  for (const auto& id : ids) answers.push_back(by_id[id]);
  co_return answers;
}

task<result<std::vector<result<std::optional<aws::container_instance>>>>> ecs_cluster_view::fetch_looks(
    std::vector<std::string> arns) {
  auto describing = describe(arns);
  auto all = co_await std::move(describing);
  if (all.has_error()) co_return std::move(all).error();
  co_return by_arn(arns, std::move(*all));
}

task<result<std::vector<result<std::optional<aws::container_instance>>>>> ecs_cluster_view::fetch_drains(
    std::vector<std::string> arns) {
  auto changing = ecs_.set_state(name_, arns, "DRAINING");
  auto answer = co_await std::move(changing);
  if (answer.has_value()) co_return by_arn(arns, std::move(*answer));
  if (answer.error().code() != errc::rejected || arns.size() == 1) co_return std::move(answer).error();
  // One member that cannot be drained refuses its whole batch: each then answers for itself.
  std::vector<result<maybe_instance>> answers;
  for (const auto& arn : arns) {
    auto alone = ecs_.set_state(name_, {arn}, "DRAINING");
    auto own = co_await std::move(alone);
    if (own.has_value())
      answers.push_back(std::move(by_arn({arn}, std::move(*own)).front()));
    else
      answers.push_back(std::move(own).error());
  }
  co_return answers;
}

task<result<std::map<std::string, std::size_t>>> ecs_cluster_view::count_stopping(std::string container_instance) {
  auto listing = ecs_.list_tasks(name_, container_instance, "STOPPED");
  auto listed = co_await std::move(listing);
  if (listed.has_error()) co_return std::move(listed).error();
  if (container_instance.empty()) {
    pages_ = std::max<std::size_t>(1, (listed->size() + most_described - 1) / most_described);
    const std::set<std::string> shown(listed->begin(), listed->end());
    std::erase_if(known_stopped_, [&shown](const auto& arn) { return !shown.contains(arn); });
  }
  std::erase_if(*listed, [this](const auto& arn) { return known_stopped_.contains(arn); });
  std::map<std::string, std::size_t> counts;
  for (auto& chunk : in_chunks(*listed, most_described)) {
    auto asking = ecs_.describe_tasks(name_, std::move(chunk));
    const auto answer = co_await std::move(asking);
    if (answer.has_error()) co_return answer.error();
    for (const auto& each : answer->found) {
      const bool stopped = each.last_status == "STOPPED" || each.last_status == "DELETED";
      if (!stopped)
        ++counts[each.container_instance_arn];
      else if (container_instance.empty())
        known_stopped_.insert(each.arn);
    }
  }
  co_return counts;
}

task<result<std::vector<result<std::size_t>>>> ecs_cluster_view::fetch_stopping(std::vector<std::string> arns) {
  std::map<std::string, std::size_t> counts;
  if (arns.size() > pages_ + 1) {
    auto reading = count_stopping({});
    auto all = co_await std::move(reading);
    if (all.has_error()) co_return std::move(all).error();
    counts = std::move(*all);
  } else {
    for (const auto& arn : arns) {
      auto reading = count_stopping(arn);
      const auto own = co_await std::move(reading);
      if (own.has_error()) co_return own.error();
      for (const auto& [of, count] : *own) counts[arn] += count;
    }
  }
  std::vector<result<std::size_t>> answers;
  for (const auto& arn : arns) answers.push_back(counts[arn]);
  co_return answers;
}

duration ecs_cluster_view::look_interval() const {
  const auto batches = (draining_ + most_described - 1) / most_described;
  const auto seconds = static_cast<std::int64_t>((batches + looks_a_second - 1) / looks_a_second);
  return std::clamp<duration>(std::chrono::seconds(seconds), 1s, 30s);
}

ecs_cluster_view& ecs_clusters::of(const std::string& name) {
  auto& view = views_[name];
  if (!view) view = std::make_unique<ecs_cluster_view>(clock_, ecs_, tasks_, name);
  return *view;
}

task<result<std::vector<std::string>>> ecs_clusters::all() {
  if (all_until_ > clock_.now()) co_return all_;
  auto listing = ecs_.list_clusters();
  auto found = co_await std::move(listing);
  if (found.has_error()) co_return std::move(found).error();
  all_ = std::move(*found);
  all_until_ = clock_.now() + remember_active;
  co_return all_;
}

std::string ecs_clusters::home_of(const std::string& scaling_group) const {
  const auto found = homes_.find(scaling_group);
  return found == homes_.end() ? std::string() : found->second;
}

}  // namespace lifehook::handlers
