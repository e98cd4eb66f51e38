#include "tests/simulation/seeds.h"
#include "tests/simulation/worded_scenario.h"

#include <algorithm>
#include <array>
#include <random>

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

struct churn {
  std::string name;
  std::uint64_t seed = 1;
  int replicas = 3;
  simulator::count_lags lags{};
  std::uint64_t world = 1;  // the seed of AWS and of the workers
};

// Instances end at random, three in two minutes, in three groups of hooks of different timeouts. Messages are given
// back every seven minutes, and now and then a worker is replaced as by a deploy.
class churning_fleet : public worded_scenario {
 public:
  explicit churning_fleet(const churn& of)
      : worded_scenario(
            "  - {name: short, match: [web-short], hooks: [drain], terminating: [{wait: {for: 90s}}]}\n"
            "  - {name: plain, match: [web-plain], hooks: [drain], terminating: [{wait: {for: 8m}}]}\n"
            "  - {name: long, match: [web-long], hooks: [drain], terminating: [{wait: {for: 16m}}]}\n"
            "  - {name: silent, match: [web-silent], hooks: [drain], terminating: [{wait: {for: 30s}}]}\n",
            {.seed = of.world}),
        random_(of.seed),
        running_(static_cast<std::size_t>(of.replicas)) {
    instances = 0;
    queue_settings = "hold: 7m";
    furnish();
    for (const auto& [group, timeout] : told_) add_group(group, timeout, world.sqs().queue_arn("lifecycle"));
    add_group("web-silent", 600s, {});
    world.sqs().lag_counts(of.lags);
    for (int i = 0; i < of.replicas; ++i) workers_.push_back(&start_worded());
  }

  void go_on(duration span) {
    std::uniform_int_distribution<int> pause(10, 70);
    std::uniform_int_distribution<std::size_t> pick(0, told_.size() - 1);
    const auto end = time.clock.now() + span;
    while (time.clock.now() < end) {
      time.run_for(std::chrono::seconds(pause(random_)));
      if (time.clock.now() >= next_deploy_) deploy_one();
      end_one(told_[pick(random_)].first);
    }
  }
  void end_one(const std::string& group) {
    const auto all = world.autoscaling().instances(group);
    const auto serves = [this](const auto& each) { return world.autoscaling().lifecycle_state(each) == "InService"; };
    world.autoscaling().terminate(*std::find_if(all.begin(), all.end(), serves), true);
  }
  std::size_t adopted() const {
    std::size_t count = 0;
    for (const auto* each : workers_) count += each->logged("hook_adopted").size();
    return count;
  }
  void expect_no_harm() {
    ASSERT_TRUE(time.run_until([this] { return settled(actions().size()); }));
    for (const auto& each : actions()) {
      EXPECT_EQ(each.result, "CONTINUE") << each.group << ' ' << each.instance;
      EXPECT_FALSE(each.timed_out) << each.group << ' ' << each.instance;
    }
    EXPECT_TRUE(world.sqs().bodies(dead_letters()).empty());
  }

 private:
  void add_group(const std::string& name, std::chrono::seconds timeout, const std::string& tells) {
    world.autoscaling().create_group({.name = name, .desired = 70});
    put_hook("drain", timeout, tells, name);
  }
  void deploy_one() {
    auto* const old = workers_[workers_.size() - running_];
    workers_.push_back(&start_worded());
    stop(*old);
    next_deploy_ = time.clock.now() + 25min;
  }

  const std::array<std::pair<std::string, std::chrono::seconds>, 3> told_{
      {{"web-short", 60s}, {"web-plain", 300s}, {"web-long", 3600s}}};
  std::mt19937_64 random_;
  std::size_t running_;
  std::vector<replica*> workers_;  // in order of their start
  time_point next_deploy_ = time.clock.now() + 25min;
};

class churning : public testing::TestWithParam<churn> {};

TEST_P(churning, adopts_nothing_where_nothing_was_lost) {
  churning_fleet fleet(GetParam());

  fleet.go_on(1h);

  EXPECT_EQ(fleet.adopted(), 0U);
  fleet.expect_no_harm();
}

TEST_P(churning, finds_an_orphan_within_half_an_hour) {
  churning_fleet fleet(GetParam());
  fleet.go_on(20min);
  fleet.end_one("web-silent");
  const auto began = fleet.time.clock.now();

  while (fleet.adopted() == 0 && fleet.time.clock.now() - began < 30min) fleet.go_on(1min);

  EXPECT_GT(fleet.adopted(), 0U);
  fleet.expect_no_harm();
}

// Each with a seed of its own, or with all of a campaign. With in_flight's, six hooks in other hands are taken for
// orphans first, and have two messages each.
std::vector<churn> churns() {
  std::vector<churn> all;
  for (const auto& each : {churn{"a_minute_alone", 4, 1, {60s, 60s, 60s}}, churn{"a_minute", 3, 3, {60s, 60s, 60s}},
                           churn{"in_flight", 5, 3, {0s, 60s, 0s}, 5}}) {
    const auto seeds = seeds_or({0, 0});
    for (auto seed = seeds.first; seed <= seeds.last; ++seed) {
      auto seeded = each;
      if (seed > 0) seeded.seed = seeded.world = seed;
      all.push_back(std::move(seeded));
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(lags, churning, testing::ValuesIn(churns()),
                         [](const auto& of) { return fmt::format("{}_{}", of.param.name, of.param.seed); });

}  // namespace
}  // namespace lifehook::test
