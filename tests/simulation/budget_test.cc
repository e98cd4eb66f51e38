#include "aws/json_document.h"
#include "aws/services.h"
#include "base/metrics.h"
#include "base/time_text.h"
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
  for (const auto* each :
       {"ListContainerInstances", "DescribeContainerInstances", "ListTasks", "DescribeTasks", "GetTaskProtection"})
    sum += sent(worker, each);
  return sum;
}

// When an instance's hook was kept open, by its log; each instance's moments in order.
std::map<std::string, std::vector<time_point>> heartbeats(const replica& worker) {
  std::map<std::string, std::vector<time_point>> found;
  for (const auto& each : worker.logged("heartbeat"))
    found[std::string(each.at("instance").as_string())].push_back(
        parse_rfc3339(each.at("time").as_string()).value_or(time_point()));
  return found;
}

duration longest_pause(const std::vector<time_point>& moments) {
  duration longest{0};
  for (std::size_t i = 1; i < moments.size(); ++i) longest = std::max(longest, moments[i] - moments[i - 1]);
  return longest;
}

// A task that nothing moves on every instance.
void occupy(worded_scenario& fleet) {
  fleet.time.run_for(1min);
  for (const auto& each : fleet.world.autoscaling().instances("web-fleet"))
    fleet.world.ecs().run_task("prod", "report", each);
  fleet.time.run_for(10s);
}

// The simulated AWS, and the task metadata endpoint of the ECS agent beside this worker.
class wire_in_a_task final : public aws::http_transport {
 public:
  wire_in_a_task(aws::http_transport& behind, std::string cluster, std::string task_arn)
      : behind_(behind), told_(fmt::format(R"({{"Cluster":"{}","TaskARN":"{}"}})", cluster, task_arn)) {}

  task<result<aws::http_response>> send(aws::http_request request) override {
    if (request.url == "http://169.254.170.2/v4/x/task") co_return aws::http_response{200, {}, told_};
    co_return co_await behind_.send(std::move(request));
  }

 private:
  aws::http_transport& behind_;
  std::string told_;
};

constexpr std::string_view draining =
    "  - {name: web, match: [web-*], hooks: [drain], deadline: 5m, on_failure: {terminating: continue}, "
    "terminating: [{drain_ecs: {cluster: prod, look_interval: 1s}}]}\n";

TEST(budget, drains_that_look_too_often_keep_to_the_limits_and_no_heartbeat_is_late) {
  worded_scenario fleet((std::string(draining)));
  fleet.instances = 120;
  fleet.before_groups = "budget: {replicas: 2, limits: {ecs_read: {burst: 10, per_second: 2}}}\n";
  fleet.furnish();
  occupy(fleet);
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

constexpr std::string_view draining_adaptively =
    "  - {name: web, match: [web-*], hooks: [drain], deadline: 6m, on_failure: {terminating: continue}, "
    "terminating: [{drain_ecs: {cluster: prod}}]}\n";

TEST(budget, a_small_one_stretches_the_looks_of_many_drains_but_never_a_heartbeat) {
  worded_scenario fleet((std::string(draining_adaptively)));
  fleet.instances = 120;
  fleet.world.faults().add({simulator::fault_kind::delay, "ecs", "*", 1.0, std::nullopt, std::nullopt, 20ms});
  fleet.before_groups =
      "budget: {limits: {ecs_read: {burst: 10, per_second: 1}, autoscaling: {burst: 5, per_second: 2}}}\n";
  fleet.furnish();
  occupy(fleet);
  auto& worker = fleet.start_worded();

  fleet.scale_in_to(0);
  fleet.time.run_for(2min);
  const auto before = sent(worker, "DescribeContainerInstances");
  fleet.time.run_for(2min);
  const auto looks = sent(worker, "DescribeContainerInstances") - before;
  const auto kept_open = heartbeats(worker);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(120); }));

  EXPECT_LE(looks, 3 * 120 / 8) << "a quarter of the budget: two batches, and sometimes one alone, every eight seconds";
  EXPECT_GE(looks, 2 * 120 / 8 - 4);
  EXPECT_EQ(kept_open.size(), 120U);
  for (const auto& [instance, moments] : kept_open) EXPECT_LE(longest_pause(moments), 20s) << instance;
  for (const auto& each : fleet.actions()) EXPECT_FALSE(each.timed_out);
  const auto said = worker.logged("budget_too_small");
  EXPECT_GE(said.size(), 4U);
  EXPECT_LE(said.size(), 7U) << "once a minute";
  for (const auto& each : said) EXPECT_EQ(each.at("family").as_string(), "autoscaling");
}

TEST(budget, follows_the_number_of_replicas_of_its_ecs_service) {
  worded_scenario fleet((std::string(draining)));
  fleet.instances = 20;
  fleet.before_groups = "budget: {replicas: auto, limits: {ecs_read: {burst: 1, per_second: 0.8}}}\n";
  fleet.furnish();
  fleet.world.ecs().create_cluster("ops");
  fleet.world.ecs().create_service({.cluster = "ops", .name = "lifehook", .desired = 1, .launch_type = "FARGATE"});
  occupy(fleet);
  fleet.wire = std::make_unique<wire_in_a_task>(fleet.world.wire(), "ops", fleet.world.ecs().tasks("ops").front().arn);
  fleet.env = [](std::string_view name) -> std::optional<std::string> {
    return name == "ECS_CONTAINER_METADATA_URI_V4" ? std::optional<std::string>("http://169.254.170.2/v4/x")
                                                   : std::nullopt;
  };
  auto& worker = fleet.start_worded();
  fleet.scale_in_to(0);
  fleet.time.run_for(30s);

  auto before = ecs_reads(worker);
  fleet.time.run_for(1min);
  const auto alone = ecs_reads(worker) - before;
  EXPECT_NE(worker.counts.exposition().find("lifehook_budget_replicas 1\n"), std::string::npos);
  fleet.time.wait_for(
      fleet.somebody().call(aws::services::ecs, "UpdateService",
                            boost::json::object{{"cluster", "ops"}, {"service", "lifehook"}, {"desiredCount", 4}}));
  fleet.time.run_for(65s);
  EXPECT_NE(worker.counts.exposition().find("lifehook_budget_replicas 4\n"), std::string::npos);
  before = ecs_reads(worker);
  fleet.time.run_for(1min);
  const auto of_four = ecs_reads(worker) - before;

  EXPECT_NEAR(alone, 48, 3);
  EXPECT_NEAR(of_four, 12, 2) << "a quarter";
  EXPECT_TRUE(worker.logged("budget_replicas_unknown").empty());
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(20); }));
  for (const auto& each : fleet.actions()) EXPECT_FALSE(each.timed_out);
}

TEST(budget, many_drains_look_together) {
  worded_scenario fleet((std::string(draining)));
  fleet.instances = 120;
  fleet.world.faults().add({simulator::fault_kind::delay, "ecs", "*", 1.0, std::nullopt, std::nullopt, 20ms});
  fleet.furnish();
  occupy(fleet);
  auto& worker = fleet.start_worded();

  fleet.scale_in_to(0);
  fleet.time.run_for(1min);
  const auto before = sent(worker, "DescribeContainerInstances");
  fleet.time.run_for(1min);

  const auto looks = sent(worker, "DescribeContainerInstances") - before;
  EXPECT_LE(looks, 61 * 3) << "one alone, a hundred, and the other nineteen";
  EXPECT_GE(looks, 60 * 2) << "each second";
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
