#include "simulator/world.h"

#include "base/task_group.h"
#include "base/time_text.h"

#include <boost/json/parse.hpp>

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr time_point start = time_point{} + std::chrono::days(20000);
using heard = std::optional<result<aws::http_response>>;

class world_test : public testing::Test {
 protected:
  static task<> ask(aws::http_transport& wire, aws::http_request asked, std::shared_ptr<heard> into) {
    *into = co_await wire.send(std::move(asked));
  }
  void run() {
    io.restart();
    while (io.poll() > 0) {
    }
  }
  std::shared_ptr<heard> begin(aws::http_request asked) {
    auto said = std::make_shared<heard>();
    tasks.spawn(ask(simulated->wire(), std::move(asked), said));
    run();
    return said;
  }
  result<aws::http_response> send(aws::http_request asked) {
    const auto said = begin(std::move(asked));
    while (!*said && time.jump()) run();
    return said->value();
  }
  aws::http_request sqs_request(std::string action, boost::json::object body) const {
    aws::http_request made{"POST", "http://sqs.test/", {}, boost::json::serialize(body)};
    made.headers = {{"X-Amz-Target", "AmazonSQS." + action},
                    {"Authorization", "AWS4-HMAC-SHA256 Credential=A/20260302/eu-west-1/sqs/aws4_request"},
                    {"X-Amz-Date", signed_at}};
    return made;
  }
  static aws::http_request form(std::string_view service, std::string body) {
    aws::http_request made{"POST", "http://query.test/", {}, std::move(body)};
    made.headers = {{"Authorization",
                     "AWS4-HMAC-SHA256 Credential=A/20260302/eu-west-1/" + std::string(service) + "/aws4_request"}};
    return made;
  }
  result<aws::http_response> send_message() {
    return send(sqs_request("SendMessage", {{"QueueUrl", url}, {"MessageBody", "m"}}));
  }
  void set_fault(fault_kind kind, duration delay = {}) { simulated->faults().add({.kind = kind, .delay = delay}); }
  void remake(world_settings with) {
    simulated = std::make_unique<world>(io.get_executor(), time, std::move(with));
    url = simulated->sqs().create_queue("work");
  }

  asio::io_context io{1};
  virtual_clock time{start};
  std::unique_ptr<world> simulated = std::make_unique<world>(io.get_executor(), time, world_settings{});
  std::string url = simulated->sqs().create_queue("work");
  std::string signed_at = "20241004T000000Z";
  task_group tasks{io.get_executor()};
};

TEST_F(world_test, every_service_answers_on_one_wire) {
  EXPECT_EQ(send_message()->status, 200);
  EXPECT_EQ(send(form("sts", "Action=GetCallerIdentity&Version=2011-06-15"))->status, 200);
  EXPECT_EQ(send(form("autoscaling", "Action=DescribeAutoScalingGroups&Version=2011-01-01"))->status, 200);
  EXPECT_EQ(send(form("ec2", "Action=DescribeInstances&Version=2016-11-15"))->status, 200);
  EXPECT_EQ(send(form("elasticloadbalancing", "Action=DescribeTargetGroups&Version=2015-12-01"))->status, 200);
  auto ecs = sqs_request("", {});
  ecs.headers[0].second = "AmazonEC2ContainerServiceV20141113.ListClusters";
  EXPECT_EQ(send(ecs)->status, 200);
}

TEST_F(world_test, counts_the_calls_it_knows) {
  send_message();
  send_message();
  send(sqs_request("Dance", {}));

  EXPECT_THAT(simulated->calls(), ElementsAre(Pair("sqs.SendMessage", 2)));
}

TEST_F(world_test, an_action_not_simulated_is_invalid) {
  EXPECT_THAT(send(sqs_request("Dance", {}))->body, HasSubstr("InvalidAction"));
}

TEST_F(world_test, answers_take_the_latency_asked_for) {
  remake({.latency = 40ms});

  ASSERT_EQ(send_message()->status, 200);

  EXPECT_EQ(time.now(), start + 40ms);
}

TEST_F(world_test, buckets_throttle_when_limits_are_on) {
  remake({.limits = true});
  int passed = 0;
  while (passed < 1000 &&
         send(form("autoscaling", "Action=DescribeAutoScalingGroups&Version=2011-01-01"))->status == 200)
    ++passed;

  EXPECT_EQ(passed, 100);
  EXPECT_THAT(send(form("autoscaling", "Action=DescribeAutoScalingGroups&Version=2011-01-01"))->body,
              HasSubstr("<Code>Throttling</Code><Message>Rate exceeded</Message>"));
}

TEST_F(world_test, a_reset_is_unreachable_and_had_no_effect) {
  set_fault(fault_kind::reset);

  const auto said = send_message();

  EXPECT_EQ(said.error().code(), errc::unreachable);
  EXPECT_THAT(said.error().what(), HasSubstr("http://sqs.test"));
  EXPECT_THAT(simulated->sqs().bodies(url), IsEmpty());
}

TEST_F(world_test, a_lost_answer_is_unreachable_and_had_its_effect) {
  set_fault(fault_kind::lost_answer);

  const auto said = send_message();

  EXPECT_EQ(said.error().code(), errc::unreachable);
  EXPECT_THAT(simulated->sqs().bodies(url), ElementsAre("m"));
}

TEST_F(world_test, a_delay_shorter_than_the_timeout_is_a_late_answer) {
  set_fault(fault_kind::delay, 3s);

  ASSERT_TRUE(send_message().has_value());

  EXPECT_EQ(time.now(), start + 3s);
}

TEST_F(world_test, a_delay_longer_than_the_timeout_is_a_timeout_at_its_time) {
  set_fault(fault_kind::delay, 1h);

  const auto said = send_message();

  EXPECT_EQ(said.error().code(), errc::timeout);
  EXPECT_EQ(time.now(), start + 30s);
  EXPECT_THAT(simulated->sqs().bodies(url), ElementsAre("m"));
}

TEST_F(world_test, a_server_error_has_no_effect) {
  set_fault(fault_kind::server_error);

  EXPECT_EQ(send_message()->status, 500);
  EXPECT_THAT(simulated->sqs().bodies(url), IsEmpty());
}

TEST_F(world_test, with_a_skewed_clock_signatures_pass_only_by_the_time_of_the_date_header) {
  set_fault(fault_kind::clock_skew, 10min);

  const auto refused = send_message();
  EXPECT_THAT(refused->body, HasSubstr("InvalidSignatureException"));
  EXPECT_EQ(parse_http_date(refused->header("date")), start + 10min);

  signed_at = "20241004T001000Z";
  EXPECT_EQ(send_message()->status, 200);
}

TEST_F(world_test, faults_are_set_and_cleared_over_the_wire) {
  aws::http_request rules{"POST", "http://sqs.test/_simulator/faults", {}, R"({"rules":[{"kind":"throttle"}]})"};
  ASSERT_EQ(send(rules)->status, 200);
  EXPECT_EQ(send_message()->status, 403);

  rules.body = R"({"rules":[]})";
  ASSERT_EQ(send(rules)->status, 200);
  EXPECT_EQ(send_message()->status, 200);

  rules.body = R"({"rules":[{"kind":"flood"}]})";
  EXPECT_EQ(send(rules)->status, 400);
}

TEST_F(world_test, calls_are_told_and_reset_over_the_wire) {
  send_message();

  EXPECT_EQ(send({"GET", "http://sqs.test/_simulator/calls", {}, {}})->body, R"({"sqs.SendMessage":1})");
  send({"POST", "http://sqs.test/_simulator/reset-calls", {}, {}});
  EXPECT_THAT(simulated->calls(), IsEmpty());
  EXPECT_EQ(send({"GET", "http://sqs.test/_simulator/moon", {}, {}})->status, 404);
}

TEST_F(world_test, queue_urls_begin_with_what_the_port_says) {
  simulated->set_base_url("http://127.0.0.1:4566");

  const auto said = send(sqs_request("GetQueueUrl", {{"QueueName", "work"}}));

  EXPECT_EQ(said->body, R"({"QueueUrl":"http://127.0.0.1:4566/111122223333/work"})");
}

TEST_F(world_test, a_call_that_waits_outlives_the_world) {
  const auto said = begin(sqs_request("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}}));

  simulated.reset();
  while (!*said && time.jump()) run();

  EXPECT_TRUE(said->value().has_value());
}

}  // namespace
}  // namespace lifehook::simulator
