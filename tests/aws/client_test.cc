#include "aws/client.h"

#include "aws/json_document.h"
#include "aws/services.h"
#include "aws/sigv4.h"
#include "aws/xml.h"
#include "base/metrics.h"
#include "base/side_by_side.h"
#include "tests/support/client_stage.h"

#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>

#include <array>

namespace lifehook::aws {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view throttled_body =
    R"({"__type":"com.amazonaws.sqs#RequestThrottled","message":"Rate exceeded"})";
constexpr std::string_view expired_body = R"({"__type":"ExpiredTokenException","message":"expired"})";
constexpr std::string_view skewed_body = R"({"__type":"InvalidSignatureException","message":"Signature expired"})";

auto call(client_stage& stage, call_options with = {}) {
  return stage.play(stage.with.call(services::sqs, "ListQueues", json::object{{"A", 1}}, std::move(with)));
}

bool mentions(client_stage& stage, const std::string& line) {
  return stage.counts.exposition().find(line) != std::string::npos;
}

TEST(client, posts_json_to_the_regional_endpoint_signed) {
  client_stage stage;
  stage.wire.answer(200, R"({"QueueUrls":["u"]})");

  const auto answer = call(stage);

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->root().at("QueueUrls").at(0).as_string(), "u");
  const auto& request = stage.wire.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://sqs.eu-west-1.amazonaws.com/");
  EXPECT_EQ(request.body, R"({"A":1})");
  EXPECT_EQ(request.timeout, 10s);
  EXPECT_EQ(header_of(request, "content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(header_of(request, "x-amz-target"), "AmazonSQS.ListQueues");
  EXPECT_EQ(header_of(request, "x-amz-date"), "20260115T120000Z");
  EXPECT_THAT(std::string(header_of(request, "authorization")),
              StartsWith("AWS4-HMAC-SHA256 Credential=AKIDFIRST/20260115/eu-west-1/sqs/aws4_request, "
                         "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature="));
}

TEST(client, takes_no_other_page_for_the_answer_of_a_query_service) {
  client_stage stage;
  for (int attempt = 0; attempt < 3; ++attempt) stage.wire.answer(200, "<html><body>Please sign in</body></html>");

  const auto answer = stage.play(stage.with.call(services::autoscaling, "Describe", query_parameters()));

  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code(), errc::unreachable);
  EXPECT_THAT(answer.error().what(), testing::HasSubstr("not a DescribeResponse"));
}

TEST(client, takes_no_other_page_for_the_word_that_something_was_done) {
  client_stage stage;
  stage.wire.answer(200, "<html><body>Please sign in</body></html>");
  stage.wire.answer(200, "<DetachResponse><ResponseMeta");
  stage.wire.answer(200, "<DetachResponse xmlns=\"http://x/\"><ResponseMetadata/></DetachResponse>");

  EXPECT_TRUE(stage.play(stage.with.tell(services::autoscaling, "Detach", query_parameters())).has_value());

  EXPECT_EQ(stage.wire.requests().size(), 3U);
}

TEST(client, posts_forms_to_query_services) {
  client_stage stage;
  stage.wire.answer(200, "<DescribeResponse><DescribeResult><A>1</A></DescribeResult></DescribeResponse>");

  const auto answer =
      stage.play(stage.with.call(services::autoscaling, "Describe", query_parameters{{"Name", "a b"}}, call_options{}));

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->query_result().text("A"), "1");
  EXPECT_EQ(stage.wire.requests().at(0).body, "Action=Describe&Version=2011-01-01&Name=a%20b");
  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"), "");
}

TEST(client, speaks_to_another_region_when_told_so) {
  client_stage stage;
  stage.wire.answer(200, "");

  const auto answer = call(stage, {.region = "us-east-2"});

  EXPECT_TRUE(answer);
  EXPECT_EQ(stage.wire.requests().at(0).url, "https://sqs.us-east-2.amazonaws.com/");
  EXPECT_THAT(std::string(header_of(stage.wire.requests().at(0), "authorization")), HasSubstr("/us-east-2/sqs/"));
}

TEST(client, keeps_the_configured_region_in_the_signature_for_an_endpoint_of_the_environment) {
  client_stage stage({{"AWS_ENDPOINT_URL", "http://localhost:4566"}});
  stage.wire.answer(200, "");

  EXPECT_TRUE(call(stage));

  EXPECT_EQ(stage.wire.requests().at(0).url, "http://localhost:4566/");
  EXPECT_THAT(std::string(header_of(stage.wire.requests().at(0), "authorization")), HasSubstr("/eu-west-1/sqs/"));
}

TEST(client, takes_an_empty_answer_of_a_json_service_for_an_empty_object) {
  client_stage stage;
  stage.wire.answer(200, "");

  const auto answer = call(stage);

  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->root().empty());
}

TEST(client, does_not_sign_and_needs_no_credentials_when_told_so) {
  client_stage stage;
  stage.keys.keys.clear();
  stage.wire.answer(200, "");

  EXPECT_TRUE(call(stage, {.is_signed = false}));

  EXPECT_EQ(header_of(stage.wire.requests().at(0), "authorization"), "");
}

TEST(client, retries_a_server_error_within_50_then_100_milliseconds_and_succeeds) {
  client_stage stage;
  stage.wire.answer(500, "").answer(503, "<html>").answer(200, "{}");

  EXPECT_TRUE(call(stage));

  ASSERT_EQ(stage.wire.times().size(), 3U);
  EXPECT_LE(stage.wire.times()[1] - stage.wire.times()[0], 50ms);
  EXPECT_LE(stage.wire.times()[2] - stage.wire.times()[1], 100ms);
  EXPECT_GT(stage.elapsed(), 0ms);
}

TEST(client, gives_up_after_three_attempts_and_says_who_failed_at_what) {
  client_stage stage;
  for (int i = 0; i < 4; ++i) stage.wire.answer(500, R"({"__type":"InternalFailure"})", {{"x-amzn-requestid", "r-1"}});

  const auto answer = call(stage);

  ASSERT_FALSE(answer);
  EXPECT_EQ(stage.wire.requests().size(), 3U);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
  EXPECT_EQ(answer.error().aws_code(), "InternalFailure");
  EXPECT_EQ(answer.error().what(), "sqs ListQueues: InternalFailure (sqs.eu-west-1.amazonaws.com, request r-1)");
}

TEST(client, makes_one_attempt_when_one_is_allowed) {
  client_stage stage;
  stage.wire.answer(500, "").answer(200, "{}");

  EXPECT_FALSE(call(stage, {.attempts = 1}));

  EXPECT_EQ(stage.wire.requests().size(), 1U);
  EXPECT_EQ(stage.elapsed(), 0s);
}

TEST(client, retries_what_the_transport_could_not_deliver) {
  client_stage stage;
  stage.wire.fail(errc::unreachable, "connection reset").fail(errc::timeout).answer(200, "{}");

  EXPECT_TRUE(call(stage));

  EXPECT_TRUE(
      mentions(stage, R"(lifehook_aws_requests_total{service="sqs",operation="ListQueues",code="timeout"} 1)") ||
      mentions(stage, R"(code="timeout",operation="ListQueues",service="sqs"} 1)"));
}

TEST(client, does_not_retry_what_aws_refuses) {
  for (const auto* const code : {"AccessDeniedException", "InvalidParameterException", "QueueDoesNotExist"}) {
    client_stage stage;
    stage.wire.answer(400, json::serialize(json::object{{"__type", code}})).answer(200, "{}");

    const auto answer = call(stage);

    ASSERT_FALSE(answer) << code;
    EXPECT_EQ(answer.error().aws_code(), code);
    EXPECT_EQ(stage.wire.requests().size(), 1U) << code;
  }
}

TEST(client, waits_longer_when_throttled_and_counts_the_wait) {
  client_stage stage;
  stage.wire.answer(403, std::string(throttled_body)).answer(403, std::string(throttled_body)).answer(200, "{}");

  EXPECT_TRUE(call(stage));

  EXPECT_GT(stage.elapsed(), 100ms);
  EXPECT_LE(stage.elapsed(), 3s);
  EXPECT_TRUE(mentions(stage, "lifehook_aws_throttle_wait_seconds_total{service=\"sqs\"}"));
}

TEST(client, reports_lasting_throttling_as_throttled) {
  client_stage stage;
  for (int i = 0; i < 3; ++i) stage.wire.answer(403, std::string(throttled_body));

  const auto answer = call(stage);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::throttled);
  EXPECT_THAT(answer.error().what(), HasSubstr("Rate exceeded"));
}

// Of the account's Auto Scaling, not of one queue.
result<xml_document> call_autoscaling(client_stage& stage, call_options with = {}) {
  return stage.play(stage.with.call(services::autoscaling, "CompleteLifecycleAction", query_parameters{}, with));
}

const std::string throttled_query =
    "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
const std::string completed_query = "<CompleteLifecycleActionResponse/>";

TEST(client, waits_throttling_of_the_account_out_as_long_as_the_call_has_time) {
  client_stage stage;
  for (int i = 0; i < 20; ++i) stage.wire.answer(400, throttled_query);
  stage.wire.answer(200, completed_query);

  EXPECT_TRUE(call_autoscaling(stage, {.patience = 1min}));

  EXPECT_EQ(stage.wire.requests().size(), 21U) << "whatever the attempts and the quota";
  EXPECT_LE(stage.elapsed(), 1min);
  EXPECT_TRUE(mentions(stage, "lifehook_aws_throttle_wait_seconds_total{service=\"autoscaling\"}"));
}

TEST(client, reports_throttling_of_the_account_once_the_call_has_no_time_left) {
  client_stage stage;
  for (int i = 0; i < 100; ++i) stage.wire.answer(400, throttled_query);

  const auto answer = call_autoscaling(stage, {.patience = 10s});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::throttled);
  EXPECT_GE(stage.elapsed(), 10s);
  EXPECT_LE(stage.elapsed(), 15s);
}

TEST(client, reports_throttling_at_once_to_who_looks_before_it_asks_again) {
  client_stage stage;
  stage.wire.answer(400, throttled_query);

  EXPECT_FALSE(call_autoscaling(stage, {.attempts = 1}));

  EXPECT_EQ(stage.elapsed(), 0s);
}

TEST(client, says_whether_aws_may_have_the_call) {
  client_stage stage;
  call_stage reached;
  stage.wire.answer(400, throttled_query);
  EXPECT_FALSE(call_autoscaling(stage, {.attempts = 1, .stage = &reached}));
  EXPECT_EQ(reached.sent, std::nullopt) << "it was throttled";

  stage.wire.answer(503, "").answer(400, throttled_query).answer(400, throttled_query);
  EXPECT_FALSE(call_autoscaling(stage, {.attempts = 2, .patience = 0s, .stage = &reached}));

  EXPECT_TRUE(reached.sent.has_value()) << "the first was not answered";
}

TEST(client, waits_as_long_as_the_answer_asks) {
  client_stage stage;
  stage.wire.answer(503, "", {{"x-amz-retry-after", "2000"}}).answer(200, "{}");

  EXPECT_TRUE(call(stage));

  EXPECT_EQ(stage.elapsed(), 2s);
}

TEST(client, signs_every_attempt_anew) {
  client_stage stage;
  stage.wire.answer(503, "", {{"x-amz-retry-after", "2000"}}).answer(200, "{}");

  EXPECT_TRUE(call(stage));

  const auto& first = stage.wire.requests().at(0);
  const auto& second = stage.wire.requests().at(1);
  EXPECT_EQ(header_of(second, "x-amz-date"), "20260115T120002Z");
  EXPECT_NE(header_of(first, "authorization"), header_of(second, "authorization"));
  EXPECT_EQ(first.headers.size(), second.headers.size());
}

TEST(client, stops_retrying_when_the_quota_of_the_service_is_used_up) {
  client_stage stage;
  for (int i = 0; i < 200; ++i) stage.wire.answer(500, "");
  while (stage.wire.requests().size() < 3 * 17 + 2) EXPECT_FALSE(call(stage));
  const auto before = stage.wire.requests().size();
  const auto then = stage.time.now();

  EXPECT_FALSE(call(stage));

  EXPECT_EQ(stage.wire.requests().size(), before + 1);
  EXPECT_EQ(stage.time.now(), then);
}

TEST(client, keeps_the_quotas_of_services_apart) {
  client_stage stage;
  for (int i = 0; i < 60; ++i) stage.wire.answer(500, "");
  while (stage.wire.requests().size() < 60) EXPECT_FALSE(call(stage));
  stage.wire.answer(500, "").answer(200, "{}");

  EXPECT_TRUE(stage.play(stage.with.call(services::ecs, "ListClusters", json::object{}, call_options{})));
  EXPECT_EQ(stage.wire.requests().back().url, "https://ecs.eu-west-1.amazonaws.com/");
}

TEST(client, earns_a_retry_back_with_calls_that_succeed) {
  client_stage stage;
  for (int i = 0; i < 200; ++i) stage.wire.answer(500, "");
  while (stage.wire.unplayed() > 0) EXPECT_FALSE(call(stage));
  for (int i = 0; i < 14; ++i) stage.wire.answer(200, "{}");
  for (int i = 0; i < 14; ++i) EXPECT_TRUE(call(stage));
  stage.wire.answer(500, "").answer(200, "{}");

  EXPECT_TRUE(call(stage));
}

TEST(client, leaves_out_of_an_answer_what_its_caller_does_not_read) {
  static constexpr std::array<std::string_view, 1> unread{"Tags"};
  client_stage stage;
  stage.wire.answer(200, R"({"QueueUrls":["u"],"Tags":[{"Key":"a"}]})")
      .answer(200, R"({"QueueUrls":["u"],"Tags":[}]})");

  const auto answer = call(stage, {.unread = unread});
  const auto broken = call(stage, {.attempts = 1, .unread = unread});

  ASSERT_TRUE(answer);
  EXPECT_EQ(json::serialize(answer->root()), R"({"QueueUrls":["u"]})");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code(), errc::unreachable);
}

TEST(client, lets_a_long_poll_wait_before_it_reports_that_the_quota_is_used_up) {
  client_stage stage;
  for (int i = 0; i < 200; ++i) stage.wire.answer(403, std::string(throttled_body));
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(call(stage));
  const auto before = stage.wire.requests().size();
  const auto then = stage.time.now();

  EXPECT_FALSE(call(stage, {.long_poll = true}));

  EXPECT_EQ(stage.wire.requests().size(), before + 1);
  EXPECT_GT(stage.time.now(), then);
}

TEST(client, retries_an_answer_it_cannot_read_and_then_reports_that_aws_did_not_answer) {
  for (const auto* const body : {"<html>", "{\"half\":", "[1]"}) {
    client_stage stage;
    for (int i = 0; i < 3; ++i) stage.wire.answer(200, body);

    const auto answer = call(stage);

    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code(), errc::unreachable);
    EXPECT_EQ(stage.wire.requests().size(), 3U);
  }
}

TEST(client, takes_new_credentials_when_aws_calls_the_old_ones_expired) {
  client_stage stage;
  stage.wire.answer(400, std::string(expired_body)).answer(200, "{}");

  EXPECT_TRUE(call(stage, {.attempts = 1}));

  EXPECT_EQ(stage.keys.invalidated, std::vector<std::string>{"AKIDFIRST"});
  EXPECT_EQ(stage.keys.accepted_last, "AKIDSECOND");
  EXPECT_THAT(std::string(header_of(stage.wire.requests().at(1), "authorization")), HasSubstr("AKIDSECOND"));
  EXPECT_EQ(header_of(stage.wire.requests().at(1), "x-amz-security-token"), "session");
  EXPECT_EQ(stage.elapsed(), 0s);
}

TEST(client, signs_with_the_keys_there_are_when_its_turn_comes) {
  client_stage stage;
  std::vector<task<result<xml_document>>> calls;
  for (int i = 0; i < 30; ++i) {  // twenty at once, then four a second
    stage.wire.answer(200, "<DeregisterTargetsResponse><DeregisterTargetsResult/></DeregisterTargetsResponse>");
    calls.push_back(stage.with.call(services::elbv2, "DeregisterTargets", query_parameters()));
  }
  alarm renewed(stage.time);
  renewed.set(1s, [&stage] { stage.keys.place = 1; });

  stage.play(side_by_side(std::move(calls)));

  ASSERT_EQ(stage.wire.requests().size(), 30U);
  EXPECT_THAT(std::string(header_of(stage.wire.requests().front(), "authorization")), HasSubstr("AKIDFIRST"));
  EXPECT_THAT(std::string(header_of(stage.wire.requests().back(), "authorization")), HasSubstr("AKIDSECOND"));
}

TEST(client, asks_for_new_credentials_once_a_call) {
  client_stage stage;
  stage.wire.answer(400, std::string(expired_body)).answer(400, std::string(expired_body)).answer(200, "{}");

  const auto answer = call(stage);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::denied);
  EXPECT_EQ(stage.wire.requests().size(), 2U);
  EXPECT_EQ(stage.keys.invalidated.size(), 1U);
  EXPECT_EQ(stage.keys.accepted_last, "");
}

TEST(client, corrects_its_clock_by_the_date_of_the_answer_and_stays_corrected) {
  client_stage stage;
  stage.wire.answer(403, std::string(skewed_body), {{"date", "Thu, 15 Jan 2026 13:00:00 GMT"}});
  stage.wire.answer(200, "{}").answer(200, "{}");

  EXPECT_TRUE(call(stage, {.attempts = 1}));
  EXPECT_TRUE(call(stage));

  EXPECT_EQ(header_of(stage.wire.requests().at(1), "x-amz-date"), "20260115T130000Z");
  EXPECT_EQ(header_of(stage.wire.requests().at(2), "x-amz-date"), "20260115T130000Z");
  EXPECT_THAT(stage.keys.invalidated, IsEmpty());
}

TEST(client, tells_how_far_awss_clock_is_ahead_by_its_last_answer) {
  client_stage stage;
  stage.wire.answer(200, "{}", {{"date", "Thu, 15 Jan 2026 12:02:00 GMT"}});
  call(stage);
  EXPECT_EQ(stage.with.clock_ahead(), 2min);

  stage.wire.answer(200, "{}", {{"date", "Thu, 15 Jan 2026 10:50:00 GMT"}});
  call(stage);
  EXPECT_EQ(stage.with.clock_ahead(), -70min + 1s) << "a date may be a second old when it is written";

  stage.wire.answer(200, "{}", {{"date", "Thu, 15 Jan 2026 12:00:02 GMT"}});
  call(stage);
  EXPECT_EQ(stage.with.clock_ahead(), 0s);
}

TEST(client, takes_no_answer_that_was_long_on_its_way_for_a_wrong_clock) {
  client_stage stage;
  stage.wire.answer(200, "{}", {{"date", "Thu, 15 Jan 2026 12:00:00 GMT"}}).after(30s);

  call(stage);

  EXPECT_EQ(stage.with.clock_ahead(), 0s);
}

TEST(client, takes_no_clock_from_a_long_poll_whose_wait_hides_it) {
  client_stage stage;
  stage.wire.answer(200, "{}", {{"date", "Thu, 15 Jan 2026 12:02:00 GMT"}});

  call(stage, {.long_poll = true});

  EXPECT_EQ(stage.with.clock_ahead(), 0s);
}

TEST(client, corrects_its_clock_once_a_call_and_heals_a_correction_that_was_wrong) {
  client_stage stage;
  stage.wire.answer(403, std::string(skewed_body), {{"date", "Thu, 15 Jan 2026 13:00:00 GMT"}});
  stage.wire.answer(403, std::string(skewed_body), {{"date", "Thu, 15 Jan 2026 12:00:00 GMT"}});
  const auto first = call(stage);
  stage.wire.answer(403, std::string(skewed_body), {{"date", "Thu, 15 Jan 2026 12:00:00 GMT"}}).answer(200, "{}");

  const auto second = call(stage);

  EXPECT_FALSE(first);
  EXPECT_TRUE(second);
  EXPECT_EQ(header_of(stage.wire.requests().back(), "x-amz-date"), "20260115T120000Z");
}

TEST(client, does_not_blame_the_clock_when_it_is_right) {
  client_stage stage;
  stage.wire.answer(403, std::string(skewed_body), {{"date", "Thu, 15 Jan 2026 12:03:00 GMT"}}).answer(200, "{}");

  const auto answer = call(stage);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::denied);
  EXPECT_EQ(stage.wire.requests().size(), 1U);
}

TEST(client, counts_each_attempt_by_its_code) {
  client_stage stage;
  stage.wire.answer(403, std::string(throttled_body)).answer(503, "").answer(200, "{}");

  EXPECT_TRUE(call(stage));

  for (const auto* const code : {"RequestThrottled", "503", "200"})
    EXPECT_TRUE(mentions(stage, std::string("code=\"") + code + "\"")) << code;
  EXPECT_TRUE(mentions(stage, "lifehook_aws_request_duration_seconds_count"));
}

TEST(client, shares_the_limits_among_as_many_as_it_is_told_also_where_calls_were_made_before) {
  client_stage stage;
  EXPECT_DOUBLE_EQ(stage.with.rate_for(services::ecs, "ListTasks").value(), 20);

  stage.with.share_among(4);

  EXPECT_DOUBLE_EQ(stage.with.replicas(), 4);
  EXPECT_DOUBLE_EQ(stage.with.rate_for(services::ecs, "ListTasks").value(), 5);
  EXPECT_DOUBLE_EQ(stage.with.rate_for(services::ecs, "DescribeServices").value(), 5);
  EXPECT_EQ(stage.with.rate_for(services::autoscaling, "DescribeAutoScalingInstances"), std::nullopt);
}

TEST(client, keeps_all_calls_of_load_balancing_together_within_the_limit_of_all) {
  client_stage stage;
  const auto ask = [&](std::string_view operation) {
    stage.wire.answer(200, std::string("<").append(operation).append("Response/>"));
    EXPECT_TRUE(
        stage.play(stage.with.call(services::elbv2, operation, query_parameters{}, call_options{.patience = 1min})));
  };
  for (int i = 0; i < 20; ++i) ask("DescribeTargetHealth");
  for (int i = 0; i < 20; ++i) ask("DeregisterTargets");
  EXPECT_EQ(stage.elapsed(), 0s) << "each has a burst of its own, and all have one of forty";

  ask("DescribeTargetHealth");

  EXPECT_EQ(stage.elapsed(), 100ms) << "ten a second";
  EXPECT_TRUE(mentions(stage, R"(family="elb")"));
}

TEST(client, tells_which_family_does_not_carry_what_hooks_ask) {
  client_stage stage;
  const environment empty = [](std::string_view) -> std::optional<std::string> { return std::nullopt; };
  const call_allowance one_a_second{1, {{"autoscaling", {1, 1}}}};
  client limited{stage.time, stage.wire, stage.keys, {"eu-west-1", empty, one_a_second}, stage.counts, stage.random};
  const auto beat = [&] {
    stage.play(limited.call(services::autoscaling, "RecordLifecycleActionHeartbeat", query_parameters{},
                            call_options{.attempts = 1}));
  };
  beat();
  EXPECT_THAT(limited.overloaded(), testing::IsEmpty());

  for (int i = 0; i < 200; ++i) beat();

  ASSERT_THAT(limited.overloaded(), testing::SizeIs(1));
  EXPECT_EQ(limited.overloaded().front().family, "autoscaling");
}

TEST(client, keeps_the_signing_key_out_of_the_errors) {
  client_stage stage;
  stage.wire.answer(403, R"({"__type":"AccessDeniedException","message":"no"})");

  const auto answer = call(stage);

  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().what(), Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace lifehook::aws
