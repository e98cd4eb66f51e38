#include "handlers/drain_tasks.h"

#include "tests/handlers/context_stage.h"

namespace lifehook::handlers {
namespace {

struct drain_tasks_test : context_stage {
  drain_tasks_test() {
    fleet.world.ecs().create_service(
        {"prod", "web", 1, 0, 100, false, std::chrono::seconds(1), std::chrono::minutes(1)});
    fleet.time.run_for(std::chrono::seconds(10));
    reports = {run_a_standalone_task(), run_a_standalone_task()};
  }
  result<> stop(tasks_to_stop which = tasks_to_stop::standalone) {
    return fleet.time.wait_for(stop_tasks(*in, prod(), {container_instance()}, which));
  }
  std::string desired_status(const std::string& arn) {
    for (const auto& each : fleet.world.ecs().tasks("prod"))
      if (each.arn == arn) return each.desired_status;
    return {};
  }
  std::vector<std::string> reports;
};

TEST_F(drain_tasks_test, those_of_services_are_left_to_ecs) {
  EXPECT_TRUE(stop().has_value());

  EXPECT_EQ(fleet.wire.count("StopTask"), 2U);
  for (const auto& arn : reports) EXPECT_EQ(desired_status(arn), "STOPPED");
  EXPECT_EQ(fleet.logged("stopping_standalone_task").size(), 2U);
}

TEST_F(drain_tasks_test, all_are_those_of_services_too) {
  EXPECT_TRUE(stop(tasks_to_stop::all).has_value());

  EXPECT_EQ(fleet.wire.count("StopTask"), 3U);
  EXPECT_EQ(fleet.logged("stopping_remaining_task").size(), 3U);
}

TEST_F(drain_tasks_test, one_that_is_refused_is_told_and_the_others_are_stopped) {
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "StopTask" || call.body.find(reports.front()) == std::string::npos) return std::nullopt;
    return refused_by_ecs("InvalidParameterException");
  };

  EXPECT_TRUE(stop().has_value());

  EXPECT_EQ(desired_status(reports.front()), "RUNNING");
  EXPECT_EQ(desired_status(reports.back()), "STOPPED");
  ASSERT_EQ(fleet.logged("stopping_task_failed").size(), 1U);
  EXPECT_EQ(fleet.logged("stopping_task_failed").front().at("task").as_string(), reports.front());
}

}  // namespace
}  // namespace lifehook::handlers
