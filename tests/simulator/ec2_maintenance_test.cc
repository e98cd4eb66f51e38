#include "base/time_text.h"
#include "tests/simulator/fleet_scene.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

struct ec2_maintenance_test : fleet_scene {
  ec2_maintenance_test() {
    containers->create_cluster("prod");
    containers->register_instance("prod", id);
  }
  std::string schedule() { return machines->schedule_reboot(id, time.now() + 1h, 2min); }
  std::string statuses(std::map<std::string, std::string> asked = {}) {
    return ec2_query("DescribeInstanceStatus", std::move(asked)).value().xml;
  }
  std::string described() { return element(statuses({{"InstanceId.1", id}}), "description"); }
  boost::json::object container_instance() {
    const auto listed = ecs_ask("ListContainerInstances", R"({"cluster":"prod"})").at("containerInstanceArns");
    const boost::json::object asked{{"cluster", "prod"}, {"containerInstances", listed}};
    return ecs_ask("DescribeContainerInstances", boost::json::serialize(asked))
        .at("containerInstances")
        .at(0)
        .as_object();
  }
  bool is_connected() { return container_instance().at("agentConnected").as_bool(); }

  std::string id = machines->launch();
};

TEST_F(ec2_maintenance_test, is_listed_with_its_window_from_its_announcement_on) {
  EXPECT_THAT(statuses(), Not(HasSubstr("eventsSet")));

  const auto event = schedule();

  EXPECT_THAT(event, MatchesRegex("instance-event-0[0-9a-f]{16}"));
  EXPECT_THAT(statuses(), HasSubstr("<eventsSet><item><instanceEventId>" + event +
                                    "</instanceEventId><code>instance-reboot</code>"
                                    "<description>The instance is scheduled for a reboot</description>"
                                    "<notAfter>2026-03-02T03:00:00.000Z</notAfter>"
                                    "<notBefore>2026-03-02T01:00:00.000Z</notBefore></item></eventsSet>"));
}

TEST_F(ec2_maintenance_test, is_announced_as_aws_health_does) {
  const auto url = queues->create_queue("events");
  scaling->bridge(queues->queue_arn("events"));

  schedule();

  const auto body = body_of(url, 0);
  auto expected = sample("eb-health-reboot-maintenance-plain-id");
  auto& detail = expected["detail"].as_object();
  const auto& told = body.at("detail").as_object();
  EXPECT_EQ(parse_http_date(std::string(told.at("startTime").as_string())), time.now() + 1h);
  EXPECT_EQ(parse_http_date(std::string(told.at("endTime").as_string())), time.now() + 3h);
  EXPECT_THAT(std::string(told.at("eventArn").as_string()),
              StartsWith("arn:aws:health:eu-west-1::event/EC2/AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED/"));
  EXPECT_THAT(std::string(told.at("communicationId").as_string()), MatchesRegex(".+-1"));
  for (const auto* own : {"startTime", "endTime", "lastUpdatedTime", "eventArn", "communicationId", "eventDescription"})
    detail[own] = told.at(own);
  for (const auto* own : {"id", "time"}) expected[own] = body.at(own);
  expected["resources"] = boost::json::array{id};
  detail["affectedEntities"] = boost::json::array{boost::json::object{{"entityValue", id}}};
  EXPECT_EQ(body, expected);
}

TEST_F(ec2_maintenance_test, kills_what_runs_and_is_completed_once_the_agent_is_back) {
  const auto arn = containers->run_task("prod", "web", id);
  schedule();
  time.advance(1h - 1s);
  EXPECT_EQ(containers->tasks("prod").at(0).last_status, "RUNNING");
  EXPECT_TRUE(is_connected());

  time.advance(1s);
  EXPECT_EQ(containers->tasks("prod").at(0).last_status, "STOPPED");
  EXPECT_EQ(containers->tasks("prod").at(0).arn, arn);
  EXPECT_FALSE(is_connected());
  EXPECT_EQ(machines->state(id), "running");
  EXPECT_EQ(described(), "The instance is scheduled for a reboot");

  time.advance(2min - 1s);
  EXPECT_FALSE(is_connected());
  time.advance(1s);
  EXPECT_TRUE(is_connected());
  EXPECT_EQ(described(), "[Completed] The instance is scheduled for a reboot");
}

TEST_F(ec2_maintenance_test, leaves_a_draining_instance_draining) {
  const auto arn = std::string(container_instance().at("containerInstanceArn").as_string());
  const boost::json::object asked{
      {"cluster", "prod"}, {"containerInstances", boost::json::array{arn}}, {"status", "DRAINING"}};
  ecs_ask("UpdateContainerInstancesState", boost::json::serialize(asked));
  schedule();

  time.advance(2h);

  EXPECT_EQ(containers->instance_status(id), "DRAINING");
}

TEST_F(ec2_maintenance_test, is_listed_for_a_week_after_its_end) {
  schedule();

  time.advance(1h + 2min + 7 * 24h - 1s);
  EXPECT_THAT(described(), StartsWith("[Completed]"));
  time.advance(1s);

  EXPECT_THAT(statuses(), Not(HasSubstr("eventsSet")));
}

TEST_F(ec2_maintenance_test, is_canceled_when_the_instance_does_not_run_any_more) {
  schedule();
  time.advance(30min);
  machines->terminate(id);
  time.advance(30min);

  EXPECT_EQ(element(statuses({{"InstanceId.1", id}, {"IncludeAllInstances", "true"}}), "description"),
            "[Canceled] The instance is scheduled for a reboot");
}

TEST_F(ec2_maintenance_test, of_two_is_listed_twice_and_each_ends_by_itself) {
  schedule();
  machines->schedule_reboot(id, time.now() + 5h, 2min);

  time.advance(2h);

  EXPECT_EQ(occurrences(statuses(), "<instanceEventId>"), 2U);
  EXPECT_EQ(occurrences(statuses(), "[Completed]"), 1U);
}

TEST_F(ec2_maintenance_test, of_an_instance_unknown_to_a_caller_in_cpp_is_its_bug) {
  EXPECT_THROW(machines->schedule_reboot("i-none", time.now(), 1min), std::invalid_argument);
}

struct ec2_statuses : ec2_maintenance_test {};

TEST_F(ec2_statuses, are_of_running_instances_unless_all_are_asked_for) {
  EXPECT_THAT(statuses(), AllOf(HasSubstr("<instanceId>" + id),
                                HasSubstr("<systemStatus><status>ok</status><details><item><name>reachability</name>"
                                          "<status>passed</status></item></details></systemStatus><instanceStatus>")));

  machines->terminate(id);

  EXPECT_THAT(statuses(), Not(HasSubstr("<item>")));
  EXPECT_THAT(statuses({{"InstanceId.1", id}}), Not(HasSubstr("<item>")));
  EXPECT_THAT(statuses({{"IncludeAllInstances", "true"}}),
              AllOf(HasSubstr("<instanceState><code>32</code><name>shutting-down</name></instanceState>"),
                    HasSubstr("<systemStatus><status>not-applicable</status></systemStatus>")));
}

TEST_F(ec2_statuses, are_narrowed_by_events_and_not_by_tags_nor_by_ids_as_filters) {
  const auto other = machines->launch("", {{"Team", "web"}});
  schedule();
  const auto refused = [this](std::map<std::string, std::string> asked) {
    return ec2_query("DescribeInstanceStatus", std::move(asked)).error().code;
  };

  EXPECT_EQ(occurrences(statuses(), "<instanceId>"), 2U);
  const auto found = statuses({{"Filter.1.Name", "event.code"}, {"Filter.1.Value.1", "*-reboot"}});
  EXPECT_THAT(found, AllOf(HasSubstr(id), Not(HasSubstr(other))));
  EXPECT_EQ(refused({{"Filter.1.Name", "instance-id"}, {"Filter.1.Value.1", id}}), "InvalidParameterValue");
  EXPECT_EQ(refused({{"Filter.1.Name", "tag:Team"}, {"Filter.1.Value.1", "web"}}), "InvalidParameterValue");
  EXPECT_EQ(refused({{"InstanceId.1", "i-00000000000000000"}}), "InvalidInstanceID.NotFound");
  EXPECT_EQ(refused({{"InstanceId.1", id}, {"MaxResults", "5"}}), "InvalidParameterCombination");
}

}  // namespace
}  // namespace lifehook::simulator
