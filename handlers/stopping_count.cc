#include "handlers/stopping_count.h"

#include "base/chunks.h"

#include <algorithm>
#include <numeric>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

// A read of the whole cluster answers any number. Where the budget is short they gather for as long as their looks can
// wait.
constexpr aws::pace shared{1'000'000, 1ms, 0, 1s};
constexpr duration still_counts = 30s;

bool has_stopped(const aws::ecs_task& of) { return of.last_status == "STOPPED" || of.last_status == "DELETED"; }

}  // namespace

stopping_count::stopping_count(clock& time, aws::ecs& with, task_group& tasks, std::string cluster, named_by who)
    : clock_(time),
      ecs_(with),
      cluster_(std::move(cluster)),
      named_by_(who),
      asked_(
          time, tasks, shared, [this](auto arns) { return fetch(std::move(arns)); },
          [&with] { return with.has_reads_to_spare(); }) {}

task<result<std::size_t>> stopping_count::of(std::string container_instance) {
  return asked_.ask(std::move(container_instance));
}

std::size_t stopping_count::calls_lately() const { return clock_.uptime() - counted_at_ <= still_counts ? calls_ : 0; }

task<result<stopping_count::answers>> stopping_count::fetch(std::vector<std::string> arns) {
  const bool together = arns.size() > pages_ + 1;
  calls_ = together ? pages_ + 1 : 2 * arns.size();
  counted_at_ = clock_.uptime();
  auto found = co_await (together ? count_together(arns) : count_one_by_one(arns));
  if (found.has_error()) co_return unless_deleted(named_by_, found.error(), nothing_for<std::size_t>(arns));
  co_return found;
}

task<result<stopping_count::answers>> stopping_count::count_together(std::vector<std::string> arns) {
  auto all = co_await count({});
  if (all.has_error()) co_return std::move(all).error();
  answers found;
  for (const auto& arn : arns) found.push_back((*all)[arn]);
  co_return found;
}

task<result<stopping_count::answers>> stopping_count::count_one_by_one(std::vector<std::string> arns) {
  answers found;
  for (const auto& arn : arns) {
    const auto own = co_await count(arn);
    if (own.has_error() && own.error().code() != errc::not_found) co_return own.error();
    if (own.has_error()) {
      found.push_back(own.error());
      continue;
    }
    found.push_back(std::accumulate(own->begin(), own->end(), std::size_t{0},
                                    [](std::size_t sum, const auto& each) { return sum + each.second; }));
  }
  co_return found;
}

task<result<stopping_count::counts>> stopping_count::count(std::string container_instance) {
  const bool of_cluster = container_instance.empty();
  auto listed = co_await ecs_.list_tasks(cluster_, std::move(container_instance), "STOPPED");
  if (listed.has_error()) co_return std::move(listed).error();
  if (of_cluster) note_listed(*listed);
  std::erase_if(*listed, [this](const auto& arn) { return known_stopped_.contains(arn); });
  counts sum;
  for (auto& chunk : in_chunks(*listed, most_described)) {
    const auto described = co_await describe(std::move(chunk));
    if (described.has_error()) co_return described.error();
    if (of_cluster) note_stopped(*described);
    for (const auto& each : *described)
      if (!has_stopped(each)) ++sum[each.container_instance_arn];
  }
  co_return sum;
}

task<result<std::vector<aws::ecs_task>>> stopping_count::describe(std::vector<std::string> tasks) {
  auto answer = co_await ecs_.describe_tasks(cluster_, tasks);
  if (answer.has_error()) co_return std::move(answer).error();
  if (auto silent = first_unanswered("task", tasks, *answer)) co_return *std::move(silent);
  co_return std::move(answer->found);
}

void stopping_count::note_listed(const std::vector<std::string>& tasks) {
  pages_ = std::max<std::size_t>(1, (tasks.size() + most_described - 1) / most_described);
  const std::set<std::string> shown(tasks.begin(), tasks.end());
  std::erase_if(known_stopped_, [&shown](const auto& arn) { return !shown.contains(arn); });
}

void stopping_count::note_stopped(const std::vector<aws::ecs_task>& tasks) {
  for (const auto& each : tasks)
    if (has_stopped(each)) known_stopped_.insert(each.arn);
}

}  // namespace lifehook::handlers
