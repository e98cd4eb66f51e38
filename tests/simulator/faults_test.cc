#include "simulator/faults.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using namespace std::chrono_literals;

constexpr time_point now = time_point{} + std::chrono::days(20000);

int strikes(faults& rules, int calls) {
  int count = 0;
  for (int i = 0; i < calls; ++i) count += rules.strike("sqs", "SendMessage", now) ? 1 : 0;
  return count;
}

TEST(faults, strike_only_the_service_and_action_they_name) {
  faults rules(1);
  rules.add({.kind = fault_kind::throttle, .service = "ecs", .action = "ListTasks"});

  EXPECT_TRUE(rules.strike("ecs", "ListTasks", now));
  EXPECT_FALSE(rules.strike("ecs", "StopTask", now));
  EXPECT_FALSE(rules.strike("sqs", "ListTasks", now));
}

TEST(faults, strike_only_in_their_span_of_time) {
  faults rules(1);
  rules.add({.kind = fault_kind::throttle, .from = now, .until = now + 30s});

  EXPECT_FALSE(rules.strike("sqs", "SendMessage", now - 1s));
  EXPECT_TRUE(rules.strike("sqs", "SendMessage", now));
  EXPECT_FALSE(rules.strike("sqs", "SendMessage", now + 30s));
}

TEST(faults, strike_their_share_of_the_calls) {
  faults rules(1);
  rules.add({.kind = fault_kind::throttle, .share = 0.1});

  EXPECT_NEAR(strikes(rules, 10'000), 1000, 100);
}

TEST(faults, replay_with_their_seed) {
  faults one(5), same(5);
  for (auto* each : {&one, &same}) each->add({.kind = fault_kind::throttle, .share = 0.5});

  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(one.strike("sqs", "a", now).has_value(), same.strike("sqs", "a", now).has_value());
}

TEST(faults, are_gone_when_cleared) {
  faults rules(1);
  rules.add({});

  rules.clear();

  EXPECT_EQ(strikes(rules, 10), 0);
}

TEST(faults, are_read_from_json) {
  const auto read = read_fault_rules(
      R"({"rules":[{"kind":"delay","service":"ecs","action":"ListTasks","share":0.25,"seconds":30,"delay":1.5},)"
      R"({"kind":"reset"}]})",
      now);

  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at(0).kind, fault_kind::delay);
  EXPECT_EQ(read->at(0).service, "ecs");
  EXPECT_EQ(read->at(0).share, 0.25);
  EXPECT_EQ(read->at(0).until, now + 30s);
  EXPECT_EQ(read->at(0).delay, 1500ms);
  EXPECT_EQ(read->at(1).kind, fault_kind::reset);
  EXPECT_EQ(read->at(1).service, "*");
  EXPECT_EQ(read->at(1).share, 1.0);
  EXPECT_FALSE(read->at(1).until);
}

TEST(faults, of_unknown_kind_or_shape_are_refused) {
  EXPECT_TRUE(read_fault_rules(R"({"rules":[{"kind":"flood"}]})", now).has_error());
  EXPECT_TRUE(read_fault_rules(R"({"rules":[{"kind":"delay"}]})", now).has_error()) << "for how long?";
  EXPECT_TRUE(read_fault_rules(R"({"rules":[{"kind":"reset","sevice":"sqs"}]})", now).has_error());
  EXPECT_TRUE(read_fault_rules(R"({"rules":[{"kind":"reset","share":50}]})", now).has_error());
  EXPECT_TRUE(read_fault_rules(R"({"rules":{}})", now).has_error());
  EXPECT_TRUE(read_fault_rules("rules", now).has_error());
}

TEST(faults, speak_the_words_of_the_service_they_strike) {
  const auto code = [](fault_kind kind, std::string service) {
    return shown_as(kind, {std::move(service), "A", {}, {}}).code;
  };

  EXPECT_EQ(code(fault_kind::throttle, "sqs"), "RequestThrottled");
  EXPECT_EQ(code(fault_kind::throttle, "ecs"), "ThrottlingException");
  EXPECT_EQ(code(fault_kind::throttle, "autoscaling"), "Throttling");
  EXPECT_EQ(code(fault_kind::throttle, "dynamodb"), "ThrottlingException");
  EXPECT_EQ(code(fault_kind::server_error, "dynamodb"), "InternalServerError");
  EXPECT_EQ(code(fault_kind::server_error, "ssm"), "InternalServerError");
  EXPECT_EQ(code(fault_kind::access_denied, "ssm"), "AccessDeniedException");
  EXPECT_EQ(code(fault_kind::expired_credentials, "ecs"), "ExpiredTokenException");
  EXPECT_EQ(code(fault_kind::expired_credentials, "autoscaling"), "ExpiredToken");
  EXPECT_EQ(code(fault_kind::access_denied, "sqs"), "AccessDeniedException");
  EXPECT_EQ(code(fault_kind::access_denied, "sts"), "AccessDenied");
  EXPECT_EQ(code(fault_kind::clock_skew, "ecs"), "InvalidSignatureException");
  EXPECT_EQ(code(fault_kind::clock_skew, "sts"), "SignatureDoesNotMatch");
  EXPECT_EQ(shown_as(fault_kind::server_error, {"autoscaling", "A", {}, {}}).status, 500);
}

}  // namespace
}  // namespace lifehook::simulator
