#include "worker/budget_watch.h"

#include "aws/credential_chain.h"
#include "aws/sns.h"
#include "base/metrics.h"
#include "tests/support/virtual_time.h"
#include "tests/worker/config_writing.h"

#include <gmock/gmock.h>
#include <boost/json.hpp>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

constexpr std::string_view denied_body =
    R"({"__type":"AccessDeniedException","message":"not authorized to perform ecs:DescribeServices"})";

constexpr std::string_view throttled_body = R"({"__type":"ThrottlingException","message":"Rate exceeded"})";

// ECS of which a test says what it answers.
struct ecs_wire final : aws::http_transport {
  task<result<aws::http_response>> send(aws::http_request asked) override {
    ++calls;
    if (asked.method == "GET")
      co_return aws::http_response{200, {}, R"({"Cluster":"ops","TaskARN":"arn:t","ServiceName":"lifehook"})"};
    if (throttles == 0) co_return answer;
    --throttles;
    co_return aws::http_response{400, {}, std::string(throttled_body)};
  }
  void has(int workers) {
    answer = {200, {}, fmt::format(R"({{"services":[{{"serviceName":"lifehook","desiredCount":{}}}]}})", workers)};
  }

  aws::http_response answer;
  int calls = 0;
  int throttles = 0;  // that come before the answer
};

struct budget_watch_test : testing::Test {
  void follow(bool on_ecs = true) {
    if (on_ecs) variables.emplace("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x");
    watch.emplace(time.clock, client, scaling, replica_count(wire, environment_of(variables), ecs), log);
    time.tasks.spawn(run(stop, watch->follow_replicas()));
    time.run_for(1s);
  }
  void watch_load() {
    watch.emplace(time.clock, client, scaling, replica_count(wire, environment_of(), ecs), log);
    time.tasks.spawn(run(stop, watch->watch_load(demand)));
  }
  void watch_throttling() {
    watch.emplace(time.clock, client, scaling, replica_count(wire, environment_of(), ecs), log);
    time.tasks.spawn(run(stop, watch->watch_throttling()));
    wire.answer = {400, {}, std::string(throttled_body)};
  }
  static task<> look(aws::ecs& by) { co_await by.list_clusters(); }
  static task<> run(interrupt& stop, task<> work) { co_await stop.guard(std::move(work)); }
  ~budget_watch_test() override {
    stop.raise();
    time.run_for(1s);
  }
  std::vector<boost::json::object> logged(std::string_view event) const {
    std::vector<boost::json::object> found;
    for (const auto& line : lines) {
      auto parsed = boost::json::parse(line).as_object();
      if (parsed.at("event").as_string() == event) found.push_back(std::move(parsed));
    }
    return found;
  }
  std::string advice(std::string_view event) const {
    return std::string(logged(event).front().at("advice").as_string());
  }

  test::virtual_time time;
  ecs_wire wire;
  metrics counts;
  random_source random{1};
  std::unique_ptr<aws::credential_provider> keys =
      aws::make_fixed_credentials({"AKIATEST", "secret", {}, std::nullopt});
  aws::client client{time.clock, wire, *keys, {"eu-west-1", environment_of()}, counts, random};
  aws::autoscaling scaling{client};
  aws::ecs ecs{client};
  std::map<std::string, std::string, std::less<>> variables;
  std::vector<std::string> lines;
  logger log{time.clock, log_level::info, log_format::json,
             [this](std::string_view line) { lines.emplace_back(line); }};
  handlers::heartbeat_demand demand;
  std::optional<budget_watch> watch;
  interrupt stop;
};

TEST_F(budget_watch_test, says_soon_that_aws_throttles_and_then_once_a_minute) {
  watch_throttling();
  time.run_for(10min);
  EXPECT_THAT(logged("aws_throttles"), IsEmpty());

  for (int i = 0; i < 200; ++i) time.tasks.spawn(look(ecs));
  time.run_for(2s);
  ASSERT_THAT(logged("aws_throttles"), SizeIs(1));
  const auto said = logged("aws_throttles").front();
  time.run_for(150s);
  wire.answer = {200, {}, R"({"clusterArns":[]})"};

  EXPECT_EQ(said.at("level").as_string(), "warn");
  EXPECT_EQ(said.at("family").as_string(), "ecs_clusters");
  EXPECT_GE(said.at("throttled").as_int64(), 1);
  EXPECT_GE(said.at("waiting").as_int64(), 100);
  EXPECT_THAT(logged("aws_throttles"), SizeIs(3));
  time.run_for(10min);
  EXPECT_THAT(logged("aws_throttles"), SizeIs(testing::Le(4)));
}

TEST_F(budget_watch_test, says_that_aws_has_throttled_also_when_that_is_over_by_then) {
  watch_throttling();
  wire.answer = {200, {}, R"({"clusterArns":[]})"};
  wire.throttles = 1;
  time.wait_for(ecs.list_clusters());
  time.run_for(5s);
  ASSERT_THAT(logged("aws_throttles"), SizeIs(1));

  wire.throttles = 1;
  for (int second = 0; second < 50; ++second) {
    for (int i = 0; i < 15; ++i) time.tasks.spawn(look(ecs));
    time.run_for(1s);
  }
  time.run_for(1min);

  const auto said = logged("aws_throttles");
  ASSERT_THAT(said, SizeIs(2));
  EXPECT_FALSE(said.back().at("lasts").as_bool());
}

TEST_F(budget_watch_test, advises_on_hooks_only_where_their_calls_are_throttled) {
  watch_throttling();
  time.wait_for(ecs.list_clusters());
  time.run_for(2min);
  EXPECT_THAT(advice("aws_throttles"), Not(HasSubstr("heartbeat timeout")));

  lines.clear();
  wire.answer = {400, {}, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"};
  time.wait_for(scaling.heartbeat({"web", "drain", "i-1", "token"}, {1s, nullptr}));
  time.run_for(2min);

  ASSERT_THAT(logged("aws_throttles"), Not(IsEmpty()));
  EXPECT_THAT(advice("aws_throttles"), HasSubstr("heartbeat timeout"));
}

TEST_F(budget_watch_test, counts_what_aws_throttles_in_each_region_by_itself) {
  watch_throttling();
  aws::sns sns(client);
  for (const auto* const region : {"eu-west-1", "us-east-1", "eu-west-1"})
    time.wait_for(sns.publish({.topic = fmt::format("arn:aws:sns:{}:111122223333:fleet", region), .message = "{}"}));

  time.run_for(5min);

  std::map<std::string, std::int64_t> throttled;
  for (const auto& said : logged("aws_throttles"))
    throttled[std::string(said.at("region").as_string())] += said.at("throttled").as_int64();
  EXPECT_THAT(throttled, ElementsAre(Pair("eu-west-1", 2), Pair("us-east-1", 1)));
}

TEST_F(budget_watch_test, follows_the_number_of_workers_minute_by_minute) {
  wire.has(2);
  follow();
  EXPECT_DOUBLE_EQ(client.replicas(), 2);

  wire.has(4);
  time.run_for(1min);

  EXPECT_DOUBLE_EQ(client.replicas(), 4);
  time.run_for(10min);
  EXPECT_THAT(logged("budget_replicas"), SizeIs(2)) << "said when it changes";
}

TEST_F(budget_watch_test, keeps_the_last_number_while_ecs_does_not_tell) {
  wire.has(3);
  follow();

  wire.answer = {400, {}, std::string(denied_body)};
  time.run_for(5min);
  EXPECT_DOUBLE_EQ(client.replicas(), 3);
  wire.has(5);
  time.run_for(1min);

  EXPECT_DOUBLE_EQ(client.replicas(), 5);
}

TEST_F(budget_watch_test, complains_once_an_hour_and_says_which_permission_is_missing) {
  wire.answer = {400, {}, std::string(denied_body)};
  follow();
  time.run_for(59min);

  ASSERT_THAT(logged("budget_replicas_unknown"), SizeIs(1));
  EXPECT_EQ(logged("budget_replicas_unknown").front().at("level").as_string(), "warn");
  EXPECT_THAT(advice("budget_replicas_unknown"), HasSubstr("ecs:DescribeServices"));
  EXPECT_GT(wire.calls, 59) << "it goes on asking";
  time.run_for(62min);
  EXPECT_THAT(logged("budget_replicas_unknown"), SizeIs(3));
}

TEST_F(budget_watch_test, complains_anew_of_what_came_back_after_an_answer) {
  wire.answer = {400, {}, std::string(denied_body)};
  follow();
  wire.has(3);
  time.run_for(2min);

  wire.answer = {400, {}, std::string(denied_body)};
  time.run_for(2min);

  EXPECT_THAT(logged("budget_replicas_unknown"), SizeIs(2));
}

TEST_F(budget_watch_test, is_one_of_one_where_no_ecs_runs_it_and_says_what_to_write) {
  follow(false);

  EXPECT_DOUBLE_EQ(client.replicas(), 1);
  EXPECT_THAT(advice("budget_replicas_unknown"), HasSubstr("write the number of workers in budget.replicas"));
  EXPECT_EQ(wire.calls, 0);
}

TEST_F(budget_watch_test, says_once_a_minute_which_limits_do_not_carry_the_heartbeats) {
  wire.answer = {400, {}, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"};
  time.wait_for(scaling.heartbeat({"web", "drain", "i-1", "token"}));
  EXPECT_DOUBLE_EQ(scaling.heartbeat_rate().value(), 2);
  handlers::heartbeat_demand::part hook(demand);
  std::vector<std::unique_ptr<handlers::heartbeat_demand::part>> hooks;
  for (int i = 0; i < 90; ++i) {
    hooks.push_back(std::make_unique<handlers::heartbeat_demand::part>(demand));
    hooks.back()->every(30s);
  }
  watch_load();

  time.run_for(215s);
  const auto said = logged("budget_too_small");
  hooks.clear();
  time.run_for(5min);

  ASSERT_THAT(said, SizeIs(4));
  EXPECT_EQ(said.front().at("level").as_string(), "warn");
  EXPECT_EQ(said.front().at("family").as_string(), "autoscaling");
  EXPECT_NEAR(said.front().at("asked_a_second").to_number<double>(), 3, 0.01);
  EXPECT_NEAR(said.front().at("allowed_a_second").to_number<double>(), 2, 0.01);
  EXPECT_THAT(advice("budget_too_small"), HasSubstr("heartbeat timeout"));
  EXPECT_THAT(logged("budget_too_small"), SizeIs(4)) << "and no more once they have ended";
}

TEST(overloads, are_what_was_seen_and_what_heartbeats_will_ask) {
  const std::vector<aws::overload> none, seen{{"autoscaling", 9, 2}}, other{{"ecs_read", 9, 2}};

  EXPECT_THAT(overloads(none, 5, std::nullopt), IsEmpty());
  EXPECT_THAT(overloads(none, 5, 5), IsEmpty());
  ASSERT_THAT(overloads(none, 5.1, 5), SizeIs(1));
  EXPECT_DOUBLE_EQ(overloads(none, 5.1, 5).front().asked, 5.1);
  ASSERT_THAT(overloads(seen, 5.1, 5), SizeIs(1)) << "said once";
  EXPECT_DOUBLE_EQ(overloads(seen, 5.1, 5).front().asked, 9);
  EXPECT_THAT(overloads(other, 5.1, 5), SizeIs(2));
}

TEST(heartbeat_demand, is_that_of_the_hooks_in_hand) {
  handlers::heartbeat_demand demand;
  {
    handlers::heartbeat_demand::part one(demand), other(demand);
    EXPECT_DOUBLE_EQ(demand.a_second(), 0) << "not known yet";
    one.every(10s);
    other.every(30s);
    other.every(20s);
    EXPECT_DOUBLE_EQ(demand.a_second(), 0.15);
  }

  EXPECT_NEAR(demand.a_second(), 0, 1e-9);
}

}  // namespace
}  // namespace lifehook::worker
