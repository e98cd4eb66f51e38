#include "handlers/event.h"

#include "base/time_text.h"
#include "handlers/parse_bridge.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace lifehook::handlers {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

const std::filesystem::path folder = std::filesystem::path(LIFEHOOK_SOURCE) / "tests/data/messages";

std::string word(place of) {
  switch (of) {
    case place::unstated: return "unstated";
    case place::ec2: return "ec2";
    case place::scaling_group: return "group";
    case place::warm_pool: return "warm_pool";
    case place::other: return "other";
  }
  return "?";
}

std::string add(std::string_view key, std::string_view value) {
  return value.empty() ? std::string() : fmt::format(" {}={}", key, value);
}

// An event in words, so that a table can say all that is expected of it.
std::string told(const event& of) {
  std::string text(name(of.kind));
  text += add("instance", of.instance) + add("group", of.group) + add("hook", of.hook) +
          add("token", of.token.substr(0, 8));
  if (has_hook(of.kind)) text += add("from", word(of.origin)) + add("to", word(of.destination));
  text += add("detail", of.detail) + add("starts", of.starts ? to_rfc3339(*of.starts) : "");
  text += add("task", of.task_arn.get().substr(of.task_arn.get().rfind('/') + 1)) +
          add("cluster", of.cluster_arn.get().substr(of.cluster_arn.get().rfind('/') + 1));
  return text + add("task_group", of.task_group);
}

// Where it came from, which differs between the paths of one action.
std::string origin_told(const event& of) {
  return fmt::format("time={} id={} account={}", of.time ? to_rfc3339(*of.time) : "none", of.id, of.account);
}

std::string told(const result<parsed>& read) {
  if (!read) return read.error().code() == errc::malformed ? "malformed" : "another error";
  if (read->none) return "ignored " + read->none->kind;
  std::string text;
  for (const auto& each : read->events) text += (text.empty() ? "" : "; ") + told(each);
  return text;
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The body of a sample: the file itself, but for poison, which is no JSON and stands inside it.
std::string body_of(const std::filesystem::path& file) {
  auto content = content_of(file);
  if (!file.filename().string().starts_with("malformed-")) return content;
  return std::string(json::parse(content).at("body").as_string());
}

std::string sample(std::string_view named) { return body_of(folder / fmt::format("{}.json", named)); }

std::string in_sns(std::string_view message) {
  return json::serialize(json::object{{"Type", "Notification"},
                                      {"MessageId", "9c35aaf3-945c-529d-93c8-000000000001"},
                                      {"TopicArn", "arn:aws:sns:eu-west-1:111122223333:lifecycle"},
                                      {"Message", message},
                                      {"Timestamp", "2026-03-02T10:15:30.160Z"}});
}

std::string in_bridge(std::string_view source, std::string_view detail_type, json::value detail) {
  return json::serialize(json::object{{"version", "0"},
                                      {"id", "7e1f0c5a-0000-4000-8000-00000000d001"},
                                      {"detail-type", detail_type},
                                      {"source", source},
                                      {"account", "111122223333"},
                                      {"time", "2026-03-02T10:15:30Z"},
                                      {"detail", std::move(detail)}});
}

// A sample with some of its fields changed; null takes a field away. `at` is the object they are in.
std::string changed(std::string_view named, const json::object& fields, std::string_view at = "") {
  auto body = json::parse(sample(named));
  auto& target = at.empty() ? body.as_object() : body.as_object().at(at).as_object();
  for (const auto& [key, value] : fields) {
    if (value.is_null())
      target.erase(key);
    else
      target[key] = value;
  }
  return json::serialize(body);
}

constexpr std::string_view web = "i-0a1b2c3d4e5f60718";

std::string launch(std::string_view token, std::string_view from, std::string_view to) {
  return fmt::format("launching instance={} group=web-asg hook=launch-hook token={} from={} to={}", web, token, from,
                     to);
}
std::string terminate(std::string_view from, std::string_view to, std::string_view hook = "drain-hook") {
  return fmt::format("terminating instance={} group=web-asg hook={} token=7a5c0e1d from={} to={}", web, hook, from, to);
}
std::string about_web(std::string_view kind, std::string_view detail = "") {
  return fmt::format("{} instance={}{}", kind, web, add("detail", detail));
}

// What each sample means, however it is delivered.
const std::map<std::string, std::string>& expectations() {
  static const std::map<std::string, std::string> table{
      {"asg-direct-launch", launch("7a5c0e1d", "ec2", "group")},
      {"asg-direct-launch-warmpool-enter", launch("7a5c0e1d", "ec2", "warm_pool")},
      {"asg-direct-launch-warmpool-exit", launch("19cc4d4a", "warm_pool", "group")},
      {"asg-direct-terminate", terminate("group", "ec2")},
      {"asg-direct-terminate-metadata", terminate("group", "ec2")},
      {"asg-direct-terminate-pre2021", terminate("unstated", "unstated")},
      {"asg-direct-terminate-warmpool-return", terminate("group", "warm_pool")},
      {"asg-direct-terminate-from-warmpool", terminate("warm_pool", "ec2")},
      {"asg-direct-terminate-missing-token",
       fmt::format("terminating instance={} group=web-asg hook=drain-hook from=unstated to=unstated", web)},
      {"asg-direct-test-notification", "ignored test_notification"},
      {"eb-asg-launch-lifecycle", launch("7a5c0e1d", "ec2", "group")},
      {"eb-asg-launch-warmpool-enter", launch("7a5c0e1d", "ec2", "warm_pool")},
      {"eb-asg-launch-warmpool-exit", launch("7a5c0e1d", "warm_pool", "group")},
      {"eb-asg-terminate-lifecycle", terminate("group", "ec2")},
      {"eb-asg-terminate-lifecycle-minimal", terminate("unstated", "unstated")},
      {"eb-asg-terminate-warmpool-return", terminate("group", "warm_pool")},
      {"eb-asg-terminate-managed-draining-hook", terminate("group", "ec2", "ecs-managed-draining-termination-hook")},
      {"eb-asg-launch-successful", "ignored instance_launch_successful"},
      {"eb-asg-launch-unsuccessful", "ignored instance_launch_unsuccessful"},
      {"eb-asg-terminate-successful", "ignored instance_terminate_successful"},
      {"eb-asg-terminate-unsuccessful", "ignored instance_terminate_unsuccessful"},
      {"eb-asg-instance-refresh-started", "ignored instance_refresh"},
      {"eb-asg-instance-refresh-succeeded", "ignored instance_refresh"},
      {"eb-asg-instance-refresh-failed", "ignored instance_refresh"},
      {"eb-asg-instance-refresh-cancelled", "ignored instance_refresh"},
      {"eb-asg-instance-refresh-checkpoint", "ignored instance_refresh"},
      {"eb-asg-instance-refresh-rollback-started", "ignored instance_refresh"},
      {"eb-ec2-spot-interruption-warning", about_web("spot_interruption", "terminate")},
      {"eb-ec2-spot-interruption-warning-az-arn", about_web("spot_interruption", "terminate")},
      {"eb-ec2-rebalance-recommendation", about_web("rebalance_recommendation")},
      {"eb-ec2-capacity-reservation-interruption", about_web("capacity_reservation_interruption", "terminate")},
      {"eb-ec2-state-pending", "ignored instance_state"},
      {"eb-ec2-state-running", "ignored instance_state"},
      {"eb-ec2-state-stopping", about_web("state_change", "stopping")},
      {"eb-ec2-state-stopped", about_web("state_change", "stopped")},
      {"eb-ec2-state-shutting-down", about_web("state_change", "shutting-down")},
      {"eb-ec2-state-terminated", about_web("state_change", "terminated")},
      {"eb-ecs-container-instance-active", "ignored ecs_container_instance_state"},
      {"eb-ecs-container-instance-agent-disconnected", "ignored ecs_container_instance_state"},
      {"eb-ecs-container-instance-draining", "ignored ecs_container_instance_state"},
      {"eb-ecs-service-placement-failure", "ignored ecs_service_action"},
      {"eb-ecs-task-ec2-host-terminated", "ignored ecs_service_task"},
      {"eb-ecs-task-ec2-running", "ignored ecs_service_task"},
      {"eb-ecs-task-ec2-stopped", "ignored ecs_service_task"},
      {"eb-ecs-task-ec2-stopping", "ignored ecs_service_task"},
      {"eb-ecs-task-fargate-running", "ignored ecs_service_task"},
      {"eb-ecs-task-fargate-spot-standalone-notice",
       "task_interruption detail=TerminationNotice task=c13b4cb40f1f4fe4a2971f76ae5a47ad cluster=prod "
       "task_group=family:report"},
      {"eb-ecs-task-fargate-spot-stopped", "ignored ecs_service_task"},
      {"eb-ecs-task-fargate-spot-termination-notice",
       "task_interruption detail=TerminationNotice task=c13b4cb40f1f4fe4a2971f76ae5a47ad cluster=prod "
       "task_group=service:web"},
      {"eb-health-closed", "ignored health_closed"},
      {"eb-health-instance-retirement",
       about_web("scheduled_change", "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED starts=2026-03-12T13:19:03.000Z")},
      {"eb-health-issue-not-scheduled", "ignored health_other_category"},
      {"eb-health-page2-backup", "ignored health_backup"},
      {"eb-health-reboot-maintenance-plain-id",
       about_web("scheduled_change",
                 "AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED starts=2026-03-12T13:19:03.000Z; ") +
           "scheduled_change instance=i-0ffffffffffffffff detail=AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED "
           "starts=2026-03-12T13:19:03.000Z"},
      {"malformed-not-json", "malformed"},
      {"sns-asg-launch", launch("7a5c0e1d", "ec2", "group")},
      {"sns-asg-notification-launch", "ignored fleet_notification"},
      {"sns-asg-notification-terminate", "ignored fleet_notification"},
      {"sns-asg-terminate", terminate("group", "ec2")},
      {"sns-asg-terminate-sigv2-attrs", terminate("group", "ec2")},
      {"sns-asg-test-notification", "ignored test_notification"},
      {"sns-eb-spot-interruption-warning", about_web("spot_interruption", "terminate")},
      {"sns-raw-asg-terminate", terminate("group", "ec2")},
  };
  return table;
}

std::vector<std::string> all_samples() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

class every_sample : public testing::TestWithParam<std::string> {};

TEST_P(every_sample, means_what_the_table_says) {
  ASSERT_TRUE(expectations().contains(GetParam())) << "a sample without an expectation";

  EXPECT_EQ(told(parse(sample(GetParam()))), expectations().at(GetParam()));
}

TEST_P(every_sample, is_refused_when_it_ends_anywhere_too_early) {
  const auto body = sample(GetParam());
  for (std::size_t length = 0; length + 2 < body.size(); length += 1 + body.size() / 40)
    EXPECT_EQ(told(parse(body.substr(0, length))), "malformed") << length;
}

class sample_outside_an_envelope : public testing::TestWithParam<std::string> {};

TEST_P(sample_outside_an_envelope, means_the_same_inside_one) {
  EXPECT_EQ(told(parse(in_sns(sample(GetParam())))), expectations().at(GetParam()));
}

class direct_hook_sample : public testing::TestWithParam<std::string> {};

TEST_P(direct_hook_sample, means_the_same_by_way_of_event_bridge) {
  const auto bridged =
      in_bridge("aws.autoscaling", "EC2 Instance-terminate Lifecycle Action", json::parse(sample(GetParam())));

  EXPECT_EQ(told(parse(bridged)), expectations().at(GetParam()));
  EXPECT_EQ(told(parse(in_sns(bridged))), expectations().at(GetParam()));
}

std::vector<std::string> samples_where(bool (*fits)(std::string_view named)) {
  auto names = all_samples();
  std::erase_if(names, [fits](const auto& named) { return !fits(named); });
  return names;
}

bool is_outside_an_envelope(std::string_view named) {
  return named.starts_with("sns-raw-") || !named.starts_with("sns-");
}
bool is_direct_hook(std::string_view named) {
  return (named.starts_with("asg-direct-") || named.starts_with("sns-raw-")) && !named.ends_with("notification");
}

constexpr auto label = [](const auto& instance) {
  auto text = instance.param;
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
};

INSTANTIATE_TEST_SUITE_P(parse, every_sample, testing::ValuesIn(all_samples()), label);
INSTANTIATE_TEST_SUITE_P(parse, sample_outside_an_envelope, testing::ValuesIn(samples_where(is_outside_an_envelope)),
                         label);
INSTANTIATE_TEST_SUITE_P(parse, direct_hook_sample, testing::ValuesIn(samples_where(is_direct_hook)), label);

TEST(parse, has_a_sample_for_every_expectation) {
  const auto samples = all_samples();
  for (const auto& [named, expected] : expectations()) EXPECT_THAT(samples, testing::Contains(named));
}

TEST(parse, every_kind_is_carried_as_its_samples_are) {
  std::set<event_kind> seen;
  for (const auto& named : all_samples()) {
    const auto body = sample(named);
    const auto read = parse(body);
    if (!read || read->events.empty()) continue;
    const auto whole = json::parse(body).as_object();
    if (!whole.contains("detail-type")) continue;
    const auto as = carried_as(read->events.front().kind);
    EXPECT_EQ(whole.at("source").as_string(), as.source) << named;
    EXPECT_EQ(whole.at("detail-type").as_string(), as.detail_type) << named;
    seen.insert(read->events.front().kind);
  }
  for (const auto each : all_event_kinds)
    if (!is_of_task(each)) EXPECT_TRUE(seen.contains(each)) << name(each);
  EXPECT_TRUE(seen.contains(event_kind::task_interruption));
}

event only_event(std::string_view body) {
  const auto read = parse(body);
  EXPECT_TRUE(read.has_value() && read->events.size() == 1) << told(read);
  return read && !read->events.empty() ? read->events.front() : event{};
}

TEST(parse, takes_time_id_and_account_from_the_path_the_message_took) {
  EXPECT_EQ(origin_told(only_event(sample("asg-direct-terminate"))),
            "time=2026-03-02T10:15:30.123Z id=5c3a6f1e-0000-4000-8000-00000000a001 account=111122223333");
  EXPECT_EQ(origin_told(only_event(sample("sns-asg-terminate"))),
            "time=2026-03-02T10:15:30.123Z id=5c3a6f1e-0000-4000-8000-00000000a001 account=111122223333");
  EXPECT_EQ(origin_told(only_event(sample("eb-asg-terminate-lifecycle"))),
            "time=2026-03-02T10:15:30.000Z id=7e1f0c5a-0000-4000-8000-00000000d001 account=111122223333");
}

TEST(parse, does_without_a_time_it_cannot_read) {
  EXPECT_EQ(only_event(changed("asg-direct-terminate", {{"Time", "yesterday"}})).time, std::nullopt);
  EXPECT_EQ(only_event(changed("asg-direct-terminate", {{"Time", nullptr}})).time, std::nullopt);
  EXPECT_EQ(only_event(changed("eb-ec2-state-stopped", {{"time", 5}})).time, std::nullopt);
}

TEST(parse, never_keeps_what_people_put_into_a_hooks_metadata) {
  const auto body = changed("asg-direct-terminate", {{"NotificationMetadata", "SECRET"}});

  EXPECT_THAT(told(parse(body)) + origin_told(only_event(body)), testing::Not(HasSubstr("SECRET")));
}

TEST(parse, tolerates_fields_it_does_not_know_and_kinds_it_did_not_expect) {
  const auto body =
      changed("asg-direct-terminate", {{"New", {{"deep", {1, 2, 3}}}}, {"Origin", 7}, {"AccountId", {1}}});

  EXPECT_EQ(told(parse(body)), terminate("unstated", "ec2"));
}

TEST(parse, does_not_take_a_destination_it_does_not_know_for_the_end_of_an_instance) {
  const auto known = only_event(changed("asg-direct-terminate", {{"Destination", "EC2"}}));
  const auto unstated = only_event(changed("asg-direct-terminate", {{"Destination", nullptr}}));
  const auto unknown = only_event(changed("asg-direct-terminate", {{"Destination", "RootVolume"}}));

  EXPECT_TRUE(known.ends_instance());
  EXPECT_TRUE(unstated.ends_instance());
  EXPECT_FALSE(unknown.ends_instance());
}

TEST(parse, keeps_a_hook_message_that_lacks_one_of_its_four_names) {
  for (const auto* key : {"AutoScalingGroupName", "LifecycleHookName", "EC2InstanceId"}) {
    EXPECT_EQ(told(parse(changed("asg-direct-terminate", {{key, nullptr}}))), "malformed") << key;
    EXPECT_EQ(told(parse(changed("asg-direct-terminate", {{key, ""}}))), "malformed") << key;
    EXPECT_EQ(told(parse(changed("eb-asg-terminate-lifecycle", {{key, nullptr}}, "detail"))), "malformed") << key;
  }
  EXPECT_EQ(told(parse(changed("eb-asg-terminate-lifecycle", {{"LifecycleTransition", nullptr}}, "detail"))),
            "malformed");
}

TEST(parse, keeps_a_transition_it_does_not_know) {
  for (const auto* transition : {"autoscaling:EC2_INSTANCE_REPAINTING", "", "terminating"})
    EXPECT_EQ(told(parse(changed("asg-direct-terminate", {{"LifecycleTransition", transition}}))), "malformed");
}

TEST(parse, keeps_messages_whose_names_are_not_safe_to_use) {
  const json::object unsafe[] = {{{"EC2InstanceId", "i-0a1b2c3d4e5f60718\n"}},
                                 {{"EC2InstanceId", "i-"}},
                                 {{"EC2InstanceId", "i-0A1B"}},
                                 {{"EC2InstanceId", "i-0a1b2c3d4e5f607181"}},
                                 {{"EC2InstanceId", "mi-0a1b2c3d"}},
                                 {{"AutoScalingGroupName", "web\r\nasg"}},
                                 {{"AutoScalingGroupName", std::string(256, 'a')}},
                                 {{"LifecycleHookName", std::string(1, '\0')}},
                                 {{"LifecycleActionToken", std::string(65, 'a')}},
                                 {{"LifecycleActionToken", "7a5c\t0e1d"}}};
  for (const auto& fields : unsafe)
    EXPECT_EQ(told(parse(changed("asg-direct-terminate", fields))), "malformed") << json::serialize(fields);
}

std::string why_not(const json::object& fields) {
  const auto read = parse(changed("asg-direct-terminate", fields));
  return read ? "nothing is wrong" : read.error().what();
}

TEST(parse, says_of_a_name_whether_it_is_missing_too_long_or_unreadable) {
  EXPECT_EQ(why_not({{"AutoScalingGroupName", nullptr}}),
            "a lifecycle action without the name of its Auto Scaling group");
  EXPECT_EQ(why_not({{"AutoScalingGroupName", std::string(256, 'a')}}),
            "a lifecycle action whose Auto Scaling group has a name of more than 255 bytes");
  EXPECT_EQ(why_not({{"LifecycleHookName", std::string(1, '\0')}}),
            "a lifecycle action whose hook has a name with control characters");
}

TEST(parse, takes_old_short_instance_ids_and_names_as_long_as_aws_allows) {
  EXPECT_EQ(only_event(changed("asg-direct-terminate", {{"EC2InstanceId", "i-1a2b3c4d"}})).instance, "i-1a2b3c4d");
  EXPECT_EQ(
      only_event(changed("asg-direct-terminate", {{"AutoScalingGroupName", std::string(255, 'a')}})).group.get().size(),
      255U);
}

TEST(parse, names_some_of_the_keys_of_what_it_does_not_know) {
  const auto said = [](std::string_view body) { return parse(body).error().what(); };

  EXPECT_EQ(said(R"({"Records":[1],"when":2})"), "JSON of no kind we know; its keys: Records, when");
  EXPECT_EQ(said("{}"), "JSON of no kind we know");
  EXPECT_EQ(said("{\"a\\u0007b\":1}"), "JSON of no kind we know");
  std::string many("{");
  for (int i = 0; i < 1000; ++i) many += fmt::format("\"{:030}\":1,", i);
  many.back() = '}';
  EXPECT_LT(said(many).size(), 300U);
}

TEST(parse, keeps_what_is_json_of_no_kind_it_knows) {
  for (const auto* body :
       {"", "{}", "[]", "null", "5", "\"text\"", R"({"Type":"Notification"})", R"({"Event":"order:PLACED"})",
        R"({"Type":"Notification","Message":{"a":1}})", R"({"detail-type":7,"source":"aws.ec2"})"})
    EXPECT_EQ(told(parse(body)), "malformed") << body;
}

TEST(parse, ignores_the_chatter_of_a_subscription) {
  EXPECT_EQ(told(parse(R"({"Type":"SubscriptionConfirmation","Message":"You have chosen"})")),
            "ignored sns_subscription");
  EXPECT_EQ(told(parse(R"({"Type":"UnsubscribeConfirmation","Message":"You have"})")), "ignored sns_subscription");
}

TEST(parse, unwraps_one_envelope_only) {
  const auto inner = sample("asg-direct-terminate");

  EXPECT_EQ(told(parse(in_sns(inner))), terminate("group", "ec2"));
  EXPECT_EQ(told(parse(in_sns(in_sns(inner)))), "malformed");
  EXPECT_EQ(told(parse(in_sns("plain words"))), "malformed");
  EXPECT_EQ(told(parse(in_sns("[]"))), "malformed");
}

TEST(parse, ignores_events_of_others_by_one_word) {
  EXPECT_EQ(told(parse(in_bridge("aws.s3", "Object Created", json::object{}))), "ignored other_detail_type");
  EXPECT_EQ(told(parse(in_bridge("my.app", "EC2 Spot Instance Interruption Warning", json::object{}))),
            "ignored other_detail_type");
  EXPECT_EQ(told(parse(in_bridge("aws.ec2", "EBS Volume Notification", nullptr))), "ignored other_detail_type");
}

TEST(parse, keeps_an_event_of_ours_without_its_detail) {
  EXPECT_EQ(told(parse(in_bridge("aws.ec2", "EC2 Spot Instance Interruption Warning", nullptr))), "malformed");
  EXPECT_EQ(told(parse(in_bridge("aws.ec2", "EC2 Spot Instance Interruption Warning", json::object{}))), "malformed");
  EXPECT_EQ(told(parse(changed("eb-ec2-state-stopped", {{"state", nullptr}}, "detail"))), "malformed");
  EXPECT_EQ(told(parse(changed("eb-ecs-task-fargate-running", {{"taskArn", nullptr}}, "detail"))), "malformed");
}

constexpr std::string_view report_definition = "arn:aws:ecs:eu-west-1:111122223333:task-definition/report:3";

TEST(parse, tells_a_standalone_task_that_stopped) {
  const auto stopped =
      changed("eb-ecs-task-ec2-stopped", {{"group", "family:report"}, {"startedBy", "nightly"}}, "detail");
  const auto running =
      changed("eb-ecs-task-ec2-running", {{"group", "family:report"}, {"startedBy", nullptr}}, "detail");

  EXPECT_EQ(told(parse(stopped)),
            "task_stopped detail=ServiceSchedulerInitiated task=c13b4cb40f1f4fe4a2971f76ae5a47ad cluster=prod "
            "task_group=family:report");
  EXPECT_EQ(told(parse(running)), "ignored ecs_task_state") << "it has no network interface of its own";
}

TEST(parse, a_task_in_a_group_of_its_own_is_standalone_and_of_its_definitions_family) {
  const json::object own{{"group", "nightly"}, {"startedBy", "me"}, {"taskDefinitionArn", report_definition}};

  const auto stopped = parse(changed("eb-ecs-task-ec2-stopped", own, "detail"));
  const auto running = parse(changed("eb-ecs-task-fargate-running", own, "detail"));

  EXPECT_THAT(told(stopped), testing::StartsWith("task_stopped "));
  EXPECT_EQ(stopped->events.front().family(), "report");
  EXPECT_THAT(told(running), testing::StartsWith("task_running "));
}

TEST(parse, a_task_of_a_service_is_left_to_ecs_whatever_its_group_is_called) {
  const json::object own{{"group", "nightly"}, {"taskDefinitionArn", report_definition}};
  const json::object named{{"startedBy", nullptr}, {"taskDefinitionArn", report_definition}};

  EXPECT_EQ(told(parse(changed("eb-ecs-task-ec2-stopped", own, "detail"))), "ignored ecs_service_task");
  EXPECT_EQ(told(parse(changed("eb-ecs-task-ec2-stopped", named, "detail"))), "ignored ecs_service_task");
  EXPECT_EQ(parse(sample("eb-ecs-task-fargate-spot-termination-notice"))->events.front().family(), "");
}

TEST(parse, tells_a_standalone_task_that_runs_with_a_network_interface) {
  const json::object standalone{{"group", "family:report"}, {"startedBy", nullptr}};
  auto stopping = standalone;
  stopping["desiredStatus"] = "STOPPED";

  EXPECT_EQ(told(parse(changed("eb-ecs-task-fargate-running", standalone, "detail"))),
            "task_running task=c13b4cb40f1f4fe4a2971f76ae5a47ad cluster=prod task_group=family:report");
  EXPECT_EQ(told(parse(changed("eb-ecs-task-fargate-running", stopping, "detail"))), "ignored ecs_task_state");
}

TEST(parse, names_a_scheduled_change_so_that_its_copies_are_known) {
  const auto read = parse(sample("eb-health-instance-retirement"));

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->events.front().change,
            "arn:aws:health:eu-west-1::event/EC2/AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED/"
            "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED_90353408594353983");
}

TEST(parse, tells_a_spot_task_told_to_stop_only_before_it_has) {
  const json::object standalone{{"group", "family:report"}, {"startedBy", nullptr}};
  auto stopped = standalone;
  stopped["lastStatus"] = "STOPPED";
  auto on_ec2 = standalone;
  on_ec2["launchType"] = "EC2";
  on_ec2["capacityProviderName"] = nullptr;

  constexpr std::string_view notice = "eb-ecs-task-fargate-spot-termination-notice";
  EXPECT_THAT(told(parse(changed(notice, standalone, "detail"))), testing::StartsWith("task_interruption "));
  EXPECT_THAT(told(parse(changed(notice, stopped, "detail"))), testing::StartsWith("task_stopped "));
  EXPECT_EQ(told(parse(changed(notice, on_ec2, "detail"))), "ignored ecs_task_state");
}

json::array entities(std::initializer_list<std::string_view> values) {
  json::array all;
  for (const auto value : values) all.push_back(json::object{{"entityValue", value}});
  return all;
}

TEST(parse, tells_of_each_instance_of_a_scheduled_change_once) {
  const auto body =
      changed("eb-health-instance-retirement",
              {{"affectedEntities", entities({"i-0a", "arn:aws:ec2:eu-west-1:111122223333:instance/i-0b", "i-0a",
                                              "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a", "vol-0c"})}},
              "detail");
  const auto read = parse(body);

  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->events.size(), 2U);
  EXPECT_EQ(read->events[0].instance, "i-0a");
  EXPECT_EQ(read->events[1].instance, "i-0b");
}

TEST(parse, leaves_out_an_instance_for_which_a_scheduled_change_is_settled) {
  auto some = entities({"i-0a", "i-0b"});
  some[0].as_object()["status"] = "RESOLVED";
  some[1].as_object()["status"] = "PENDING";
  const auto read = parse(changed("eb-health-instance-retirement", {{"affectedEntities", some}}, "detail"));
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->events.size(), 1U);
  EXPECT_EQ(read->events[0].instance, "i-0b");

  some[1].as_object()["status"] = "RESOLVED";
  const auto body = changed("eb-health-instance-retirement", {{"affectedEntities", some}}, "detail");
  EXPECT_EQ(told(parse(body)), "ignored health_no_instance");
}

TEST(parse, finds_the_instances_of_a_scheduled_change_without_entities) {
  const auto body = changed("eb-health-reboot-maintenance-plain-id", {{"affectedEntities", nullptr}}, "detail");

  EXPECT_EQ(told(parse(body)), expectations().at("eb-health-reboot-maintenance-plain-id"));
}

TEST(parse, takes_the_region_from_an_event_of_eventbridge) {
  EXPECT_EQ(only_event(sample("eb-asg-terminate-lifecycle")).region, "eu-west-1");
  EXPECT_EQ(only_event(sample("eb-ec2-spot-interruption-warning")).region, "eu-west-1");
  EXPECT_EQ(only_event(sample("asg-direct-terminate")).region, "");
}

TEST(parse, ignores_a_scheduled_change_of_no_instance) {
  EXPECT_EQ(
      told(parse(changed("eb-health-instance-retirement", {{"affectedEntities", entities({"vol-0c"})}}, "detail"))),
      "ignored health_no_instance");
  EXPECT_EQ(told(parse(changed("eb-health-instance-retirement", {{"service", "RDS"}}, "detail"))),
            "ignored health_other_service");
}

TEST(parse, takes_the_account_a_scheduled_change_affects) {
  const auto body = changed("eb-health-instance-retirement", {{"affectedAccount", "444455556666"}}, "detail");

  EXPECT_EQ(only_event(body).account, "444455556666");
}

TEST(parse, keeps_a_body_that_is_too_large_or_too_deep) {
  const auto padded = changed("asg-direct-terminate", {{"Padding", std::string(1 << 20, 'x')}});
  const std::string open(10'000, '[');

  EXPECT_EQ(told(parse(padded)), "malformed");
  EXPECT_EQ(told(parse(R"({"detail-type":)" + open)), "malformed");
  EXPECT_EQ(told(parse(open)), "malformed");
}

TEST(parse, keeps_bytes_that_are_not_utf_8) {
  EXPECT_EQ(told(parse("{\"LifecycleTransition\":\"\xff\"}")), "malformed");
}

}  // namespace
}  // namespace lifehook::handlers
