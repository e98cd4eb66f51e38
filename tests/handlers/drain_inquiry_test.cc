#include "handlers/drain_inquiry.h"

#include "tests/handlers/cluster_stage.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Thirty instances that run two tasks of a service each.
struct drain_inquiry_test : cluster_stage {
  drain_inquiry_test() {
    arns = register_instances(30);
    fleet.world.ecs().create_service({"prod", "web", 60, 0, 100, false, 1s, 10min});
    fleet.time.run_for(20s);
    fleet.wire.latency = 20ms;
  }
  std::map<std::string, result<drain_facts>> ask_at_once() {
    std::map<std::string, result<drain_facts>> answers;
    for (const auto& arn : arns) fleet.time.tasks.spawn(keep(inquiry.facts_of(arn), arn, answers));
    fleet.time.run_for(10s);
    return answers;
  }
  // Answers GetTaskProtection so, where it asks of this task.
  void refuse_protection(std::string of, std::string code) {
    fleet.wire.instead = [of = std::move(of),
                          code = std::move(code)](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation != "GetTaskProtection" || call.body.find(of) == std::string::npos) return std::nullopt;
      return refused_by_ecs(code);
    };
  }
  std::string a_task_of(const std::string& id) {
    for (const auto& each : fleet.world.ecs().tasks("prod"))
      if (each.instance == id) return each.arn;
    return {};
  }
  drain_inquiry inquiry{fleet.time.clock, fleet.ecs, fleet.time.tasks, "prod", named_by::configuration};
  std::vector<std::string> arns;
};

TEST_F(drain_inquiry_test, many_that_ask_at_once_share_what_is_asked_of_ecs_and_each_is_told_its_own) {
  const auto guarded = a_task_of(ids.at(7));
  fleet.world.ecs().protect_task(guarded, true);

  const auto answers = ask_at_once();

  ASSERT_EQ(answers.size(), 30U);
  for (const auto& [arn, facts] : answers) {
    ASSERT_THAT(facts->tasks, SizeIs(2)) << arn;
    for (const auto& each : facts->tasks) EXPECT_EQ(each.container_instance_arn, arn);
    if (arn == arns.at(7))
      EXPECT_THAT(facts->protected_tasks, ElementsAre(guarded));
    else
      EXPECT_THAT(facts->protected_tasks, IsEmpty()) << arn;
    EXPECT_EQ(facts->services.empty(), arn == arns.at(7)) << "what is protected explains itself";
  }
  EXPECT_LE(fleet.wire.count("ListTasks"), 2U);
  EXPECT_LE(fleet.wire.count("DescribeTasks"), 2U);
  EXPECT_LE(fleet.wire.count("GetTaskProtection"), 2U) << "a hundred tasks fit into one";
  EXPECT_EQ(fleet.wire.count("DescribeServices"), 1U);
}

TEST_F(drain_inquiry_test, a_service_is_asked_for_again_after_ten_seconds) {
  fleet.time.wait_for(inquiry.facts_of(arns.at(0)));
  fleet.time.run_for(5s);
  fleet.time.wait_for(inquiry.facts_of(arns.at(1)));
  EXPECT_EQ(fleet.wire.count("DescribeServices"), 1U);

  fleet.time.run_for(5s);
  EXPECT_THAT(fleet.time.wait_for(inquiry.facts_of(arns.at(2)))->services, SizeIs(1));

  EXPECT_EQ(fleet.wire.count("DescribeServices"), 2U);
}

TEST_F(drain_inquiry_test, where_a_standalone_task_is_the_reason_nothing_else_is_asked) {
  fleet.world.ecs().run_task("prod", "report", ids.at(0));
  fleet.time.run_for(10s);

  EXPECT_THAT(fleet.time.wait_for(inquiry.facts_of(arns.at(0)))->tasks, SizeIs(3));

  EXPECT_EQ(fleet.wire.count("GetTaskProtection"), 0U);
  EXPECT_EQ(fleet.wire.count("DescribeServices"), 0U);
}

TEST_F(drain_inquiry_test, a_task_whose_protection_is_refused_does_not_hide_that_of_others) {
  const auto guarded = a_task_of(ids.at(7));
  fleet.world.ecs().protect_task(guarded, true);
  refuse_protection(a_task_of(ids.at(3)), "InvalidParameterException");

  const auto answers = ask_at_once();

  EXPECT_THAT(answers.at(arns.at(7))->protected_tasks, ElementsAre(guarded));
  EXPECT_THAT(answers.at(arns.at(3))->services, SizeIs(1)) << "it goes without";
}

TEST_F(drain_inquiry_test, a_service_that_is_refused_does_not_hide_the_others) {
  fleet.world.ecs().create_service({"prod", "mail", 60, 0, 100, false, 1s, 10min});
  fleet.time.run_for(20s);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeServices" || call.body.find("mail") == std::string::npos) return std::nullopt;
    return refused_by_ecs("InvalidParameterException");
  };

  const auto told = fleet.time.wait_for(inquiry.facts_of(arns.at(0))).value();

  ASSERT_THAT(services_of(told.tasks), ElementsAre("mail", "web"));
  ASSERT_THAT(told.services, SizeIs(1));
  EXPECT_EQ(told.services.front().name, "web");
}

TEST_F(drain_inquiry_test, an_outage_of_the_listing_is_told_to_who_asks) {
  fleet.deny("ecs", "ListTasks", 1h);

  EXPECT_EQ(fleet.time.wait_for(inquiry.facts_of(arns.at(0))).error().code(), errc::denied);
  EXPECT_EQ(fleet.time.wait_for(inquiry.tasks_of(arns.at(0))).error().code(), errc::denied);
}

TEST_F(drain_inquiry_test, a_container_instance_that_is_not_known_has_no_tasks) {
  const std::string unknown = "arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/0";

  EXPECT_THAT(fleet.time.wait_for(inquiry.tasks_of(unknown)).value(), IsEmpty());
  EXPECT_THAT(fleet.time.wait_for(inquiry.facts_of(unknown)).value().tasks, IsEmpty());
}

TEST_F(drain_inquiry_test, all_tasks_of_an_instance_are_told_also_where_they_are_more_than_a_call_describes) {
  const auto large = fleet.world.ecs().register_instance("prod", "i-000000000000000ff", 200);
  for (int i = 0; i < 130; ++i) fleet.world.ecs().run_task("prod", "report", "i-000000000000000ff");
  fleet.time.run_for(20s);

  EXPECT_THAT(fleet.time.wait_for(inquiry.tasks_of(large)).value(), SizeIs(130));
}

TEST_F(drain_inquiry_test, tells_what_an_answer_costs_alone_and_in_company) {
  EXPECT_DOUBLE_EQ(inquiry.calls_each(), 3);
  fleet.time.wait_for(inquiry.facts_of(arns.at(0)));
  EXPECT_DOUBLE_EQ(inquiry.calls_each(), 3) << "a listing, a description, a protection";
  fleet.time.run_for(10s);

  ask_at_once();

  EXPECT_LT(inquiry.calls_each(), 0.5);
}

TEST_F(drain_inquiry_test, who_asks_why_while_others_do_waits_for_company_and_who_cannot_wait_does_not) {
  fleet.time.wait_for(inquiry.facts_of(arns.at(0)));
  const auto before = fleet.time.clock.now();
  fleet.time.wait_for(inquiry.tasks_of(arns.at(1)));
  EXPECT_LT(fleet.time.clock.now() - before, 100ms);

  fleet.time.wait_for(inquiry.facts_of(arns.at(1)));

  EXPECT_GT(fleet.time.clock.now() - before, 1s);
  EXPECT_LT(fleet.time.clock.now() - before, 6s);
}

}  // namespace
}  // namespace lifehook::handlers
