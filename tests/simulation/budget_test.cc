#include "tests/simulation/worded_scenario.h"

#include <regex>

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

// Calls of a service's operation that were sent, whatever came of them.
double sent(replica& worker, const std::string& operation) {
  const std::regex line("lifehook_aws_requests_total\\{[^}]*operation=\"" + operation + "\"[^}]*\\} (\\S+)");
  const auto text = worker.counts.exposition();
  double sum = 0;
  for (auto each = std::sregex_iterator(text.begin(), text.end(), line); each != std::sregex_iterator(); ++each)
    sum += std::stod((*each)[1]);
  return sum;
}

double ecs_reads(replica& worker) {
  double sum = 0;
  for (const auto* each : {"ListContainerInstances", "DescribeContainerInstances", "ListTasks", "DescribeTasks"})
    sum += sent(worker, each);
  return sum;
}

constexpr std::string_view draining =
    "  - {name: web, match: [web-*], hooks: [drain], deadline: 5m, on_failure: {terminating: continue}, "
    "terminating: [{drain_ecs: {cluster: prod, look_interval: 1s}}]}\n";

TEST(budget, drains_that_look_too_often_keep_to_the_limits_and_no_heartbeat_is_late) {
  worded_scenario fleet((std::string(draining)));
  fleet.instances = 120;
  fleet.before_groups = "budget: {replicas: 2, limits: {ecs_read: {burst: 10, per_second: 2}}}\n";
  fleet.furnish();
  fleet.time.run_for(1min);
  for (const auto& each : fleet.world.autoscaling().instances("web-fleet"))
    fleet.world.ecs().run_task("prod", "report", each);
  fleet.time.run_for(10s);
  auto& worker = fleet.start_worded();
  const auto before = fleet.time.clock.now();

  fleet.scale_in_to(0);
  fleet.time.run_for(4min);
  const auto reads = ecs_reads(worker);
  const auto seconds = std::chrono::duration<double>(fleet.time.clock.now() - before).count();
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(120); }));

  EXPECT_LE(reads, 5 + seconds * 1 + 1) << "half of the account's, for there are two replicas";
  EXPECT_GE(reads, seconds * 0.9) << "they do look";
  EXPECT_NE(worker.counts.exposition().find("lifehook_aws_budget_wait_seconds_total"), std::string::npos);
  for (const auto& each : fleet.actions()) EXPECT_FALSE(each.timed_out);
}

TEST(budget, many_drains_look_together) {
  worded_scenario fleet((std::string(draining)));
  fleet.instances = 120;
  fleet.world.faults().add({simulator::fault_kind::delay, "ecs", "*", 1.0, std::nullopt, std::nullopt, 20ms});
  fleet.furnish();
  fleet.time.run_for(1min);
  for (const auto& each : fleet.world.autoscaling().instances("web-fleet"))
    fleet.world.ecs().run_task("prod", "report", each);
  fleet.time.run_for(10s);
  auto& worker = fleet.start_worded();

  fleet.scale_in_to(0);
  fleet.time.run_for(1min);
  const auto before = sent(worker, "DescribeContainerInstances");
  fleet.time.run_for(1min);

  const auto looks = sent(worker, "DescribeContainerInstances") - before;
  EXPECT_LE(looks, 61 * 3) << "one alone, a hundred, and the other nineteen";
  EXPECT_GE(looks, 60 * 2) << "each second";
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(120); }));
}

TEST(budget, throttled_completions_slow_down_but_end_every_hook_before_its_time) {
  worded_scenario fleet(
      "  - {name: web, match: [web-*], hooks: [drain], deadline: 10m, terminating: [{wait: {for: 1s}}]}\n");
  fleet.instances = 100;
  fleet.heartbeat_timeout = 120s;
  fleet.furnish();
  auto& worker = fleet.start_worded();

  fleet.scale_in_to(0);
  fleet.add_fault(simulator::fault_kind::throttle, "autoscaling", "*", 20s, 0.5);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(100); }));
  for (const auto& each : fleet.actions()) EXPECT_FALSE(each.timed_out);
  EXPECT_GE(sent(worker, "CompleteLifecycleAction"), 100);
}

}  // namespace
}  // namespace lifehook::test
