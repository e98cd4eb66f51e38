#pragma once

#include "base/shared_call.h"
#include "handlers/ecs_cluster_view.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lifehook::handlers {

// The clusters of this account and region, made when first named; and what their drains share: the budget of looks, and
// which cluster a group's instances were in.
class ecs_clusters {
 public:
  ecs_clusters(clock& time, aws::by_haste<aws::ecs> with, task_group& tasks);
  ~ecs_clusters();

  ecs_cluster_view& of(const std::string& name, named_by who = named_by::configuration);
  std::size_t draining() const;
  look_round round(aws::haste of = aws::haste::usual) const;  // of all clusters
  double calls_to_explain() const;                            // all drains
  // How long to wait between looks so that all drains of all clusters stay within what the read budget leaves them:
  // 1 s while few drain, at most 10 s where that can be, 30 s where it cannot.
  duration look_interval(aws::haste of = aws::haste::usual) const;
  // All clusters, for `clusters: auto`; listed at most once a minute, once for all who ask.
  task<result<std::vector<std::string>>> all(aws::haste how = aws::haste::usual);
  // Where instances of this Auto Scaling group were found last: asked first by `clusters: auto`.
  void remember(const std::string& scaling_group, const std::string& cluster) { homes_[scaling_group] = cluster; }
  std::string home_of(const std::string& scaling_group) const;

 private:
  clock& clock_;
  aws::by_haste<aws::ecs> service_;
  task_group& tasks_;
  std::map<std::pair<named_by, std::string>, std::unique_ptr<ecs_cluster_view>> views_;
  shared_call<aws::haste, std::vector<std::string>> listings_;
  std::vector<std::string> all_;
  duration all_until_{0};  // in uptime: a wall clock may step
  std::map<std::string, std::string> homes_;
};

}  // namespace lifehook::handlers
