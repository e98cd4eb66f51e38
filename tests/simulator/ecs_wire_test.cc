#include "tests/simulator/fleet_scene.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;

struct ecs_wire : fleet_scene {
  ecs_wire() { containers->create_cluster("prod"); }

  std::string text(const boost::json::value& of) { return std::string(of.as_string()); }
  std::string code(std::string action, std::string_view body) { return ecs_call(std::move(action), body).error().code; }
  std::size_t listed(std::string action, std::string_view member, std::string_view body) {
    return ecs_ask(std::move(action), body).at(member).as_array().size();
  }
};

TEST_F(ecs_wire, registers_a_container_instance_by_its_identity_document) {
  const auto told = ecs_ask("RegisterContainerInstance",
                            R"({"cluster":"prod","instanceIdentityDocument":"{\"instanceId\":\"i-0a1b\"}"})");

  const auto& instance = told.at("containerInstance");
  EXPECT_THAT(text(instance.at("containerInstanceArn")),
              MatchesRegex("arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/[0-9a-f]{32}"));
  EXPECT_EQ(instance.at("ec2InstanceId"), "i-0a1b");
  EXPECT_EQ(instance.at("status"), "ACTIVE");
  EXPECT_TRUE(instance.at("registeredAt").is_double());
  EXPECT_EQ(containers->instance_status("i-0a1b"), "ACTIVE");
}

TEST_F(ecs_wire, answers_cluster_not_found_for_an_unknown_cluster) {
  const auto refused = ecs_call("ListContainerInstances", R"({"cluster":"nowhere"})");

  EXPECT_EQ(refused.error().status, 400);
  EXPECT_EQ(refused.error().code, "ClusterNotFoundException");
  EXPECT_EQ(refused.error().message, "Cluster not found.");
}

TEST_F(ecs_wire, takes_a_cluster_by_name_or_by_arn) {
  const auto told = ecs_ask("DescribeClusters",
                            R"({"clusters":["prod","arn:aws:ecs:eu-west-1:111122223333:cluster/prod","nowhere"]})");

  EXPECT_THAT(told.at("clusters").as_array(), SizeIs(2));
  EXPECT_EQ(told.at("clusters").at(0).at("status"), "ACTIVE");
  EXPECT_EQ(told.at("failures").at(0).at("reason"), "MISSING");
}

TEST_F(ecs_wire, shows_a_deleted_cluster_as_inactive_and_changes_nothing_in_it) {
  ecs_ask("DeleteCluster", R"({"cluster":"prod"})");

  EXPECT_EQ(ecs_ask("DescribeClusters", R"({"clusters":["prod"]})").at("clusters").at(0).at("status"), "INACTIVE");
  EXPECT_THAT(ecs_ask("ListClusters", "{}").at("clusterArns").as_array(), SizeIs(0));
  EXPECT_EQ(code("RunTask", R"({"cluster":"prod","taskDefinition":"report"})"), "ClusterNotFoundException");
}

TEST_F(ecs_wire, lists_instances_by_filter_and_status) {
  const auto arn = containers->register_instance("prod", "i-a");
  containers->register_instance("prod", "i-b");
  ecs_ask("UpdateContainerInstancesState",
          fmt::format(R"({{"cluster":"prod","containerInstances":["{}"],"status":"DRAINING"}})", arn));

  const auto found = ecs_ask("ListContainerInstances", R"({"cluster":"prod","filter":"ec2InstanceId == i-a"})");
  EXPECT_EQ(found.at("containerInstanceArns").at(0), arn.c_str());
  EXPECT_EQ(listed("ListContainerInstances", "containerInstanceArns",
                   R"({"cluster":"prod","filter":"ec2InstanceId in [i-a, i-b, i-c]"})"),
            2U);
  EXPECT_EQ(listed("ListContainerInstances", "containerInstanceArns", R"({"cluster":"prod","status":"DRAINING"})"), 1U);
  EXPECT_EQ(listed("ListContainerInstances", "containerInstanceArns",
                   R"({"cluster":"prod","status":"ACTIVE","filter":"ec2InstanceId == i-a"})"),
            0U);
  EXPECT_EQ(code("ListContainerInstances", R"({"cluster":"prod","filter":"colour == red"})"),
            "InvalidParameterException");
}

TEST_F(ecs_wire, lists_in_pages_of_at_most_a_hundred) {
  for (int i = 0; i < 250; ++i) containers->register_instance("prod", fmt::format("i-{}", i));
  std::set<std::string> seen;
  std::string token;
  int pages = 0;

  do {
    const auto page = ecs_ask("ListContainerInstances", fmt::format(R"({{"cluster":"prod","nextToken":"{}"}})", token));
    for (const auto& arn : page.at("containerInstanceArns").as_array()) seen.insert(text(arn));
    token = page.contains("nextToken") ? text(page.at("nextToken")) : "";
    ++pages;
  } while (!token.empty());

  EXPECT_EQ(pages, 3);
  EXPECT_THAT(seen, SizeIs(250));
  EXPECT_EQ(code("ListContainerInstances", R"({"cluster":"prod","maxResults":101})"), "InvalidParameterException");
}

TEST_F(ecs_wire, reports_unknown_instances_as_failures_in_a_success) {
  const auto told = ecs_ask("DescribeContainerInstances", R"({"cluster":"prod","containerInstances":["0123"]})");

  EXPECT_THAT(told.at("containerInstances").as_array(), SizeIs(0));
  EXPECT_EQ(told.at("failures").at(0).at("reason"), "MISSING");
  EXPECT_EQ(told.at("failures").at(0).at("arn"), "arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/0123");
}

TEST_F(ecs_wire, changes_the_state_of_at_most_ten_instances_that_are_not_inactive) {
  const auto arn = containers->register_instance("prod", "i-a");
  const auto gone = containers->register_instance("prod", "i-gone");
  instances.end("i-gone", "web-asg");

  const auto told = ecs_ask(
      "UpdateContainerInstancesState",
      fmt::format(R"({{"cluster":"prod","containerInstances":["{}","{}","nope"],"status":"DRAINING"}})", arn, gone));

  EXPECT_EQ(told.at("containerInstances").at(0).at("status"), "DRAINING");
  EXPECT_EQ(told.at("failures").at(0).at("reason"), "INACTIVE");
  EXPECT_EQ(told.at("failures").at(1).at("reason"), "MISSING");
  const std::string eleven = R"({"cluster":"prod","status":"DRAINING",)"
                             R"("containerInstances":["a","b","c","d","e","f","g","h","i","j","k"]})";
  EXPECT_EQ(code("UpdateContainerInstancesState", eleven), "InvalidParameterException");
  EXPECT_EQ(
      code("UpdateContainerInstancesState", R"({"cluster":"prod","status":"INACTIVE","containerInstances":["1"]})"),
      "InvalidParameterException");
}

TEST_F(ecs_wire, deregisters_an_instance_with_tasks_only_by_force) {
  const auto arn = containers->register_instance("prod", "i-a");
  containers->run_task("prod", "report", "i-a");
  const auto asked = [&arn](bool force) {
    return fmt::format(R"({{"cluster":"prod","containerInstance":"{}","force":{}}})", arn, force);
  };

  EXPECT_EQ(code("DeregisterContainerInstance", asked(false)), "InvalidParameterException");
  const auto told = ecs_ask("DeregisterContainerInstance", asked(true));

  EXPECT_EQ(told.at("containerInstance").at("status"), "INACTIVE");
  EXPECT_EQ(listed("ListContainerInstances", "containerInstanceArns", R"({"cluster":"prod"})"), 0U);
  EXPECT_FALSE(containers->tasks("prod").at(0).lost);
}

TEST_F(ecs_wire, describes_an_inactive_instance_for_an_hour) {
  const auto arn = containers->register_instance("prod", "i-a");
  instances.end("i-a", "web-asg");
  const auto asked = fmt::format(R"({{"cluster":"prod","containerInstances":["{}"]}})", arn);

  EXPECT_EQ(ecs_ask("DescribeContainerInstances", asked).at("containerInstances").at(0).at("status"), "INACTIVE");
  time.advance(1h);

  EXPECT_EQ(ecs_ask("DescribeContainerInstances", asked).at("failures").at(0).at("reason"), "MISSING");
}

TEST_F(ecs_wire, lists_tasks_by_instance_status_family_service_and_starter) {
  const auto arn = containers->register_instance("prod", "i-a");
  containers->register_instance("prod", "i-b");
  containers->create_service({.cluster = "prod", .name = "web", .desired = 1});
  const auto report = containers->run_task("prod", "report", "i-a");
  time.advance(3s);
  const auto count = [this](std::string_view filter) {
    return listed("ListTasks", "taskArns", fmt::format(R"({{"cluster":"prod",{}}})", filter));
  };

  EXPECT_EQ(count(R"("maxResults":100)"), 2U);
  EXPECT_EQ(count(R"("family":"report")"), 1U);
  EXPECT_EQ(count(R"("serviceName":"web")"), 1U);
  EXPECT_EQ(count(R"("startedBy":"nobody")"), 0U);
  EXPECT_EQ(count(R"("desiredStatus":"STOPPED")"), 0U);
  EXPECT_EQ(count(R"("desiredStatus":"PENDING")"), 0U);
  containers->stop_task(report);
  EXPECT_EQ(count(fmt::format(R"("containerInstance":"{}","desiredStatus":"STOPPED")", arn)), 1U);
  EXPECT_EQ(code("ListTasks", R"({"cluster":"prod","serviceName":"nobody"})"), "ServiceNotFoundException");
}

TEST_F(ecs_wire, describes_tasks_with_what_started_and_what_stopped_them) {
  containers->register_instance("prod", "i-a");
  containers->create_service({.cluster = "prod", .name = "web", .desired = 1});
  time.advance(3s);
  const auto arn = containers->tasks("prod").at(0).arn;
  ecs_ask("StopTask", fmt::format(R"({{"cluster":"prod","task":"{}","reason":"moved away"}})", arn));

  const auto told = ecs_ask("DescribeTasks", fmt::format(R"({{"cluster":"prod","tasks":["{}","nope"]}})", arn));

  const auto& task = told.at("tasks").at(0);
  EXPECT_EQ(task.at("group"), "service:web");
  EXPECT_THAT(text(task.at("startedBy")), HasSubstr("ecs-svc/"));
  EXPECT_EQ(task.at("lastStatus"), "DEACTIVATING");
  EXPECT_EQ(task.at("desiredStatus"), "STOPPED");
  EXPECT_EQ(task.at("stopCode"), "UserInitiated");
  EXPECT_EQ(task.at("stoppedReason"), "moved away");
  EXPECT_EQ(told.at("failures").at(0).at("reason"), "MISSING");
}

TEST_F(ecs_wire, runs_tasks_once_per_client_token_and_keeps_overrides_and_tags) {
  containers->register_instance("prod", "i-a");
  ecs_ask("RegisterTaskDefinition", R"({"family":"report","containerDefinitions":[{"name":"app","image":"app:1"}]})");
  const auto* asked = R"({"cluster":"prod","taskDefinition":"report:1","clientToken":"once","startedBy":"me",
    "overrides":{"cpu":"256"},"tags":[{"key":"attempt","value":"2"}]})";

  const auto first = ecs_ask("RunTask", asked).at("tasks").at(0);
  const auto second = ecs_ask("RunTask", asked).at("tasks").at(0);

  EXPECT_EQ(first.at("taskArn"), second.at("taskArn"));
  EXPECT_EQ(first.at("overrides").at("cpu"), "256");
  EXPECT_EQ(first.at("tags").at(0).at("value"), "2");
  EXPECT_EQ(first.at("group"), "family:report");
  EXPECT_THAT(containers->tasks("prod"), SizeIs(1));
  EXPECT_EQ(code("RunTask", R"({"cluster":"prod","taskDefinition":"unknown"})"), "ClientException");
}

TEST_F(ecs_wire, deletes_the_tags_of_a_task_that_is_stopped) {
  containers->register_instance("prod", "i-a");
  ecs_ask("RegisterTaskDefinition", R"({"family":"report","containerDefinitions":[{"name":"app","image":"app:1"}]})");
  const auto* asked = R"({"cluster":"prod","taskDefinition":"report:1","tags":[{"key":"Team","value":"data"}]})";
  const auto arn = text(ecs_ask("RunTask", asked).at("tasks").at(0).at("taskArn"));

  ecs_ask("StopTask", fmt::format(R"({{"cluster":"prod","task":"{}"}})", arn));

  const auto told =
      ecs_ask("DescribeTasks", fmt::format(R"({{"cluster":"prod","tasks":["{}"],"include":["TAGS"]}})", arn));
  EXPECT_TRUE(told.at("tasks").at(0).at("tags").as_array().empty());
}

TEST_F(ecs_wire, says_which_resource_is_missing_when_a_task_has_no_room) {
  containers->register_instance("prod", "i-a", 0);
  ecs_ask("RegisterTaskDefinition", R"({"family":"report","containerDefinitions":[{"name":"app","image":"app:1"}]})");

  const auto told = ecs_ask("RunTask", R"({"cluster":"prod","taskDefinition":"report"})");

  EXPECT_THAT(told.at("tasks").as_array(), SizeIs(0));
  EXPECT_EQ(told.at("failures").at(0).at("reason"), "RESOURCE:MEMORY");
}

TEST_F(ecs_wire, protects_tasks_of_services_for_a_time) {
  containers->register_instance("prod", "i-a");
  containers->create_service({.cluster = "prod", .name = "web", .desired = 1});
  const auto standalone = containers->run_task("prod", "report", "i-a");
  time.advance(3s);
  const auto arn = containers->tasks("prod").at(0).service == "web" ? containers->tasks("prod").at(0).arn
                                                                    : containers->tasks("prod").at(1).arn;
  const auto named = fmt::format(R"("cluster":"prod","tasks":["{}","{}"])", arn, standalone);

  const auto told = ecs_ask("UpdateTaskProtection", "{" + named + R"(,"protectionEnabled":true,"expiresInMinutes":1})");
  EXPECT_EQ(told.at("protectedTasks").at(0).at("protectionEnabled"), true);
  EXPECT_EQ(told.at("failures").at(0).at("reason"), "TASK_NOT_VALID");
  time.advance(1min);

  EXPECT_EQ(ecs_ask("GetTaskProtection", "{" + named + "}").at("protectedTasks").at(0).at("protectionEnabled"), false);
}

TEST_F(ecs_wire, protects_ten_tasks_by_one_call_and_tells_of_a_hundred) {
  const auto naming = [](std::size_t count) {
    std::string tasks;
    for (std::size_t i = 0; i < count; ++i) tasks += fmt::format(R"({}"{:032x}")", i == 0 ? "" : ",", i);
    return R"({"cluster":"prod","protectionEnabled":true,"tasks":[)" + tasks + "]}";
  };

  EXPECT_EQ(ecs_ask("UpdateTaskProtection", naming(10)).at("failures").as_array().size(), 10U);
  EXPECT_EQ(code("UpdateTaskProtection", naming(11)), "InvalidParameterException");
  EXPECT_EQ(ecs_ask("GetTaskProtection", naming(100)).at("failures").as_array().size(), 100U);
  EXPECT_EQ(code("GetTaskProtection", naming(101)), "InvalidParameterException");
}

TEST_F(ecs_wire, creates_describes_and_deletes_services) {
  containers->register_instance("prod", "i-a");
  ecs_ask("RegisterTaskDefinition", R"({"family":"web","containerDefinitions":[{"name":"app","image":"app:1"}]})");
  ecs_ask("CreateService", R"({"cluster":"prod","serviceName":"web","taskDefinition":"web","desiredCount":2,
    "deploymentConfiguration":{"minimumHealthyPercent":50,"maximumPercent":150}})");
  time.advance(3s);

  const auto told = ecs_ask("DescribeServices", R"({"cluster":"prod","services":["web","nobody"]})");
  const auto& service = told.at("services").at(0);
  EXPECT_EQ(service.at("runningCount"), 2);
  EXPECT_EQ(service.at("schedulingStrategy"), "REPLICA");
  EXPECT_EQ(service.at("deploymentConfiguration").at("minimumHealthyPercent"), 50);
  EXPECT_EQ(service.at("events").at(0).at("message"), "(service web) has reached a steady state.");
  EXPECT_EQ(told.at("failures").at(0).at("reason"), "MISSING");

  EXPECT_EQ(code("DeleteService", R"({"cluster":"prod","service":"web"})"), "InvalidParameterException");
  ecs_ask("DeleteService", R"({"cluster":"prod","service":"web","force":true})");
  time.advance(6s);
  EXPECT_EQ(ecs_ask("DescribeServices", R"({"cluster":"prod","services":["web"]})").at("services").at(0).at("status"),
            "INACTIVE");
  EXPECT_EQ(code("UpdateService", R"({"cluster":"prod","service":"nobody"})"), "ServiceNotFoundException");
}

TEST_F(ecs_wire, refuses_an_action_it_does_not_have) { EXPECT_EQ(code("MakeCoffee", "{}"), "InvalidAction"); }

}  // namespace
}  // namespace lifehook::simulator
