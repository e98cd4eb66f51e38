#include "handlers/drain_explanation.h"

#include "tests/handlers/cluster_stage.h"
#include "tests/handlers/context_stage.h"

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

// A drain that has just made its last progress.
struct drain_explanation_test : context_stage {
  drain_explanation_test() { begin(); }

  void begin() { explanation.emplace(*in, fleet.time.clock.now()); }
  void explain(drain_facts seen = {}) {
    const auto explained = fleet.time.wait_for(explanation->explain(prod(), {container_instance()}, std::move(seen)));
    EXPECT_TRUE(explained.has_value());
  }
  bool is_due_after(duration wait) {
    fleet.time.run_for(wait);
    return explanation->is_due();
  }

  std::optional<drain_explanation> explanation;
};

TEST_F(drain_explanation_test, of_one_alone_is_due_after_a_minute_and_every_minute_until_a_reason_is_known) {
  EXPECT_FALSE(is_due_after(59s));
  EXPECT_TRUE(is_due_after(1s));

  explain();

  EXPECT_EQ(in->if_too_late(), outcome::timeout);
  EXPECT_FALSE(is_due_after(59s));
  EXPECT_TRUE(is_due_after(1s));
}

TEST_F(drain_explanation_test, with_a_known_reason_is_due_every_five_minutes) {
  run_a_standalone_task();
  begin();
  fleet.time.run_for(1min);

  explain();

  EXPECT_EQ(in->if_too_late(), outcome::standalone_task);
  EXPECT_FALSE(is_due_after(5min - 1s));
  EXPECT_TRUE(is_due_after(1s));
}

TEST_F(drain_explanation_test, many_that_stand_still_at_once_are_explained_one_after_the_other) {
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> drains;
  for (int i = 0; i < 1000; ++i) drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(prod()));
  std::vector<std::unique_ptr<drain_explanation>> all;
  for (int i = 0; i < 100; ++i) all.push_back(std::make_unique<drain_explanation>(*in, fleet.time.clock.now()));
  const auto due = [&all] {
    return std::count_if(all.begin(), all.end(), [](const auto& each) { return each->is_due(); });
  };

  EXPECT_EQ(due(), 0);
  fleet.time.run_for(61s);
  EXPECT_LE(due(), 5);
  fleet.time.run_for(270s);
  EXPECT_NEAR(static_cast<double>(due()), 50, 20);
  fleet.time.run_for(270s);
  EXPECT_EQ(due(), 100) << "3000 calls at a quarter of 20 a second";
}

TEST_F(drain_explanation_test, what_shares_calls_is_explained_the_sooner) {
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> drains;
  for (int i = 0; i < 1000; ++i) drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(prod()));
  std::map<std::string, result<drain_facts>> answers;
  for (int i = 0; i < 50; ++i)
    fleet.time.tasks.spawn(keep(prod().why_tasks_remain(container_instance()), std::to_string(i), answers));
  fleet.time.run_for(10s);
  explain();

  EXPECT_FALSE(is_due_after(59s));
  EXPECT_TRUE(is_due_after(1s)) << "of those alone once in 600 s";
}

TEST_F(drain_explanation_test, tells_what_was_counted_and_what_stands_in_the_way) {
  run_a_standalone_task();
  begin();
  fleet.time.run_for(90s);

  explain({.counted = {.running = 1, .stopping = 2}});

  const auto told = fleet.logged("drain_without_progress");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.front().at("for_seconds").to_number<double>(), 90);
  EXPECT_EQ(told.front().at("running").to_number<int>(), 1);
  EXPECT_EQ(told.front().at("stopping").to_number<int>(), 2);
  EXPECT_EQ(told.front().at("outcome").as_string(), "standalone_task");
  EXPECT_THAT(std::string(told.front().at("why").as_string()), testing::HasSubstr("standalone_tasks: stop"));
}

TEST_F(drain_explanation_test, an_agent_that_is_away_explains_it) {
  const auto instance = container_instance();
  fleet.wire.calls.clear();

  const auto explained = fleet.time.wait_for(explanation->explain(prod(), {instance}, {.agent_connected = false}));

  EXPECT_TRUE(explained.has_value());
  EXPECT_EQ(in->if_too_late(), outcome::agent_disconnected);
  EXPECT_TRUE(fleet.wire.calls.empty()) << "nothing else would change that";
}

TEST_F(drain_explanation_test, with_nothing_known_says_that_it_may_be_slow) {
  in->stuck(outcome::max_100, "its service cannot move", in->now());

  explain();

  EXPECT_EQ(in->if_too_late(), outcome::timeout) << "what stood in its way does no longer";
  EXPECT_THAT(std::string(fleet.logged("drain_without_progress").front().at("why").as_string()),
              testing::HasSubstr("may be slow"));
}

TEST_F(drain_explanation_test, names_a_task_that_only_stops_and_its_state) {
  fleet.world.ecs().create_service({"prod", "web", 1, 0, 100, false, 1s, 10min});
  fleet.time.run_for(10s);
  ASSERT_TRUE(fleet.time.wait_for(prod().drain(container_instance())).has_value());
  fleet.time.run_for(90s);
  fleet.wire.calls.clear();

  explain({.counted = {.stopping = 1}});

  EXPECT_THAT(std::string(fleet.logged("drain_without_progress").front().at("why").as_string()),
              testing::ContainsRegex("^task arn:aws:ecs:.+ is (DEACTIVATING|STOPPING): it has until"));
  EXPECT_EQ(fleet.wire.count("ListTasks"), 1U) << "of what is meant to run nothing is asked";
}

TEST_F(drain_explanation_test, goes_without_what_it_may_not_read) {
  fleet.world.ecs().create_service({"prod", "web", 1, 0, 100, false, 1s, 1min});
  fleet.time.run_for(10s);
  fleet.deny("ecs", "GetTaskProtection", 1h);
  fleet.deny("ecs", "DescribeServices", 1h);

  explain();

  EXPECT_GE(fleet.wire.count("GetTaskProtection"), 1U);
  EXPECT_GE(fleet.wire.count("DescribeServices"), 1U);
  EXPECT_EQ(fleet.outcomes_of("drain_without_progress"), std::vector<std::string>{"timeout"});
}

}  // namespace
}  // namespace lifehook::handlers
