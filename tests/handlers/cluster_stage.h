#pragma once

#include "tests/handlers/fleet_stage.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace lifehook::handlers {

inline boost::json::object read(const seen_call& call) { return boost::json::parse(call.body).as_object(); }

template <class Answer>
task<> keep(task<result<Answer>> asking, std::string key, std::map<std::string, result<Answer>>& answers) {
  auto answer = co_await std::move(asking);
  answers.emplace(std::move(key), std::move(answer));
}

// A fleet whose cluster "prod" many ask about.
struct cluster_stage : testing::Test {
  // Instances i-0..., registered; their container instances' arns in the same order.
  std::vector<std::string> register_instances(std::size_t count) {
    fleet.world.ecs().create_cluster("prod");
    std::vector<std::string> arns;
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(fmt::format("i-{:017x}", i + 1));
      arns.push_back(fleet.world.ecs().register_instance("prod", ids.back(), 8));
    }
    return arns;
  }
  ecs_cluster_view& prod() { return fleet.clusters.of("prod"); }

  fleet_stage fleet;
  std::vector<std::string> ids;
};

}  // namespace lifehook::handlers
