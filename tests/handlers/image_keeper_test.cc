#include "handlers/image_keeper.h"

#include "base/metrics.h"
#include "handlers/image_tags.h"
#include "tests/handlers/step_stage.h"

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// A service that keeps one image, and whose hooks last longer than anything here.
struct image_keeper_test : testing::Test {
  image_keeper_test() {
    fleet.furnish(6, 7200s);
    fleet.time.run_for(1min);
    fleet.service.deadline = 30min;
  }
  // An end whose hook is open.
  event begin_end() {
    fleet.world.autoscaling().terminate(fleet.in_service(), true);
    const auto& action = fleet.action_seen();
    event about;
    about.time = fleet.time.clock.now();
    about.group = action.group;
    about.hook = action.hook;
    about.instance = action.instance;
    about.token = action.token;
    return about;
  }
  // The same, and whose image is there.
  event imaged_end() {
    const auto about = begin_end();
    EXPECT_EQ(fleet.run(create, about).value(), outcome::done);
    fleet.time.run_for(1s);
    return about;
  }
  void complete(const event& about) {
    ASSERT_TRUE(fleet.time.wait_for(fleet.autoscaling.usual.complete(
        {about.group, about.hook, about.instance, about.token}, aws::hook_result::proceed)));
    fleet.time.run_for(30s);
  }
  std::vector<std::string> match{};
  void tidy(std::size_t times = 1) {
    for (std::size_t i = 0; i < times; ++i)
      fleet.keeper.tidy({"web", match, {1, {}}, fleet.service.deadline, fleet.log});
    fleet.time.run_for(1s);
  }
  // AWS's answers to removals, for a while.
  void strike(simulator::fault_kind with, duration by = 0s) {
    const auto now = fleet.time.clock.now();
    fleet.world.faults().add({with, "ec2", "DeregisterImage", 1.0, now, now + 10min, by});
  }
  // Three images, of which two go: the answer to the first removal takes its time, and is waited for.
  void remove_slowly(duration answer_takes) {
    std::vector<event> ended;
    for (int i = 0; i < 3; ++i) ended.push_back(imaged_end());
    strike(simulator::fault_kind::delay, answer_takes);
    for (const auto& each : ended) complete(each);
    ASSERT_THAT(kept(), SizeIs(3));
    fleet.keeper.tidy({"web", match, {1, {}}, fleet.service.deadline, fleet.log});
    fleet.time.run_for(500ms);
    ASSERT_EQ(fleet.wire.count("DeregisterImage"), 1U);
  }
  std::vector<std::string> kept() {
    std::vector<std::string> of;
    for (const auto& each : fleet.world.ec2().images())
      if (!each.deregistered) of.push_back(each.instance);
    return of;
  }
  std::vector<std::string> advice() {
    std::vector<std::string> said;
    for (const auto& each : fleet.logged("retention_failed"))
      said.push_back(
          fmt::format("{}: {}", each.at("level").as_string().c_str(), each.at("advice").as_string().c_str()));
    return said;
  }

  step_stage fleet;
  step_plan create = plan_of("create_image", {{"retain.count", std::int64_t(1)}});
};

TEST_F(image_keeper_test, an_image_whose_own_hook_may_still_wait_for_it_stays) {
  const auto first = imaged_end();
  const auto second = imaged_end();
  EXPECT_THAT(kept(), UnorderedElementsAre(first.instance, second.instance));

  complete(first);
  tidy();

  EXPECT_THAT(kept(), ElementsAre(second.instance));
}

// A worker that ends in between leaves none that nobody finds.
TEST_F(image_keeper_test, snapshots_go_with_their_image) {
  const auto first = imaged_end();
  imaged_end();
  complete(first);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add({simulator::fault_kind::reset, "ec2", "DeleteSnapshot", 1.0, now, now + 1h, {}});

  tidy();

  EXPECT_THAT(kept(), SizeIs(1));
  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(1));
}

TEST_F(image_keeper_test, a_stop_names_the_snapshots_that_nobody_will_find) {
  const auto first = imaged_end();
  imaged_end();
  complete(first);
  fleet.deny("ec2", "DeleteSnapshot", 1h);
  tidy();
  const auto left = fleet.world.ec2().snapshots().size();

  fleet.keeper.stop();
  fleet.time.run_for(1s);

  EXPECT_EQ(left, 2U);
  ASSERT_THAT(fleet.logged("snapshots_left"), SizeIs(1));
  EXPECT_THAT(fleet.logged("snapshots_left").front().at("snapshots").as_string().c_str(),
              testing::HasSubstr(fleet.world.ec2().images().front().snapshot));
}

TEST_F(image_keeper_test, a_snapshot_goes_soon_after_it_may_or_at_a_stop) {
  for (const bool stops : {false, true}) {
    complete(imaged_end());
    fleet.deny("ec2", "DeleteSnapshot", 5min);
    complete(imaged_end());
    ASSERT_THAT(fleet.world.ec2().snapshots(), SizeIs(2)) << stops;
    fleet.time.run_for(6min);

    if (stops) fleet.keeper.stop();
    fleet.time.run_for(stops ? 1s : 10min);

    EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(1)) << stops;
    EXPECT_THAT(fleet.logged("snapshots_left"), SizeIs(0));
  }
}

// Two deployments in one account, each with a group of this name.
TEST_F(image_keeper_test, images_of_scaling_groups_that_its_group_does_not_match_are_not_its_own) {
  const auto first = imaged_end();
  const auto second = imaged_end();
  complete(first);
  match = {"stg-*"};

  tidy();

  EXPECT_THAT(kept(), UnorderedElementsAre(first.instance, second.instance));
}

TEST_F(image_keeper_test, an_image_of_an_event_without_a_hook_stays_until_its_groups_deadline) {
  auto warned = fleet.spot(fleet.in_service());
  warned.kind = event_kind::rebalance_recommendation;
  EXPECT_EQ(fleet.run(create, warned).value(), outcome::done);
  fleet.world.ec2().terminate(warned.instance);
  fleet.time.run_for(5min);
  const auto ended = imaged_end();
  EXPECT_THAT(kept(), UnorderedElementsAre(warned.instance, ended.instance));

  fleet.time.run_for(30min);

  EXPECT_THAT(kept(), ElementsAre(ended.instance)) << "with no further image made";
}

TEST_F(image_keeper_test, what_had_to_stay_goes_by_itself_once_nobody_can_wait_for_it) {
  imaged_end();
  imaged_end();
  const auto last = imaged_end();
  EXPECT_THAT(kept(), SizeIs(3));

  fleet.time.run_for(40min);

  EXPECT_THAT(kept(), ElementsAre(last.instance));
  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(1));
}

TEST_F(image_keeper_test, many_who_ask_at_once_share_a_look_and_each_image_is_removed_once) {
  for (int i = 0; i < 4; ++i) complete(imaged_end());
  fleet.wire.calls.clear();
  fleet.log_lines.clear();

  tidy(28);

  EXPECT_THAT(kept(), SizeIs(1));
  EXPECT_LE(fleet.wire.count("DescribeImages"), 2U);
  EXPECT_EQ(fleet.wire.count("DeregisterImage"), fleet.logged("image_removed").size());
  EXPECT_EQ(fleet.wire.count("DeregisterImage"), fleet.wire.count("DeleteSnapshot"));
}

TEST_F(image_keeper_test, an_image_that_somebody_else_removed_is_not_said_to_be_removed) {
  complete(imaged_end());
  complete(imaged_end());
  imaged_end();
  const auto before = fleet.logged("image_removed").size();
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DeregisterImage") return std::nullopt;
    return aws::http_response{
        400, {}, "<Response><Errors><Error><Code>InvalidAMIID.Unavailable</Code></Error></Errors></Response>"};
  };

  complete(begin_end());
  tidy();

  EXPECT_THAT(fleet.logged("image_removed"), SizeIs(before));
  EXPECT_THAT(fleet.logged("retention_failed"), IsEmpty());
}

TEST_F(image_keeper_test, what_may_not_be_removed_holds_and_fails_no_hook_and_goes_after_the_next_image) {
  complete(imaged_end());
  for (const auto* denied : {"DeregisterImage", "DescribeSnapshots"}) {
    fleet.deny("ec2", denied, 8min);
    const auto before = fleet.time.clock.now();

    complete(imaged_end());

    EXPECT_LT(fleet.time.clock.now() - before, 4min) << denied;
    fleet.time.run_for(7min);
  }
  EXPECT_THAT(kept(), SizeIs(3)) << "nothing could be removed";
  EXPECT_THAT(advice(), Contains(testing::HasSubstr("error: allow what deploy/iam/")));
  EXPECT_THAT(fleet.counts.exposition(),
              testing::HasSubstr(R"(lifehook_steps_total{group="web",outcome="denied",step="image_retention"})"));

  complete(imaged_end());

  EXPECT_THAT(kept(), SizeIs(1));
}

TEST_F(image_keeper_test, a_snapshot_that_could_not_be_deleted_is_deleted_after_the_next_image) {
  complete(imaged_end());
  fleet.deny("ec2", "DeleteSnapshot", 4min);
  complete(imaged_end());
  EXPECT_THAT(kept(), SizeIs(1));
  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(2));
  fleet.time.run_for(5min);

  complete(imaged_end());
  tidy();

  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(1));
}

TEST_F(image_keeper_test, snapshots_of_an_image_whose_removal_was_not_answered_at_first_are_deleted) {
  complete(imaged_end());
  strike(simulator::fault_kind::lost_answer);
  fleet.wire.instead = [this, removals = 0](const seen_call& call) mutable -> std::optional<aws::http_response> {
    if (call.operation == "DeregisterImage" && ++removals == 2) fleet.world.faults().clear();
    return std::nullopt;
  };

  complete(imaged_end());
  tidy();

  EXPECT_EQ(fleet.wire.count("DeregisterImage"), 2U) << "told the second time that it is not there";
  EXPECT_THAT(kept(), SizeIs(1));
  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(1));
}

TEST_F(image_keeper_test, snapshots_of_an_image_whose_removal_was_never_answered_are_deleted_after_the_next_image) {
  complete(imaged_end());
  strike(simulator::fault_kind::lost_answer);
  fleet.deny("ec2", "DeleteSnapshot", 4min);
  complete(imaged_end());
  EXPECT_THAT(kept(), SizeIs(1));
  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(2)) << "which AWS did not delete with the image either";
  fleet.world.faults().clear();

  complete(imaged_end());
  tidy();

  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(1));
}

TEST_F(image_keeper_test, snapshots_of_an_image_that_is_there_after_all_stay) {
  complete(imaged_end());
  strike(simulator::fault_kind::reset);
  complete(imaged_end());
  EXPECT_THAT(kept(), SizeIs(2)) << "no removal has reached AWS";
  fleet.world.faults().clear();
  fleet.log_lines.clear();

  complete(imaged_end());
  tidy();

  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(1));
  EXPECT_THAT(fleet.logged("image_removed"), SizeIs(2));
  EXPECT_THAT(fleet.logged("snapshot_left"), IsEmpty());
}

TEST_F(image_keeper_test, stopped_it_ends_the_removal_it_is_at_with_its_snapshots) {
  remove_slowly(1s);

  fleet.keeper.stop();
  fleet.time.run_for(1s);

  EXPECT_THAT(kept(), SizeIs(2)) << "the next is not begun";
  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(2));
  EXPECT_EQ(fleet.time.tasks.running(), 0U);
}

TEST_F(image_keeper_test, stopped_it_does_not_wait_long_for_the_removal_it_is_at) {
  remove_slowly(20s);

  fleet.keeper.stop();
  fleet.time.run_for(2s);

  EXPECT_EQ(fleet.time.tasks.running(), 0U);
}

TEST_F(image_keeper_test, one_that_AWS_refuses_to_give_up_does_not_keep_the_others) {
  std::vector<event> ended;
  for (int i = 0; i < 3; ++i) ended.push_back(imaged_end());
  const auto guarded = fleet.world.ec2().images().front().id;
  fleet.wire.instead = [guarded](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DeregisterImage" || call.body.find(guarded) == std::string::npos) return std::nullopt;
    return aws::http_response{
        400, {}, "<Response><Errors><Error><Code>OperationNotPermitted</Code></Error></Errors></Response>"};
  };

  for (const auto& each : ended) complete(each);
  tidy();

  EXPECT_THAT(kept(), UnorderedElementsAre(ended.front().instance, ended.back().instance));
  EXPECT_THAT(advice(), Contains(testing::HasSubstr("warn: ")));
}

TEST_F(image_keeper_test, stopped_it_begins_nothing_more) {
  complete(imaged_end());
  complete(begin_end());
  fleet.keeper.stop();
  fleet.wire.calls.clear();

  tidy();

  EXPECT_EQ(fleet.wire.calls.size(), 0U);
}

}  // namespace
}  // namespace lifehook::handlers
