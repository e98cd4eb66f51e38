#include "handlers/drain_reason.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto cannot_place =
    "(service web) was unable to place a task because no container instance met all of its requirements.";
constexpr auto cannot_start = "(service web) is unable to consistently start tasks successfully.";
constexpr auto unhealthy =
    "(service web) (task 0123) (instance i-1) (port 80) is unhealthy in (target-group web) due to (reason Health "
    "checks "
    "failed)";
constexpr auto steady = "(service web) has reached a steady state.";

aws::ecs_task task_of(std::string group) {
  return {"arn:task/1", "RUNNING", group, group.starts_with("service:") ? "ecs-svc/1" : "", "arn:instance"};
}

aws::ecs_service service(int minimum, int maximum, std::vector<std::string> events = {},
                         std::string strategy = "REPLICA") {
  return {"web", minimum, maximum, std::move(strategy), 4, 4, std::move(events)};
}

// All that can stand in a drain's way at once: tests take away from it.
drain_facts everything() {
  return {false,
          {task_of("service:web"), task_of("family:report")},
          {"arn:task/7"},
          {service(100, 100), service(100, 200, {cannot_place})}};
}

outcome why(const drain_facts& facts) {
  const auto reason = reason_of(facts);
  return reason ? reason->why : outcome::done;
}

TEST(drain_reason, the_reason_that_hides_the_others_comes_first) {
  auto facts = everything();
  EXPECT_EQ(why(facts), outcome::agent_disconnected);

  facts.agent_connected = true;
  EXPECT_EQ(why(facts), outcome::standalone_task);

  facts.tasks.pop_back();
  EXPECT_EQ(why(facts), outcome::protected_task);

  facts.protected_tasks.clear();
  EXPECT_EQ(why(facts), outcome::max_100);

  facts.services.erase(facts.services.begin());
  EXPECT_EQ(why(facts), outcome::no_capacity);

  facts.services.clear();
  EXPECT_EQ(reason_of(facts), std::nullopt) << "it may only be slow";
}

TEST(drain_reason, tells_which_task_or_service_and_what_to_change) {
  auto facts = everything();
  facts.agent_connected = true;
  EXPECT_THAT(reason_of(facts)->text, testing::AllOf(HasSubstr("family:report"), HasSubstr("standalone_tasks: stop")));

  facts.stops_at = std::chrono::sys_days(std::chrono::January / 15 / 2026) + std::chrono::hours(12);
  EXPECT_THAT(reason_of(facts)->text,
              testing::AllOf(HasSubstr("at 2026-01-15T12:00:00"), testing::Not(HasSubstr("set standalone_tasks"))));

  facts.tasks.pop_back();
  EXPECT_THAT(reason_of(facts)->text, HasSubstr("arn:task/7"));

  facts.protected_tasks.clear();
  EXPECT_THAT(reason_of(facts)->text, testing::AllOf(HasSubstr("service web"), HasSubstr("maximumPercent")));

  facts.services.erase(facts.services.begin());
  EXPECT_EQ(reason_of(facts)->text, cannot_place);
}

TEST(drain_reason, a_replacement_that_does_not_come_up_is_told_as_ecs_says_it) {
  for (const std::string event :
       {cannot_start, unhealthy, "(service web) (task 0123) failed container health checks."}) {
    const auto reason = reason_of({true, {}, {}, {service(50, 200, {"(service web) has started 1 tasks", event})}});

    ASSERT_TRUE(reason) << event;
    EXPECT_EQ(reason->why, outcome::no_replacement);
    EXPECT_EQ(reason->text, "what is to replace a task does not come up: " + event);
  }
}

TEST(drain_reason, of_events_since_the_last_steady_state_the_newest_counts_and_placement_before_its_effect) {
  const auto why_of = [](std::vector<std::string> events) {
    return why({true, {}, {}, {service(50, 200, std::move(events))}});
  };

  EXPECT_EQ(why_of({steady, unhealthy}), outcome::done);
  EXPECT_EQ(why_of({unhealthy, steady, cannot_place}), outcome::no_replacement);
  EXPECT_EQ(why_of({cannot_place, unhealthy}), outcome::no_capacity);
  EXPECT_EQ(why_of({unhealthy, cannot_place}), outcome::no_replacement);
  EXPECT_EQ(why_of({cannot_start, cannot_place}), outcome::no_capacity);
}

TEST(drain_reason, a_service_that_may_stop_or_start_one_can_move) {
  EXPECT_EQ(why({true, {}, {}, {service(100, 100)}}), outcome::max_100);
  EXPECT_EQ(why({true, {}, {}, {service(50, 100)}}), outcome::done);
  EXPECT_EQ(why({true, {}, {}, {service(100, 150)}}), outcome::done);
}

TEST(drain_reason, a_daemon_is_stopped_in_place_whatever_its_percents) {
  EXPECT_EQ(why({true, {}, {}, {service(100, 100, {}, "DAEMON")}}), outcome::done);
}

TEST(drain_reason, only_the_newest_word_about_placement_counts) {
  const std::string started = "(service web) has started 1 tasks: (task 1).";

  EXPECT_EQ(why({true, {}, {}, {service(100, 200, {started, cannot_place, steady})}}), outcome::no_capacity);
  EXPECT_EQ(why({true, {}, {}, {service(100, 200, {steady, cannot_place})}}), outcome::done);
  EXPECT_EQ(why({true, {}, {}, {service(100, 200, {started})}}), outcome::done);
}

TEST(drain_reason, any_of_the_services_may_lack_room) {
  EXPECT_EQ(why({true, {}, {}, {service(100, 200, {steady}), service(100, 200, {cannot_place})}}),
            outcome::no_capacity);
}

TEST(drain_reason, names_each_service_of_the_tasks_once) {
  EXPECT_THAT(
      services_of({task_of("service:web"), task_of("family:report"), task_of("service:api"), task_of("service:web")}),
      ElementsAre("api", "web"));
}

}  // namespace
}  // namespace lifehook::handlers
