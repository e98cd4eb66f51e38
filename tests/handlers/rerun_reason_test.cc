#include "handlers/rerun_reason.h"

#include "handlers/task_network.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

aws::whole_task stopped(std::string stop_code, std::optional<int> exit_code) {
  aws::whole_task task;
  task.arn = "arn:aws:ecs:eu-west-1:111122223333:task/prod/abc";
  task.definition_arn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/report:3";
  task.last_status = "STOPPED";
  task.group = "family:report";
  task.stop_code = std::move(stop_code);
  task.containers = {{"app", exit_code}, {"sidecar", 1}};
  return task;
}

bool again(const aws::whole_task& task, rerun_on what) { return rerun_of(task, {"app"}, what).again; }

TEST(rerun_reason, an_interrupted_task_runs_again) {
  EXPECT_TRUE(again(stopped("SpotInterruption", 137), rerun_on::interruption));
  EXPECT_TRUE(again(stopped("TerminationNotice", std::nullopt), rerun_on::interruption));
  EXPECT_TRUE(again(stopped("SpotInterruption", 137), rerun_on::failure));
}

TEST(rerun_reason, what_the_event_says_holds_before_ecs_shows_a_stop_code) {
  EXPECT_TRUE(rerun_of(stopped("", 137), {"app"}, rerun_on::interruption, true).again);
  EXPECT_FALSE(rerun_of(stopped("", 0), {"app"}, rerun_on::interruption, true).again);
}

TEST(rerun_reason, one_whose_essential_containers_exited_with_0_does_not) {
  EXPECT_FALSE(again(stopped("SpotInterruption", 0), rerun_on::interruption));
  EXPECT_FALSE(again(stopped("EssentialContainerExited", 0), rerun_on::failure));
}

TEST(rerun_reason, a_failed_one_only_where_failures_are_asked_for) {
  EXPECT_TRUE(again(stopped("EssentialContainerExited", 1), rerun_on::failure));
  EXPECT_TRUE(again(stopped("TaskFailedToStart", std::nullopt), rerun_on::failure));
  EXPECT_FALSE(again(stopped("EssentialContainerExited", 1), rerun_on::interruption));
}

TEST(rerun_reason, one_that_somebody_stopped_does_not) {
  EXPECT_FALSE(again(stopped("UserInitiated", 143), rerun_on::failure));
}

TEST(rerun_reason, one_that_a_drain_of_ours_stopped_was_interrupted) {
  auto task = stopped("UserInitiated", 143);
  task.stopped_reason = "lifehook: its instance i-0123456789abcdef0 is ending";

  EXPECT_TRUE(again(task, rerun_on::failure));
  EXPECT_TRUE(again(task, rerun_on::interruption));
}

TEST(rerun_reason, tasks_of_services_are_left_to_ecs) {
  auto task = stopped("SpotInterruption", 137);
  task.group = "service:web";

  EXPECT_FALSE(again(task, rerun_on::interruption));
}

TEST(rerun_reason, the_attempt_is_counted_in_a_tag) {
  auto task = stopped("SpotInterruption", 137);
  EXPECT_EQ(next_attempt(task), 1);
  task.tags[std::string(attempt_tag)] = "2";
  EXPECT_EQ(next_attempt(task), 3);
  for (const auto* no_count : {"many", "3x", "-2"}) {
    task.tags[std::string(attempt_tag)] = no_count;
    EXPECT_EQ(next_attempt(task), 1) << no_count;
  }
}

TEST(rerun_reason, the_request_repeats_the_task_and_names_its_attempt) {
  auto task = stopped("SpotInterruption", 137);
  task.started_by = "nightly";
  task.capacity_provider = "FARGATE_SPOT";
  task.launch_type = "FARGATE";
  task.tags = {{"Team", "data"}};
  task.overrides = {{"containerOverrides", boost::json::array{}}};

  const auto request = request_of(task, "prod", aws::task_network{{"subnet-1"}, {"sg-1"}, true});

  EXPECT_EQ(request.definition_arn, task.definition_arn);
  EXPECT_EQ(request.started_by, "nightly");
  EXPECT_EQ(request.capacity_provider, "FARGATE_SPOT");
  EXPECT_EQ(request.launch_type, "");
  EXPECT_EQ(request.group, "") << "ECS gives it the family's group by itself";
  EXPECT_EQ(request.overrides, task.overrides);
  EXPECT_EQ(request.tags.at("Team"), "data");
  EXPECT_EQ(request.tags.at(std::string(attempt_tag)), "1");
  EXPECT_EQ(request.tags.at(std::string(rerun_of_tag)), task.arn);
  EXPECT_EQ(request.network->security_groups, std::vector<std::string>{"sg-1"});
}

TEST(rerun_reason, the_client_token_follows_from_task_and_attempt) {
  auto task = stopped("SpotInterruption", 137);
  const auto first = request_of(task, "prod", {}).client_token;

  EXPECT_EQ(request_of(task, "prod", {}).client_token, first);
  EXPECT_LE(first.size(), 64U);
  task.tags[std::string(attempt_tag)] = "1";
  EXPECT_NE(request_of(task, "prod", {}).client_token, first);
}

TEST(task_network, is_read_back_as_it_was_noted) {
  const aws::task_network network{{"subnet-1"}, {"sg-1", "sg-2"}, true};

  const auto read = read_task_network(to_text(network));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->subnets, network.subnets);
  EXPECT_EQ(read->security_groups, network.security_groups);
  EXPECT_TRUE(read->public_address);
}

TEST(task_network, without_security_groups_or_subnets_is_none) {
  for (const auto* text : {"", "[]", "{}", R"({"subnets":["s"],"security_groups":[]})", R"({"security_groups":["g"]})"})
    EXPECT_FALSE(read_task_network(text)) << text;
}

}  // namespace
}  // namespace lifehook::handlers
