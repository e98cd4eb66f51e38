#include "base/metrics.h"
#include "tests/simulation/seeds.h"
#include "tests/simulation/worded_scenario.h"

#include <algorithm>
#include <regex>

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

constexpr double taken_at_once = 100;  // by the simulated Auto Scaling, and ten a second from then on
constexpr double taken_a_second = 10;

// AWS's buckets, and answers that take as long as they do.
simulator::world_settings limited(std::uint64_t seed) {
  simulator::world_settings settings;
  settings.seed = seed;
  settings.limits = true;
  settings.latency = 20ms;
  return settings;
}

constexpr std::string_view waiting =
    "  - {{name: web, match: [web-*], hooks: [drain, save], deadline: 10m, terminating: [{{wait: {{for: {}}}}}]}}\n";

struct throttling : testing::TestWithParam<std::uint64_t> {
  explicit throttling(const std::string& wait = "1s") : fleet(fmt::format(waiting, wait), limited(GetParam())) {
    fleet.heartbeat_timeout = 120s;
  }

  void begin(int instances, std::size_t replicas = 1) {
    fleet.instances = instances;
    fleet.furnish();
    for (std::size_t i = 0; i < replicas; ++i) workers.push_back(&fleet.start_worded());
    fleet.time.run_for(1min);
  }
  // From the first hook's end to the last one's.
  duration scale_in() {
    fleet.scale_in_to(0);
    const auto count = static_cast<std::size_t>(fleet.instances);
    EXPECT_TRUE(fleet.time.run_until([&] { return fleet.settled(count); }));
    std::vector<time_point> ends;
    for (const auto& each : fleet.actions()) {
      EXPECT_FALSE(each.timed_out);
      ends.push_back(each.ended.value_or(time_point()));
    }
    const auto [first, last] = std::minmax_element(ends.begin(), ends.end());
    return *last - *first;
  }
  static duration ideal(int calls) {
    const std::chrono::duration<double> of((calls - taken_at_once) / taken_a_second);
    return std::chrono::duration_cast<duration>(of);
  }
  // Calls of Auto Scaling that AWS has throttled.
  double throttled() const {
    const std::regex line("lifehook_aws_requests_total\\{code=\"Throttling\"[^}]*service=\"autoscaling\"\\} (\\S+)");
    double sum = 0;
    for (auto* worker : workers) {
      const auto text = worker->counts.exposition();
      for (auto each = std::sregex_iterator(text.begin(), text.end(), line); each != std::sregex_iterator(); ++each)
        sum += std::stod((*each)[1]);
    }
    return sum;
  }
  std::size_t lines(std::string_view event) const {
    std::size_t count = 0;
    for (const auto* worker : workers) count += worker->logged(event).size();
    return count;
  }

  worded_scenario fleet;
  std::vector<replica*> workers;
};

TEST_P(throttling, of_two_hundred_completions_at_once_is_waited_out_at_the_pace_that_aws_takes) {
  begin(200);

  const auto took = scale_in();

  EXPECT_LE(took, ideal(200) + 4s);
  EXPECT_GT(throttled(), 50) << "the burst had no other way to know";
  EXPECT_LE(throttled(), 130) << "but then it did";
  EXPECT_EQ(lines("completing_failed"), 0U);
  const auto said = workers.front()->logged("aws_throttles");
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said.front().at("level").as_string(), "warn");
  EXPECT_EQ(said.front().at("family").as_string(), "autoscaling");
  EXPECT_GE(said.front().at("waiting").as_int64(), 80);
  const auto text = workers.front()->counts.exposition();
  EXPECT_NE(text.find("lifehook_aws_throttle_wait_seconds_total{service=\"autoscaling\"}"), text.npos);
}

TEST_P(throttling, is_shared_by_two_replicas) {
  begin(300, 2);

  const auto took = scale_in();

  EXPECT_LE(took, ideal(300) + 6s);
  EXPECT_LE(throttled(), 260);
  EXPECT_EQ(lines("completing_failed"), 0U);
}

TEST_P(throttling, that_lasts_longer_than_half_of_a_hooks_timeout_loses_none) {
  fleet.heartbeat_timeout = 50s;
  begin(400);

  const auto took = scale_in();

  EXPECT_GT(took, fleet.heartbeat_timeout / 2);
  EXPECT_LE(took, ideal(400 + 100) + 5s) << "with the heartbeats of those who still wait";
  EXPECT_LE(throttled(), 230) << "those that had room at once";
  EXPECT_EQ(lines("completing_failed") + lines("heartbeat_failed"), 0U);
}

TEST_P(throttling, of_completions_alone_lets_no_hook_run_out) {
  fleet.heartbeat_timeout = 60s;
  begin(20);
  fleet.add_fault(simulator::fault_kind::throttle, "autoscaling", "CompleteLifecycleAction", 3min);

  scale_in();

  EXPECT_GT(fleet.calls("autoscaling.RecordLifecycleActionHeartbeat"), 20U);
}

TEST_P(throttling, of_completions_lets_no_hook_run_out_however_many_heartbeats_are_due) {
  fleet.heartbeat_timeout = 120s;
  begin(20);
  fleet.put_hook("save", 30s, fleet.world.sqs().queue_arn("lifecycle"));
  fleet.add_fault(simulator::fault_kind::throttle, "autoscaling", "CompleteLifecycleAction", 5min);

  fleet.scale_in_to(0);

  EXPECT_TRUE(fleet.time.run_until([&] { return fleet.settled(40); }));
  for (const auto& each : fleet.actions()) EXPECT_FALSE(each.timed_out) << each.hook;
}

struct throttled_heartbeats : throttling {
  throttled_heartbeats() : throttling("100s") {}
};

TEST_P(throttled_heartbeats, are_sent_before_their_hook_runs_out_and_are_no_errors) {
  fleet.heartbeat_timeout = 60s;
  begin(60);
  alarm storm(fleet.time.clock);
  storm.set(20s, [this] { fleet.add_fault(simulator::fault_kind::throttle, "autoscaling", "*", 30s); });

  scale_in();

  EXPECT_GT(throttled(), 20);
  EXPECT_EQ(lines("heartbeat_failed") + lines("completing_failed"), 0U);
  EXPECT_GT(lines("aws_throttles"), 0U);
}

const auto seeds = seeds_or({1, 1});
INSTANTIATE_TEST_SUITE_P(seeds, throttling, testing::Range(seeds.first, seeds.last + 1));
INSTANTIATE_TEST_SUITE_P(seeds, throttled_heartbeats, testing::Range(seeds.first, seeds.last + 1));

}  // namespace
}  // namespace lifehook::test
