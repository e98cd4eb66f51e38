#include "handlers/create_image.h"

#include "handlers/image_tags.h"
#include "tests/handlers/step_stage.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Pair;
using testing::SizeIs;

struct create_image_test : testing::Test {
  create_image_test() {
    fleet.furnish(3);
    fleet.time.run_for(10s);
  }
  const std::vector<simulator::image_record>& images() { return fleet.world.ec2().images(); }
  event ending() { return *fleet.begin_termination(); }
  void release(const std::string& group) {
    fleet.world.autoscaling().create_group({.name = group, .desired = 1});
    fleet.time.run_for(20s);
  }
  void record_launch(const std::string& group, time_point when) {
    fleet.time.wait_for(fleet.state->record_launch("web", group, when));
  }

  step_stage fleet;
  step_plan create = plan_of("create_image");
};

TEST_F(create_image_test, an_unexpected_end_gets_a_tagged_image_and_waits_for_it) {
  const auto about = ending();
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(create, about).value(), outcome::done);

  ASSERT_THAT(images(), SizeIs(1));
  const auto& image = images().front();
  EXPECT_EQ(image.name, "lifehook-web-" + about.instance);
  EXPECT_EQ(image.state, "available");
  EXPECT_FALSE(image.reboots);
  EXPECT_THAT(image.tags, Contains(Pair(std::string(service_tag), "web")));
  EXPECT_THAT(image.tags, Contains(Pair(std::string(scaling_group_tag), "web-fleet")));
  EXPECT_THAT(image.tags, Contains(Pair(std::string(cause_tag), "user_request")));
  EXPECT_THAT(fleet.world.ec2().snapshots().front().tags, Contains(Pair(std::string(service_tag), "web")));
  EXPECT_GE(fleet.time.clock.now() - before, 3min) << "an image takes its time";
}

TEST_F(create_image_test, the_end_of_a_group_a_release_has_replaced_is_expected) {
  fleet.time.run_for(1min);
  record_launch("web-fleet", fleet.time.clock.now() - 30s);
  record_launch("web-next", fleet.time.clock.now() - 10s);

  EXPECT_EQ(fleet.run(create, ending()).value(), outcome::expected);
  EXPECT_THAT(images(), SizeIs(0));
}

TEST_F(create_image_test, a_release_whose_launch_was_not_told_yet_is_seen_by_its_group) {
  record_launch("web-fleet", fleet.time.clock.now());
  fleet.time.run_for(1min);
  release("web-next");

  EXPECT_EQ(fleet.run(create, ending()).value(), outcome::expected);
}

TEST_F(create_image_test, a_launch_told_after_an_earlier_end_does_not_make_that_end_expected) {
  record_launch("web-fleet", fleet.time.clock.now() - 1h);
  const auto about = ending();
  record_launch("web-next", fleet.time.clock.now() + 1min);

  EXPECT_EQ(fleet.run(create, about).value(), outcome::done);
}

TEST_F(create_image_test, after_a_rollback_the_older_group_is_current_again) {
  release("web-next");
  record_launch("web-next", fleet.time.clock.now());
  fleet.time.run_for(1min);
  record_launch("web-fleet", fleet.time.clock.now());
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.run(create, ending()).value(), outcome::done);
}

TEST_F(create_image_test, with_nothing_recorded_the_newest_created_group_is_current) {
  release("web-next");

  EXPECT_EQ(fleet.run(create, ending()).value(), outcome::expected);
}

TEST_F(create_image_test, an_expected_cause_calls_for_no_image) {
  auto with_causes = plan_of("create_image", {{"expected_causes", std::vector<std::string>{"scaling_policy"}}});
  fleet.world.autoscaling().scale_by_policy("web-fleet", "cpu", -1);
  const auto& action = fleet.action_seen();
  event about;
  about.time = fleet.time.clock.now();
  about.instance = action.instance;
  about.group = action.group;
  about.destination = place::ec2;

  EXPECT_EQ(fleet.run(with_causes, about).value(), outcome::expected);
  EXPECT_EQ(fleet.run(create, about).value(), outcome::done) << "not where nobody expects it";
}

TEST_F(create_image_test, an_expected_end_goes_on_at_once_though_scaling_activities_cannot_be_read) {
  release("web-next");
  fleet.deny("autoscaling", "DescribeScalingActivities", 30min);
  const auto about = ending();
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(create, about).value(), outcome::expected);

  EXPECT_LT(fleet.time.clock.now() - before, 1s);
  EXPECT_EQ(fleet.wire.count("DescribeScalingActivities"), 0U) << "nothing hangs on them";
}

TEST_F(create_image_test, a_cause_that_cannot_be_read_does_not_keep_an_image_waiting) {
  fleet.deny("autoscaling", "DescribeScalingActivities", 30min);
  const auto about = ending();

  EXPECT_EQ(fleet.run(plan_of("create_image", {{"wait", "requested"}}), about).value(), outcome::done);

  ASSERT_THAT(images(), SizeIs(1));
  EXPECT_THAT(images().front().tags, Contains(Pair(std::string(cause_tag), "unknown")));
  EXPECT_LT(images().front().requested - *about.time, 10s);
  EXPECT_THAT(fleet.logged("cause_not_read"), SizeIs(1));
}

TEST_F(create_image_test, where_causes_are_expected_an_outage_of_theirs_is_waited_out) {
  auto with_causes = plan_of("create_image", {{"expected_causes", std::vector<std::string>{"user_request"}}});
  fleet.deny("autoscaling", "DescribeScalingActivities", 40s);

  EXPECT_EQ(fleet.run(with_causes, ending()).value(), outcome::expected);
  EXPECT_THAT(images(), SizeIs(0));
}

TEST_F(create_image_test, an_image_of_what_an_instance_lived_through_is_not_taken_for_the_image_of_its_end) {
  auto warned = fleet.spot(fleet.an_instance());
  warned.kind = event_kind::rebalance_recommendation;
  const auto always = plan_of("create_image", {{"when", "always"}});
  EXPECT_EQ(fleet.run(always, warned).value(), outcome::done);
  EXPECT_EQ(fleet.run(always, warned).value(), outcome::done) << "the same event again";
  ASSERT_THAT(images(), SizeIs(1));
  fleet.time.run_for(1h);

  const auto about = ending();
  ASSERT_EQ(about.instance, warned.instance);
  EXPECT_EQ(fleet.run(create, about).value(), outcome::done);

  ASSERT_THAT(images(), SizeIs(2));
  EXPECT_THAT(images().front().name, testing::StartsWith("lifehook-web-" + about.instance + "-rebalance-"));
  EXPECT_EQ(images().back().name, "lifehook-web-" + about.instance);
}

TEST_F(create_image_test, a_stop_has_one_image_and_so_has_an_end) {
  auto about = fleet.spot(fleet.an_instance());
  about.kind = event_kind::state_change;
  const auto always = plan_of("create_image", {{"when", "always"}});
  const auto told = [&](const std::string& state) {
    fleet.time.run_for(20s);
    about.detail = state;
    about.time = fleet.time.clock.now();
    return fleet.run(always, about).value();
  };

  EXPECT_EQ(told("stopping"), outcome::skipped);
  EXPECT_EQ(fleet.logged("no_image").size(), 1U);
  EXPECT_EQ(told("stopped"), outcome::done);
  EXPECT_THAT(images(), SizeIs(1));
  EXPECT_EQ(told("shutting-down"), outcome::done);
  EXPECT_EQ(told("terminated"), outcome::done);

  ASSERT_THAT(images(), SizeIs(2));
  EXPECT_THAT(images().front().name, testing::HasSubstr("-stopped-"));
  EXPECT_EQ(images().back().name, "lifehook-web-" + about.instance);
}

TEST_F(create_image_test, always_means_always) {
  release("web-next");

  EXPECT_EQ(fleet.run(plan_of("create_image", {{"when", "always"}}), ending()).value(), outcome::done);
}

TEST_F(create_image_test, a_return_to_a_warm_pool_is_no_end) {
  auto about = ending();
  about.destination = place::warm_pool;

  EXPECT_EQ(fleet.run(create, about).value(), outcome::skipped);
  EXPECT_THAT(images(), SizeIs(0));
}

TEST_F(create_image_test, a_replaced_root_volume_is_no_end) {
  fleet.world.autoscaling().replace_root_volume(fleet.an_instance());
  const auto& action = fleet.action_seen();
  event about;
  about.time = fleet.time.clock.now();
  about.instance = action.instance;
  about.group = action.group;

  EXPECT_EQ(fleet.run(create, about).value(), outcome::skipped);
}

TEST_F(create_image_test, run_again_it_finds_the_image_it_made) {
  const auto about = ending();
  fleet.run(plan_of("create_image", {{"wait", "requested"}}), about);

  EXPECT_EQ(fleet.run(create, about).value(), outcome::done);
  EXPECT_THAT(images(), SizeIs(1));
}

TEST_F(create_image_test, a_taken_name_that_is_not_listed_yet_is_found_after_a_moment) {
  fleet.world.ec2().set_listing_delay(10s);
  const auto about = ending();
  fleet.run(plan_of("create_image", {{"wait", "requested"}}), about);

  EXPECT_EQ(fleet.run(create, about).value(), outcome::done);
  EXPECT_THAT(images(), SizeIs(1));
}

TEST_F(create_image_test, a_group_of_the_longest_name_gets_its_image) {
  auto about = ending();
  about.group = "web-" + std::string(251, 'x');

  EXPECT_EQ(fleet.run(plan_of("create_image", {{"when", "always"}}), about).value(), outcome::done);
  EXPECT_THAT(images(), SizeIs(1));
}

TEST_F(create_image_test, somebody_elses_image_of_that_name_is_a_failure) {
  const auto about = ending();
  aws::image_request theirs;
  theirs.instance = about.instance;
  theirs.name = "lifehook-web-" + about.instance;
  fleet.time.wait_for(fleet.ec2.usual.create_image(theirs));

  EXPECT_EQ(fleet.run(create, about).value(), outcome::failed);
}

TEST_F(create_image_test, an_image_that_fails_is_a_failure) {
  const auto about = ending();
  fleet.world.ec2().fail_next_image(about.instance);

  EXPECT_EQ(fleet.run(create, about).value(), outcome::failed);
  EXPECT_THAT(fleet.logged("image_failed"), SizeIs(1));
}

TEST_F(create_image_test, an_image_that_has_failed_is_none_also_where_nobody_waits_for_one) {
  const auto requested = plan_of("create_image", {{"wait", "requested"}});
  const auto about = ending();
  fleet.world.ec2().fail_next_image(about.instance);
  ASSERT_EQ(fleet.run(requested, about).value(), outcome::done);
  fleet.time.run_for(5min);

  EXPECT_EQ(fleet.run(requested, about).value(), outcome::failed);
  EXPECT_THAT(fleet.logged("image_failed"), SizeIs(1));
}

TEST_F(create_image_test, an_image_that_has_failed_is_not_looked_at_until_the_deadline) {
  auto warned = fleet.spot(fleet.an_instance());
  warned.kind = event_kind::rebalance_recommendation;
  fleet.world.ec2().fail_next_image(warned.instance);
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.attend({{{plan_of("create_image", {{"when", "always"}})}}}, warned).how, outcome::failed);

  EXPECT_LE(fleet.time.clock.now() - before, 4min) << "it takes three to fail";
  EXPECT_THAT(fleet.logged("image_failed"), SizeIs(1));
}

TEST_F(create_image_test, an_image_that_was_deregistered_but_is_still_listed_is_made_anew) {
  const auto about = ending();
  bool told = false;
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeImages" || std::exchange(told, true)) return std::nullopt;
    return aws::http_response{
        200,
        {},
        "<DescribeImagesResponse><imagesSet><item><imageId>ami-0d</imageId><imageState>deregistered</imageState>"
        "<creationDate>2024-05-01T10:00:00.000Z</creationDate></item></imagesSet></DescribeImagesResponse>"};
  };

  EXPECT_EQ(fleet.run(create, about).value(), outcome::done);
  EXPECT_THAT(images(), SizeIs(1));
}

TEST_F(create_image_test, an_instance_that_has_gone_is_said_and_done) {
  const auto about = ending();
  fleet.world.ec2().terminate(about.instance);
  fleet.time.run_for(2min);

  EXPECT_EQ(fleet.run(create, about).value(), outcome::gone);
  EXPECT_THAT(fleet.logged("instance_gone"), SizeIs(1));
}

TEST_F(create_image_test, an_outage_is_waited_out) {
  fleet.deny("ec2", "CreateImage", 40s);  // the hook's timer, which nobody beats here, is a minute

  EXPECT_EQ(fleet.run(create, ending()).value(), outcome::done);
  EXPECT_THAT(images(), SizeIs(1));
}

TEST_F(create_image_test, snapshots_of_the_volume_that_are_under_way_are_waited_for_without_slowing_other_calls) {
  const auto about = ending();
  const auto until = fleet.time.clock.now() + 20s;
  const auto rate = fleet.client.rate_for(aws::services::ec2, "CreateImage");
  fleet.wire.instead = [until](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "CreateImage" || call.at >= until) return std::nullopt;
    return aws::http_response{
        400, {}, "<Response><Errors><Error><Code>ConcurrentSnapshotLimitExceeded</Code></Error></Errors></Response>"};
  };

  EXPECT_EQ(fleet.run(create, about).value(), outcome::done);

  ASSERT_THAT(images(), SizeIs(1));
  EXPECT_GE(images().front().requested, until);
  EXPECT_EQ(fleet.client.rate_for(aws::services::ec2, "CreateImage"), rate);
}

TEST_F(create_image_test, retention_takes_only_our_own_and_their_snapshots) {
  aws::image_request theirs;
  theirs.instance = fleet.members().back();
  theirs.name = "somebody's";
  fleet.time.wait_for(fleet.ec2.usual.create_image(theirs));
  const auto keep_one = plan_of("create_image", {{"retain.count", std::int64_t(1)}});
  fleet.run(keep_one, ending());
  fleet.time.run_for(2h);

  EXPECT_EQ(fleet.run(keep_one, ending()).value(), outcome::done);
  fleet.time.run_for(1s);

  std::vector<std::string> left;
  for (const auto& each : images())
    if (!each.deregistered) left.push_back(each.name);
  EXPECT_THAT(left, testing::UnorderedElementsAre("somebody's", images().back().name));
  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(2));
}

TEST_F(create_image_test, a_dry_run_says_what_it_would_do) {
  auto dry = create;
  dry.dry_run = true;

  EXPECT_EQ(fleet.run(dry, ending()).value(), outcome::done);
  EXPECT_THAT(fleet.logged("would_create_image"), SizeIs(1));
  EXPECT_THAT(images(), SizeIs(0));
}

}  // namespace
}  // namespace lifehook::handlers
