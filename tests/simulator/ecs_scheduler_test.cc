#include "tests/simulator/fleet_scene.h"

#include <gmock/gmock.h>

#include <fmt/format.h>

namespace lifehook::simulator {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct scheduler : fleet_scene {
  scheduler() { containers->create_cluster("prod"); }

  std::string join(std::string ec2_id, int slots = 10) {
    return containers->register_instance("prod", std::move(ec2_id), slots);
  }
  void service(std::string name, int desired, int minimum = 100, int maximum = 200) {
    service_settings with{.cluster = "prod", .name = std::move(name), .desired = desired};
    with.minimum_healthy_percent = minimum;
    with.maximum_percent = maximum;
    containers->create_service(with);
  }
  void daemon(std::string name) {
    service_settings with{.cluster = "prod", .name = std::move(name)};
    with.daemon = true;
    containers->create_service(with);
  }
  void set(const std::string& arn, std::string_view status) {
    ecs_ask("UpdateContainerInstancesState",
            fmt::format(R"({{"cluster":"prod","containerInstances":["{}"],"status":"{}"}})", arn, status));
  }
  std::vector<task_record> of(std::string_view ec2_id, std::string_view status = "RUNNING",
                              std::string_view service_name = "") {
    std::vector<task_record> found;
    for (const auto& each : containers->tasks("prod"))
      if (each.instance == ec2_id && each.last_status == status &&
          (service_name.empty() || each.service == service_name))
        found.push_back(each);
    return found;
  }
  std::size_t running(std::string_view service_name) {
    const auto all = containers->tasks("prod");
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& each) {
      return each.service == service_name && each.last_status == "RUNNING" && each.desired_status == "RUNNING";
    }));
  }
  std::vector<std::string> events(std::string_view name) {
    const auto told = ecs_ask("DescribeServices", fmt::format(R"({{"cluster":"prod","services":["{}"]}})", name));
    std::vector<std::string> messages;
    for (const auto& each : told.at("services").at(0).at("events").as_array())
      messages.emplace_back(each.at("message").as_string());
    return messages;
  }
  boost::json::value describe(const std::string& arn) {
    return ecs_ask("DescribeContainerInstances",
                   fmt::format(R"({{"cluster":"prod","containerInstances":["{}"]}})", arn))
        .at("containerInstances")
        .at(0);
  }
};

TEST_F(scheduler, starts_a_service_up_to_its_desired_count_spread_over_the_instances) {
  join("i-a");
  join("i-b");

  service("web", 4);
  time.advance(3s);

  EXPECT_THAT(of("i-a"), SizeIs(2));
  EXPECT_THAT(of("i-b"), SizeIs(2));
  EXPECT_THAT(events("web"), Contains("(service web) has reached a steady state."));
}

TEST_F(scheduler, moves_tasks_off_a_draining_instance_only_once_their_replacements_run) {
  const auto old = join("i-old");
  service("web", 2);
  time.advance(3s);
  join("i-new");

  set(old, "DRAINING");
  time.advance(2s);
  EXPECT_THAT(of("i-old"), SizeIs(2)) << "the replacements do not run yet";
  time.advance(1s);
  EXPECT_EQ(running("web"), 2U);
  EXPECT_THAT(of("i-old", "DEACTIVATING"), SizeIs(2));
  time.advance(5s);

  EXPECT_THAT(of("i-old", "STOPPED"), SizeIs(2));
  EXPECT_THAT(of("i-new"), SizeIs(2));
}

TEST_F(scheduler, never_drains_with_minimum_and_maximum_both_at_100) {
  const auto old = join("i-old");
  service("web", 2, 100, 100);
  time.advance(3s);
  join("i-new");

  set(old, "DRAINING");
  time.advance(24h);

  EXPECT_THAT(of("i-old"), SizeIs(2));
  EXPECT_THAT(of("i-new"), IsEmpty());
  EXPECT_THAT(events("web")[0], HasSubstr("because of the service deployment configuration"));
}

TEST_F(scheduler, stops_before_it_starts_when_the_maximum_is_100) {
  const auto old = join("i-old");
  service("web", 2, 50, 100);
  time.advance(3s);
  join("i-new");

  set(old, "DRAINING");
  time.advance(1s);
  EXPECT_THAT(of("i-old"), SizeIs(1)) << "half of them must stay";
  EXPECT_THAT(of("i-new", "PROVISIONING"), IsEmpty()) << "the old one has not stopped yet";
  time.advance(4s);
  EXPECT_THAT(of("i-new", "PROVISIONING"), SizeIs(1));
  time.advance(30s);

  EXPECT_THAT(of("i-old"), IsEmpty());
  EXPECT_THAT(of("i-new"), SizeIs(2));
}

TEST_F(scheduler, says_so_when_there_is_no_room_and_goes_on_when_there_is) {
  const auto old = join("i-old", 2);
  service("web", 2);
  time.advance(3s);

  set(old, "DRAINING");
  time.advance(1h);
  EXPECT_THAT(of("i-old"), SizeIs(2));
  EXPECT_EQ(events("web")[0],
            "(service web) was unable to place a task because no container instance met all of its requirements.");
  join("i-new", 2);
  time.advance(10s);

  EXPECT_THAT(of("i-old"), IsEmpty());
  EXPECT_THAT(of("i-new"), SizeIs(2));
}

TEST_F(scheduler, never_fills_an_instance_beyond_its_slots) {
  join("i-a", 3);

  service("web", 5);
  time.advance(10s);

  EXPECT_THAT(of("i-a"), SizeIs(3));
}

TEST_F(scheduler, stops_pending_service_tasks_of_a_draining_instance_at_once) {
  const auto old = join("i-old");
  service("web", 2);
  time.advance(2s);

  set(old, "DRAINING");

  EXPECT_THAT(of("i-old", "STOPPED"), SizeIs(2));
  EXPECT_EQ(describe(old).at("pendingTasksCount"), 0);
}

TEST_F(scheduler, runs_a_daemon_on_each_active_instance) {
  join("i-a");
  daemon("logs");
  join("i-b");
  time.advance(3s);

  EXPECT_THAT(of("i-a", "RUNNING", "logs"), SizeIs(1));
  EXPECT_THAT(of("i-b", "RUNNING", "logs"), SizeIs(1));
}

TEST_F(scheduler, stops_daemons_of_a_draining_instance_last) {
  const auto old = join("i-old");
  daemon("logs");
  service("web", 1);
  time.advance(3s);
  join("i-new");

  set(old, "DRAINING");
  time.advance(7s);
  EXPECT_THAT(of("i-old", "STOPPING", "web"), SizeIs(1));
  EXPECT_THAT(of("i-old", "RUNNING", "logs"), SizeIs(1));
  time.advance(1s);
  EXPECT_THAT(of("i-old", "DEACTIVATING", "logs"), SizeIs(1));
  time.advance(5s);

  EXPECT_THAT(of("i-old", "STOPPED", "logs"), SizeIs(1));
  EXPECT_EQ(describe(old).at("runningTasksCount"), 0);
}

TEST_F(scheduler, leaves_standalone_tasks_alone) {
  const auto old = join("i-old");
  containers->run_task("prod", "report", "i-old");
  time.advance(3s);

  set(old, "DRAINING");
  time.advance(24h);

  EXPECT_THAT(of("i-old"), SizeIs(1));
  EXPECT_EQ(describe(old).at("runningTasksCount"), 1);
}

TEST_F(scheduler, counts_a_stopping_task_as_no_longer_running) {
  const auto arn = join("i-a");
  const auto report = containers->run_task("prod", "report", "i-a");
  time.advance(3s);

  containers->stop_task(report);

  EXPECT_EQ(describe(arn).at("runningTasksCount"), 0);
  EXPECT_THAT(of("i-a", "DEACTIVATING"), SizeIs(1));
  time.advance(2500ms);
  EXPECT_THAT(of("i-a", "STOPPING"), SizeIs(1));
  time.advance(2500ms);
  EXPECT_THAT(of("i-a", "STOPPED"), SizeIs(1));
}

TEST_F(scheduler, does_not_move_protected_tasks_while_they_are_protected) {
  const auto old = join("i-old");
  service("web", 1);
  time.advance(3s);
  join("i-new");
  const auto task = of("i-old").at(0).arn;
  ecs_ask("UpdateTaskProtection",
          fmt::format(R"({{"cluster":"prod","tasks":["{}"],"protectionEnabled":true,"expiresInMinutes":10}})", task));

  set(old, "DRAINING");
  time.advance(9min);
  EXPECT_THAT(of("i-old"), SizeIs(1));
  time.advance(2min);

  EXPECT_THAT(of("i-old"), IsEmpty());
  EXPECT_THAT(of("i-new"), SizeIs(1));
}

TEST_F(scheduler, leaves_tasks_of_a_disconnected_agent_as_they_are_until_it_is_back) {
  const auto old = join("i-old");
  service("web", 1);
  time.advance(3s);
  join("i-new");
  containers->set_agent_connected("i-old", false);

  set(old, "DRAINING");
  time.advance(1h);
  EXPECT_THAT(of("i-old"), SizeIs(1));
  EXPECT_EQ(describe(old).at("runningTasksCount"), 1);
  EXPECT_EQ(describe(old).at("agentConnected"), false);
  containers->set_agent_connected("i-old", true);
  time.advance(5s);

  EXPECT_THAT(of("i-old", "STOPPED"), SizeIs(1));
}

TEST_F(scheduler, places_nothing_on_a_disconnected_instance) {
  join("i-a");
  containers->set_agent_connected("i-a", false);

  service("web", 1);
  time.advance(1min);
  EXPECT_THAT(containers->tasks("prod"), IsEmpty());
  containers->set_agent_connected("i-a", true);
  time.advance(3s);

  EXPECT_THAT(of("i-a"), SizeIs(1));
}

TEST_F(scheduler, finishes_stopping_tasks_only_when_the_agent_is_back) {
  join("i-a");
  const auto report = containers->run_task("prod", "report", "i-a");
  time.advance(3s);
  containers->stop_task(report);

  containers->set_agent_connected("i-a", false);
  time.advance(1h);
  EXPECT_THAT(of("i-a", "DEACTIVATING"), SizeIs(1));
  containers->set_agent_connected("i-a", true);
  time.advance(5s);

  EXPECT_THAT(of("i-a", "STOPPED"), SizeIs(1));
}

TEST_F(scheduler, keeps_tasks_where_they_are_when_an_instance_is_made_active_again) {
  const auto old = join("i-old", 2);
  service("web", 2);
  time.advance(3s);

  set(old, "DRAINING");
  time.advance(1min);
  set(old, "ACTIVE");
  time.advance(1min);

  EXPECT_THAT(of("i-old"), SizeIs(2));
  EXPECT_EQ(running("web"), 2U);
}

TEST_F(scheduler, follows_the_desired_count_down) {
  join("i-a");
  service("web", 3);
  time.advance(3s);

  ecs_ask("UpdateService", R"({"cluster":"prod","service":"web","desiredCount":1})");
  time.advance(6s);

  EXPECT_EQ(running("web"), 1U);
}

TEST_F(scheduler, loses_what_still_ran_when_its_instance_ends_and_places_it_again) {
  join("i-a");
  join("i-b");
  service("web", 2);
  time.advance(3s);

  instances.end("i-a", "web-asg");
  EXPECT_EQ(containers->instance_status("i-a"), "INACTIVE");
  EXPECT_TRUE(of("i-a", "STOPPED").at(0).lost);
  time.advance(3s);

  EXPECT_THAT(of("i-b"), SizeIs(2));
}

TEST_F(scheduler, loses_a_task_that_had_not_finished_stopping_when_its_instance_ends) {
  join("i-a");
  const auto report = containers->run_task("prod", "report", "i-a");
  time.advance(3s);
  containers->stop_task(report);
  time.advance(4s);

  instances.end("i-a", "web-asg");

  EXPECT_TRUE(containers->tasks("prod").at(0).lost);
}

TEST_F(scheduler, loses_nothing_when_all_has_stopped_before_the_instance_ends) {
  join("i-a");
  const auto report = containers->run_task("prod", "report", "i-a");
  time.advance(3s);
  containers->stop_task(report);
  time.advance(5s);

  instances.end("i-a", "web-asg");

  EXPECT_FALSE(containers->tasks("prod").at(0).lost);
}

TEST_F(scheduler, gets_instances_of_a_group_that_joins_on_launch) {
  containers->join_on_launch("prod", "web-asg", 4, 30s);
  group_settings with;
  with.name = "web-asg";
  with.desired = 1;
  scaling->create_group(with);
  const auto instance = scaling->instances("web-asg")[0];

  time.advance(29s);
  EXPECT_EQ(containers->instance_status(instance), "");
  time.advance(1s);

  EXPECT_EQ(containers->instance_status(instance), "ACTIVE");
}

TEST_F(scheduler, does_not_register_an_instance_that_ended_before_it_could_join) {
  containers->join_on_launch("prod", "web-asg", 4, 30s);
  instances.launch("i-short", "web-asg");

  instances.end("i-short", "web-asg");
  time.advance(1min);

  EXPECT_EQ(containers->instance_status("i-short"), "");
}

TEST_F(scheduler, keeps_stopped_tasks_visible_for_an_hour_and_their_records_for_ever) {
  join("i-a");
  const auto report = containers->run_task("prod", "report", "i-a");
  time.advance(3s);
  containers->stop_task(report);
  time.advance(5s);
  const auto asked = fmt::format(R"({{"cluster":"prod","tasks":["{}"]}})", report);

  time.advance(59min);
  EXPECT_THAT(ecs_ask("DescribeTasks", asked).at("tasks").as_array(), SizeIs(1));
  time.advance(1min);

  EXPECT_EQ(ecs_ask("DescribeTasks", asked).at("failures").at(0).at("reason"), "MISSING");
  EXPECT_THAT(containers->tasks("prod"), SizeIs(1));
}

TEST_F(scheduler, drains_thousands_of_instances_at_once_without_effort) {
  std::vector<std::string> old;
  for (int i = 0; i < 4'000; ++i) old.push_back(join(fmt::format("i-{:05}", i), 3));
  service("web", 12'000);
  time.advance(10s);
  ASSERT_EQ(running("web"), 12'000U);
  for (int i = 0; i < 4'000; ++i) join(fmt::format("i-n{:05}", i), 3);

  for (const auto& arn : old) set(arn, "DRAINING");
  time.advance(1min);

  const auto all = containers->tasks("prod");
  EXPECT_EQ(running("web"), 12'000U);
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const auto& each) { return each.last_status == "STOPPED"; }),
            12'000);
}

}  // namespace
}  // namespace lifehook::simulator
