#include "tests/simulator/fleet_scene.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

namespace lifehook::simulator {
namespace {

using boost::json::parse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::string_view report_definition = R"({"family":"report","networkMode":"awsvpc","cpu":"256","memory":"512",
    "requiresCompatibilities":["FARGATE"],"containerDefinitions":[
    {"name":"main","image":"main:1","stopTimeout":90},{"name":"log","image":"log:1","essential":false}]})";
constexpr std::string_view network =
    R"("networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-1"],"securityGroups":["sg-1"]}})";

struct ecs_fargate : fleet_scene {
  ecs_fargate() {
    containers->create_cluster("prod");
    queues->create_queue("events");
    containers->bridge_tasks(queues->queue_arn("events"));
    ecs_ask("RegisterTaskDefinition", report_definition);
  }

  answered run(std::string_view more) {
    return ecs_call("RunTask", fmt::format(R"({{"cluster":"prod","taskDefinition":"report",{},{}}})", network, more));
  }
  std::string run_spot(std::string_view more = R"("group":"family:report")") {
    const auto told =
        run(fmt::format(R"("capacityProviderStrategy":[{{"capacityProvider":"FARGATE_SPOT","weight":1}}],{})", more));
    return std::string(told->json.at("tasks").at(0).at("taskArn").as_string());
  }
  boost::json::object described(std::string_view arn) {
    const auto told =
        ecs_ask("DescribeTasks", fmt::format(R"({{"cluster":"prod","tasks":["{}"],"include":["TAGS"]}})", arn));
    return told.at("tasks").at(0).as_object();
  }
  std::string status(std::string_view arn) { return std::string(described(arn).at("lastStatus").as_string()); }
  std::string text(const boost::json::value& of) { return std::string(of.as_string()); }
  // "lastStatus/desiredStatus/stopCode" of each event.
  std::vector<std::string> told() {
    std::vector<std::string> all;
    for (const auto& body : queues->bodies(queues->queue_arn("events"))) {
      const auto event = parse(body);
      const auto& detail = event.at("detail").as_object();
      const auto* code = detail.if_contains("stopCode");
      all.push_back(fmt::format("{}/{}/{}", text(detail.at("lastStatus")), text(detail.at("desiredStatus")),
                                code ? text(*code) : ""));
    }
    return all;
  }
  // Members of a sample that are not there.
  static std::vector<std::string> lacking(const boost::json::object& made, const boost::json::object& sample) {
    std::vector<std::string> names;
    for (const auto& [name, value] : sample)
      if (!made.contains(name)) names.emplace_back(name);
    return names;
  }
  std::vector<int> exit_codes(std::string_view arn) {
    std::vector<int> codes;
    const auto task = described(arn);
    for (const auto& each : task.at("containers").as_array()) {
      const auto* code = each.as_object().if_contains("exitCode");
      codes.push_back(code ? static_cast<int>(code->as_int64()) : -1);
    }
    return codes;
  }
};

TEST_F(ecs_fargate, a_task_runs_without_a_container_instance_and_with_an_interface_of_its_own) {
  const auto arn = run_spot(R"("startedBy":"me","tags":[{"key":"k","value":"v"}],"enableExecuteCommand":true,
      "overrides":{"containerOverrides":[{"name":"log","command":["x"]}]})");
  time.advance(3s);

  const auto task = described(arn);
  EXPECT_EQ(task.at("lastStatus"), "RUNNING");
  EXPECT_EQ(task.at("launchType"), "FARGATE");
  EXPECT_EQ(task.at("capacityProviderName"), "FARGATE_SPOT");
  EXPECT_EQ(task.at("platformVersion"), "1.4.0");
  EXPECT_EQ(task.at("startedBy"), "me");
  EXPECT_EQ(task.at("group"), "family:report");
  EXPECT_EQ(task.at("enableExecuteCommand"), true);
  EXPECT_EQ(task.at("tags"), parse(R"([{"key":"k","value":"v"}])"));
  EXPECT_EQ(task.at("overrides"), parse(R"({"containerOverrides":[{"name":"log","command":["x"]},{"name":"main"}]})"));
  EXPECT_FALSE(task.contains("containerInstanceArn"));
  const auto& attachment = task.at("attachments").at(0);
  EXPECT_EQ(attachment.at("type"), "ElasticNetworkInterface");
  EXPECT_EQ(attachment.at("status"), "ATTACHED");
  EXPECT_EQ(attachment.at("details").at(0), parse(R"({"name":"subnetId","value":"subnet-1"})"));
  ASSERT_THAT(interfaces.all(), SizeIs(1));
  EXPECT_EQ(attachment.at("details").at(1).at("value"), interfaces.all().begin()->first.c_str());
  EXPECT_EQ(attachment.at("details").at(3).at("value"), interfaces.all().begin()->second.c_str());
}

TEST_F(ecs_fargate, a_launch_type_is_no_capacity_provider) {
  const auto one = run(R"("launchType":"FARGATE","platformVersion":"1.3.0")")->json.at("tasks").at(0).as_object();

  EXPECT_EQ(one.at("launchType"), "FARGATE");
  EXPECT_EQ(one.at("platformVersion"), "1.3.0");
  EXPECT_FALSE(one.contains("capacityProviderName"));
}

TEST_F(ecs_fargate, what_fargate_cannot_run_is_refused) {
  ecs_ask("RegisterTaskDefinition", R"({"family":"web","containerDefinitions":[{"name":"web","image":"web"}]})");
  ecs_ask("CreateCluster", R"({"clusterName":"bare"})");
  const auto spot = R"("capacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT","weight":1}])";
  const auto why = [&](std::string_view body) { return ecs_call("RunTask", body).error().message; };

  EXPECT_EQ(why(fmt::format(R"({{"cluster":"prod","taskDefinition":"web","launchType":"FARGATE",{}}})", network)),
            "Task definition does not support launch_type FARGATE.");
  EXPECT_THAT(why(R"({"cluster":"prod","taskDefinition":"report","launchType":"FARGATE"})"),
              StartsWith("Network Configuration must be provided"));
  EXPECT_THAT(why(fmt::format(R"({{"cluster":"bare","taskDefinition":"report",{},{}}})", network, spot)),
              HasSubstr("not associated with the cluster"));
  EXPECT_THAT(run(fmt::format(R"("launchType":"FARGATE",{})", spot)).error().message,
              StartsWith("Specifying both a launch type and capacity provider strategy"));
  EXPECT_THAT(run(R"("launchType":"FARGATE","overrides":{"containerOverrides":[{"name":"nobody"}]})").error().message,
              StartsWith("Override for container named nobody"));
  EXPECT_THAT(interfaces.all(), IsEmpty());
}

TEST_F(ecs_fargate, a_cluster_s_own_strategy_counts_when_none_is_asked_for) {
  ecs_ask("CreateCluster", R"({"clusterName":"own","capacityProviders":["FARGATE","FARGATE_SPOT"],
      "defaultCapacityProviderStrategy":[{"capacityProvider":"FARGATE"},{"capacityProvider":"FARGATE_SPOT","weight":2}]})");

  const auto told = ecs_ask("RunTask", fmt::format(R"({{"cluster":"own","taskDefinition":"report",{}}})", network));

  EXPECT_EQ(told.at("tasks").at(0).at("capacityProviderName"), "FARGATE_SPOT");
}

TEST_F(ecs_fargate, the_same_client_token_runs_one_task) {
  const auto first = run(R"("launchType":"FARGATE","clientToken":"once","count":2)").value();

  const auto again = run(R"("launchType":"FARGATE","clientToken":"once","count":2)").value();
  const auto other = run(R"("launchType":"FARGATE","clientToken":"once","count":1)");

  EXPECT_EQ(again.json.at("tasks").at(0).at("taskArn"), first.json.at("tasks").at(0).at("taskArn"));
  EXPECT_EQ(other.error().code, "ConflictException");
  EXPECT_THAT(other.error().details.at("resourceIds").as_array(),
              ElementsAre(first.json.at("tasks").at(0).at("taskArn"), first.json.at("tasks").at(1).at("taskArn")));
  EXPECT_THAT(containers->tasks("prod"), SizeIs(2));
  time.advance(25h);
  EXPECT_TRUE(run(R"("launchType":"FARGATE","clientToken":"once","count":1)").has_value());
}

TEST_F(ecs_fargate, want_of_capacity_is_a_failure_in_a_success) {
  containers->refuse_capacity("FARGATE", 1);

  const auto told = run(R"("launchType":"FARGATE","count":2,"clientToken":"t")").value();

  EXPECT_THAT(told.json.at("tasks").as_array(), SizeIs(1));
  EXPECT_EQ(told.json.at("failures").at(0).at("reason"),
            "Capacity is unavailable at this time. Please try again later or in a different availability zone");
}

TEST_F(ecs_fargate, a_token_that_ran_nothing_may_be_used_again) {
  containers->refuse_capacity("FARGATE", 1);
  run(R"("launchType":"FARGATE","clientToken":"t")").value();

  const auto told = run(R"("launchType":"FARGATE","clientToken":"t","startedBy":"other")").value();

  EXPECT_THAT(told.json.at("tasks").as_array(), SizeIs(1));
}

TEST_F(ecs_fargate, a_stopped_task_gives_its_interface_back_before_it_has_stopped) {
  const auto arn = run_spot();
  time.advance(10s);

  ecs_ask("StopTask", fmt::format(R"({{"cluster":"prod","task":"{}","reason":"enough"}})", arn));
  EXPECT_EQ(status(arn), "DEACTIVATING");
  EXPECT_THAT(interfaces.all(), SizeIs(1));
  time.advance(5s);
  EXPECT_EQ(status(arn), "DEPROVISIONING");
  EXPECT_THAT(interfaces.all(), IsEmpty());
  time.advance(3s);

  const auto task = described(arn);
  EXPECT_EQ(task.at("lastStatus"), "STOPPED");
  EXPECT_EQ(task.at("stopCode"), "UserInitiated");
  EXPECT_EQ(task.at("stoppedReason"), "enough");
  EXPECT_EQ(task.at("attachments").at(0).at("status"), "DELETED");
  EXPECT_THAT(exit_codes(arn), ElementsAre(143, 143));
}

TEST_F(ecs_fargate, an_interrupted_spot_task_has_its_stop_timeout_left) {
  const auto arn = run_spot();
  time.advance(10s);

  containers->interrupt_spot_task(arn);

  EXPECT_EQ(status(arn), "RUNNING");
  EXPECT_EQ(described(arn).at("desiredStatus"), "STOPPED");
  EXPECT_EQ(described(arn).at("stopCode"), "TerminationNotice");
  time.advance(89s);
  EXPECT_EQ(status(arn), "DEPROVISIONING");
  time.advance(1s);
  EXPECT_EQ(status(arn), "STOPPED");
  EXPECT_EQ(described(arn).at("stopCode"), "SpotInterruption");
  EXPECT_EQ(described(arn).at("stoppedReason"), "Your Spot Task was interrupted.");
  EXPECT_THAT(exit_codes(arn), ElementsAre(137, 137));
  EXPECT_THAT(told(),
              ElementsAre("RUNNING/RUNNING/", "RUNNING/STOPPED/TerminationNotice", "STOPPED/STOPPED/SpotInterruption"));
  EXPECT_THAT(interfaces.all(), IsEmpty());
}

TEST_F(ecs_fargate, an_interrupted_task_without_stop_timeout_has_two_minutes_and_may_end_well) {
  const auto arn = containers->run_fargate_task({.cluster = "prod", .family = "plain"});
  time.advance(10s);

  containers->interrupt_spot_task(arn, {{"app", 0}});

  time.advance(119s);
  EXPECT_NE(status(arn), "STOPPED");
  time.advance(1s);
  EXPECT_EQ(status(arn), "STOPPED");
  EXPECT_THAT(exit_codes(arn), ElementsAre(0));
}

TEST_F(ecs_fargate, an_interrupted_task_that_ends_by_itself_stops_sooner_and_keeps_its_cause) {
  const auto arn = run_spot();
  time.advance(10s);
  containers->interrupt_spot_task(arn);

  containers->exit_task(arn, {{"main", 0}});
  time.advance(3s);

  EXPECT_EQ(status(arn), "STOPPED");
  EXPECT_EQ(described(arn).at("stopCode"), "SpotInterruption");
  EXPECT_THAT(exit_codes(arn), ElementsAre(0, 137));
  EXPECT_EQ(told().size(), 3U);
}

TEST_F(ecs_fargate, only_spot_tasks_are_interrupted) {
  const auto arn = containers->run_fargate_task({.cluster = "prod", .capacity_provider = ""});

  EXPECT_THROW(containers->interrupt_spot_task(arn), std::invalid_argument);
}

TEST_F(ecs_fargate, a_task_ends_with_its_essential_container) {
  const auto arn = run_spot();
  time.advance(10s);

  containers->exit_task(arn, {{"log", 3}});
  EXPECT_EQ(status(arn), "RUNNING");
  EXPECT_THAT(exit_codes(arn), ElementsAre(-1, 3));
  containers->exit_task(arn, {{"main", 1}});
  time.advance(3s);

  EXPECT_EQ(status(arn), "STOPPED");
  EXPECT_EQ(described(arn).at("stopCode"), "EssentialContainerExited");
  EXPECT_EQ(described(arn).at("stoppedReason"), "Essential container in task exited");
  EXPECT_THAT(exit_codes(arn), ElementsAre(1, 3));
}

TEST_F(ecs_fargate, a_task_on_an_instance_ends_with_its_container_too) {
  containers->register_instance("prod", "i-a");
  const auto arn = containers->run_task("prod", "batch", "i-a");
  time.advance(10s);

  containers->exit_task(arn, {{"app", 7}});
  time.advance(1s);

  EXPECT_EQ(status(arn), "STOPPED");
  EXPECT_THAT(exit_codes(arn), ElementsAre(7));
  EXPECT_THAT(told(), ElementsAre("RUNNING/RUNNING/", "RUNNING/STOPPED/EssentialContainerExited",
                                  "STOPPED/STOPPED/EssentialContainerExited"));
}

TEST_F(ecs_fargate, a_task_event_is_shaped_as_eventbridge_sends_it) {
  const auto arn = run_spot();
  time.advance(10s);
  containers->interrupt_spot_task(arn);

  const auto event = body_of(queues->queue_arn("events"), 1);

  EXPECT_EQ(event.at("source"), "aws.ecs");
  EXPECT_EQ(event.at("detail-type"), "ECS Task State Change");
  EXPECT_EQ(event.at("time"), "2026-03-02T00:00:10Z");
  EXPECT_THAT(event.at("resources").as_array(), ElementsAre(arn.c_str()));
  const auto& detail = event.at("detail").as_object();
  EXPECT_EQ(detail.at("startedAt"), "2026-03-02T00:00:03.000Z");
  EXPECT_EQ(detail.at("stoppingAt"), "2026-03-02T00:00:10.000Z");
  EXPECT_EQ(detail.at("updatedAt"), "2026-03-02T00:00:10.000Z");
  EXPECT_EQ(detail.at("attachments").at(0).at("type"), "eni");
  EXPECT_EQ(detail.at("capacityProviderName"), "FARGATE_SPOT");
  EXPECT_FALSE(detail.contains("tags"));
}

TEST_F(ecs_fargate, a_task_event_has_all_that_captured_ones_have) {
  const auto arn = run_spot(R"("startedBy":"me")");
  time.advance(10s);
  containers->interrupt_spot_task(arn);
  time.advance(120s);
  const std::array<std::string, 3> captured{"running", "spot-termination-notice", "spot-stopped"};

  for (std::size_t i = 0; i < captured.size(); ++i) {
    std::ifstream file(std::string(LIFEHOOK_SOURCE) + "/tests/data/messages/eb-ecs-task-fargate-" + captured[i] +
                       ".json");
    const auto sample = parse(std::string(std::istreambuf_iterator(file), {}));
    const auto event = body_of(queues->queue_arn("events"), i);
    EXPECT_THAT(lacking(event, sample.as_object()), IsEmpty()) << captured[i];
    EXPECT_THAT(lacking(event.at("detail").as_object(), sample.at("detail").as_object()), IsEmpty()) << captured[i];
    EXPECT_THAT(lacking(event.at("detail").at("containers").at(0).as_object(),
                        sample.at("detail").at("containers").at(0).as_object()),
                IsEmpty())
        << captured[i];
  }
}

TEST_F(ecs_fargate, a_service_s_interrupted_task_is_replaced_and_its_target_groups_are_told) {
  service_settings with{.cluster = "prod", .name = "web", .capacity_provider = "FARGATE_SPOT"};
  with.load_balancers = {{"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1", "app", 8080}};
  containers->create_service(with);
  time.advance(10s);
  const auto first = containers->tasks("prod").at(0);
  EXPECT_EQ(first.service, "web");
  EXPECT_EQ(first.last_status, "RUNNING");

  containers->interrupt_spot_task(first.arn);
  time.advance(10s);

  ASSERT_THAT(containers->tasks("prod"), SizeIs(2));
  EXPECT_EQ(containers->tasks("prod").at(1).last_status, "RUNNING");
  EXPECT_EQ(described(first.arn).at("group"), "service:web");
  const auto shown = ecs_ask("DescribeServices", R"({"cluster":"prod","services":["web"]})").at("services").at(0);
  EXPECT_EQ(shown.at("loadBalancers"),
            parse(R"([{"targetGroupArn":"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1",
                       "containerName":"app","containerPort":8080}])"));
  EXPECT_EQ(shown.at("capacityProviderStrategy").at(0).at("capacityProvider"), "FARGATE_SPOT");
  EXPECT_FALSE(shown.as_object().contains("launchType"));
}

TEST_F(ecs_fargate, a_service_without_capacity_says_so_and_tries_again) {
  containers->refuse_capacity("FARGATE", 1);
  ecs_ask("CreateService", fmt::format(R"({{"cluster":"prod","serviceName":"web","taskDefinition":"report",
      "launchType":"FARGATE","desiredCount":1,{}}})",
                                       network));
  time.advance(1s);
  const auto shown = ecs_ask("DescribeServices", R"({"cluster":"prod","services":["web"]})").at("services").at(0);
  EXPECT_THAT(text(shown.at("events").at(0).at("message")),
              HasSubstr("was unable to place a task. Reason: Capacity is unavailable at this time."));

  time.advance(40s);

  ASSERT_THAT(containers->tasks("prod"), SizeIs(1));
  EXPECT_EQ(containers->tasks("prod").at(0).last_status, "RUNNING");
}

TEST_F(ecs_fargate, a_cluster_counts_its_fargate_tasks_and_lists_them_by_launch_type) {
  run_spot();
  time.advance(10s);
  run_spot();

  const auto cluster = ecs_ask("DescribeClusters", R"({"clusters":["prod"]})").at("clusters").at(0);
  EXPECT_EQ(cluster.at("runningTasksCount").to_number<int>(), 1);
  EXPECT_EQ(cluster.at("pendingTasksCount").to_number<int>(), 1);
  EXPECT_THAT(ecs_ask("ListTasks", R"({"cluster":"prod","launchType":"FARGATE"})").at("taskArns").as_array(),
              SizeIs(2));
  EXPECT_THAT(ecs_ask("ListTasks", R"({"cluster":"prod","launchType":"EC2"})").at("taskArns").as_array(), IsEmpty());
}

TEST_F(ecs_fargate, task_definitions_are_kept_by_revision) {
  ecs_ask("RegisterTaskDefinition",
          R"({"family":"report","containerDefinitions":[{"name":"other","image":"other","essential":true}]})");

  const auto first = ecs_ask("DescribeTaskDefinition", R"({"taskDefinition":"report:1"})").at("taskDefinition");
  const auto latest = ecs_ask("DescribeTaskDefinition", R"({"taskDefinition":"report"})").at("taskDefinition");

  EXPECT_EQ(first.at("containerDefinitions").at(0).at("essential"), true);
  EXPECT_EQ(first.at("containerDefinitions").at(1).at("essential"), false);
  EXPECT_EQ(latest.at("containerDefinitions").at(0).at("name"), "other");
  EXPECT_EQ(latest.at("taskDefinitionArn"), "arn:aws:ecs:eu-west-1:111122223333:task-definition/report:2");
  EXPECT_EQ(ecs_call("DescribeTaskDefinition", R"({"taskDefinition":"nothing"})").error().code, "ClientException");
  EXPECT_THAT(ecs_call("RegisterTaskDefinition", R"({"family":"report","containerDefinitions":[]})").error().message,
              HasSubstr("Container list cannot be empty"));
}

}  // namespace
}  // namespace lifehook::simulator
