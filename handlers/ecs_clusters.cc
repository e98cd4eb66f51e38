#include "handlers/ecs_clusters.h"

#include <numeric>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration remember_listing = 60s;
constexpr look_limits pace{1s, 10s, 30s};

}  // namespace

ecs_clusters::ecs_clusters(clock& time, aws::by_haste<aws::ecs> with, task_group& tasks)
    : clock_(time),
      service_(with),
      tasks_(tasks),
      listings_(tasks, [with](aws::haste how) { return with[how].list_clusters(); }) {}

ecs_clusters::~ecs_clusters() = default;

ecs_cluster_view& ecs_clusters::of(const std::string& name, named_by who) {
  auto& view = views_[{who, name}];
  if (!view) view = std::make_unique<ecs_cluster_view>(clock_, service_, tasks_, name, who);
  return *view;
}

std::size_t ecs_clusters::draining() const {
  return std::accumulate(views_.begin(), views_.end(), std::size_t{0},
                         [](std::size_t sum, const auto& each) { return sum + each.second->draining(); });
}

double ecs_clusters::calls_to_explain() const {
  return std::accumulate(views_.begin(), views_.end(), 0.0,
                         [](double sum, const auto& each) { return sum + each.second->calls_to_explain(); });
}

look_round ecs_clusters::round(aws::haste of) const {
  look_round all;
  for (const auto& [name, view] : views_) {
    const auto one = view->round(of);
    all.looks += one.looks;
    all.others += one.others;
  }
  return all;
}

duration ecs_clusters::look_interval(aws::haste of) const {
  return handlers::look_interval(round(of), service_[of].look_rate(), pace);
}

task<result<std::vector<std::string>>> ecs_clusters::all(aws::haste how) {
  if (all_until_ > clock_.uptime()) co_return all_;
  auto found = co_await listings_.ask(how);
  if (found.has_error()) co_return std::move(found).error();
  all_ = std::move(*found);
  all_until_ = clock_.uptime() + remember_listing;
  co_return all_;
}

std::string ecs_clusters::home_of(const std::string& scaling_group) const {
  const auto found = homes_.find(scaling_group);
  return found == homes_.end() ? std::string() : found->second;
}

}  // namespace lifehook::handlers
