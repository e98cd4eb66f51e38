#include "handlers/open_waits.h"

#include "base/time_text.h"
#include "handlers/hook_message.h"
#include "tests/handlers/step_stage.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <utility>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

aws::lifecycle_hook hook(std::string name, const std::string& transition) {
  return {std::move(name), "autoscaling:EC2_INSTANCE_" + transition, 300s, 48h, "CONTINUE"};
}

std::vector<open_wait> waits_in(std::string state) {
  aws::scaling_group of;
  of.name = "web-fleet";
  of.instances.push_back({"i-0123456789abcdef0", std::move(state)});
  const std::vector<aws::lifecycle_hook> hooks{hook("drain", "TERMINATING"), hook("warmup", "LAUNCHING")};
  return waits_of(of, hooks);
}

std::vector<std::string> hooks_of(const std::vector<open_wait>& waits) {
  std::vector<std::string> names;
  for (const auto& each : waits) names.push_back(each.about.hook);
  return names;
}

TEST(open_waits, an_instance_waits_for_the_hooks_of_its_transition) {
  EXPECT_THAT(hooks_of(waits_in("Terminating:Wait")), ElementsAre("drain"));
  EXPECT_THAT(hooks_of(waits_in("Warmed:Terminating:Wait")), ElementsAre("drain"));
  EXPECT_THAT(hooks_of(waits_in("Pending:Wait")), ElementsAre("warmup"));
  EXPECT_THAT(hooks_of(waits_in("Warmed:Pending:Wait")), ElementsAre("warmup", "drain")) << "a launch, or a return";
}

TEST(open_waits, what_is_in_no_wait_or_in_one_that_auto_scaling_ends_itself_is_none) {
  for (const auto* state : {"InService", "Terminating", "Terminating:Proceed", "Pending", "Standby",
                            "Terminating:Retained", "ReplacingRootVolume:Wait"})
    EXPECT_THAT(waits_in(state), IsEmpty()) << state;
}

TEST(open_waits, only_an_instance_on_its_way_to_ec2_ends) {
  EXPECT_TRUE(waits_in("Terminating:Wait").front().about.ends_instance());
  EXPECT_TRUE(waits_in("Warmed:Terminating:Wait").front().about.ends_instance());
  for (const auto& each : waits_in("Warmed:Pending:Wait")) EXPECT_FALSE(each.about.ends_instance());
}

TEST(open_waits, what_goes_into_the_warm_pool_comes_from_service_and_what_ends_there_from_the_pool) {
  EXPECT_EQ(waits_in("Warmed:Pending:Wait").back().about.origin, place::scaling_group);
  EXPECT_EQ(waits_in("Warmed:Terminating:Wait").front().about.origin, place::warm_pool);
}

TEST(open_waits, its_message_reads_back_as_it_was) {
  auto about = waits_in("Terminating:Wait").front().about;
  about.time = parse_rfc3339("2026-03-02T10:15:30Z");
  about.id = "a";

  const auto read = parse(hook_message(about));

  ASSERT_TRUE(read.has_value()) << read.error().what();
  ASSERT_THAT(read->events, SizeIs(1));
  const auto& back = read->events.front();
  EXPECT_EQ(back.kind, event_kind::terminating);
  EXPECT_EQ(back.instance, about.instance);
  EXPECT_EQ(back.group, about.group);
  EXPECT_EQ(back.hook, about.hook);
  EXPECT_EQ(back.time, about.time);
  EXPECT_EQ(back.origin, about.origin);
  EXPECT_EQ(back.destination, about.destination);
  EXPECT_EQ(back.id, "a");
  EXPECT_TRUE(back.token.empty());
}

event of(std::string instance, event_kind kind = event_kind::terminating) {
  event about;
  about.kind = kind;
  about.instance = std::move(instance);
  return about;
}

TEST(open_waits, a_launch_into_a_group_with_a_warm_pool_may_come_out_of_it) {
  aws::scaling_group in;
  in.instances.push_back({"i-0123456789abcdef0", "Pending:Wait"});
  const std::vector<aws::lifecycle_hook> hooks{hook("warmup", "LAUNCHING")};

  EXPECT_EQ(waits_of(in, hooks).front().about.origin, place::ec2);
  in.has_warm_pool = true;
  EXPECT_EQ(waits_of(in, hooks).front().about.origin, place::warm_pool);
}

struct open_waits_stage : step_stage {
  std::vector<group> groups;
  open_waits_list list{services};

  group& answers(std::vector<std::string> match) {
    group& to = groups.emplace_back();
    to.name = "web";
    to.match = std::move(match);
    to.hooks = {"drain"};
    to.plans.emplace(event_kind::terminating, plan{{{wait_step(1s)}}});
    return to;
  }
  std::vector<open_wait> found() {
    services.groups = groups;
    std::vector<open_wait> waits;
    EXPECT_TRUE(read(waits).has_value());
    return waits;
  }
  result<> read(std::vector<open_wait>& into) {
    return time.wait_for(list.read([&into](open_wait one) { into.push_back(std::move(one)); }));
  }
};

TEST(open_waits, of_a_group_that_the_configuration_answers_are_found) {
  open_waits_stage fleet;
  fleet.furnish(3);
  fleet.answers({"web-*"});
  EXPECT_THAT(fleet.found(), IsEmpty());
  const auto id = fleet.an_instance();
  fleet.world.autoscaling().terminate(id, true);

  const auto waits = fleet.found();

  ASSERT_THAT(waits, SizeIs(1));
  EXPECT_EQ(waits.front().about.instance, id);
  EXPECT_EQ(waits.front().to, &fleet.groups.front());
  EXPECT_EQ(waits.front().heartbeat_timeout, 60s);
}

TEST(open_waits, its_beginning_is_looked_for_on_as_many_pages_as_it_takes) {
  open_waits_stage fleet;
  fleet.furnish(120);
  const auto ids = fleet.world.autoscaling().instances("web-fleet");
  const auto began = fleet.time.clock.now();
  fleet.world.autoscaling().terminate(ids.front(), true);
  fleet.time.run_for(1s);
  for (std::size_t i = 1; i < ids.size(); ++i) fleet.world.autoscaling().terminate(ids[i], true);
  auto about = of(ids.front());
  about.group = "web-fleet";

  const auto told = fleet.time.wait_for(beginnings(fleet.services.autoscaling, {about}, began - 1h));

  ASSERT_TRUE(told.has_value());
  ASSERT_TRUE(told->contains(ids.front()));
  EXPECT_LT(told->at(ids.front()), began + 1s);
}

TEST(open_waits, a_page_that_is_too_large_is_asked_for_in_smaller_ones) {
  open_waits_stage fleet;
  fleet.furnish(3);
  fleet.answers({"web-*"});
  fleet.world.autoscaling().terminate(fleet.an_instance(), true);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.body.find("MaxRecords=10") == std::string::npos) return std::nullopt;
    return too_large_answer();
  };

  EXPECT_THAT(fleet.found(), SizeIs(1));
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingGroups"), 3U) << "of a hundred, of ten, and of one";

  EXPECT_THAT(fleet.found(), SizeIs(1));
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingGroups"), 4U) << "at once, the next time";
}

TEST(open_waits, a_page_that_was_lost_on_the_way_makes_none_smaller) {
  open_waits_stage fleet;
  fleet.furnish(3);
  fleet.answers({"web-*"});
  fleet.world.autoscaling().terminate(fleet.an_instance(), true);
  bool is_lost = true;
  fleet.wire.instead = [&is_lost](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.body.find("MaxRecords=100") == std::string::npos || !std::exchange(is_lost, false)) return std::nullopt;
    return aws::http_response{503, {}, "as good as no answer"};
  };

  EXPECT_THAT(fleet.found(), SizeIs(1));
  EXPECT_THAT(fleet.found(), SizeIs(1));

  for (const auto& call : fleet.wire.of("DescribeAutoScalingGroups"))
    EXPECT_NE(call.body.find("MaxRecords=100"), std::string::npos) << call.body;
}

TEST(open_waits, are_looked_for_on_all_pages_of_groups) {
  open_waits_stage fleet;
  fleet.furnish(3);
  for (int i = 0; i < 110; ++i) fleet.world.autoscaling().create_group({.name = "batch-" + std::to_string(i)});
  fleet.answers({"web-*"});
  fleet.world.autoscaling().terminate(fleet.an_instance(), true);

  EXPECT_THAT(fleet.found(), SizeIs(1));
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingGroups"), 2U);
}

TEST(open_waits, an_outage_is_not_taken_for_none) {
  open_waits_stage fleet;
  fleet.furnish(3);
  fleet.answers({"web-*"});
  fleet.world.autoscaling().terminate(fleet.an_instance(), true);
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 1h);
  fleet.services.groups = fleet.groups;

  std::vector<open_wait> waits;
  EXPECT_TRUE(fleet.read(waits).has_error());
}

TEST(open_waits, a_warm_pool_that_has_gone_meanwhile_hides_none_of_its_group) {
  open_waits_stage fleet;
  fleet.furnish(3);
  fleet.answers({"web-*"});
  fleet.change(aws::services::autoscaling, "PutWarmPool", {{"AutoScalingGroupName", "web-fleet"}});
  fleet.world.autoscaling().terminate(fleet.an_instance(), true);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeWarmPool") return std::nullopt;
    return aws::http_response{
        400,
        {},
        "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>AutoScalingGroup name not found "
        "- no such group</Message></Error></ErrorResponse>"};
  };

  EXPECT_THAT(fleet.found(), SizeIs(1));
  EXPECT_EQ(fleet.wire.count("DescribeWarmPool"), 1U);
}

TEST(open_waits, activities_older_than_what_is_looked_for_are_not_read_on) {
  open_waits_stage fleet;
  fleet.furnish(150);
  fleet.time.run_for(1h);
  auto about = of("i-0000000000000dead");
  about.group = "web-fleet";

  fleet.time.wait_for(beginnings(fleet.services.autoscaling, {about}, fleet.time.clock.now() - 10min));

  EXPECT_EQ(fleet.wire.count("DescribeScalingActivities"), 1U);
}

TEST(open_waits, a_group_of_others_is_not_even_asked_for_its_hooks) {
  open_waits_stage fleet;
  fleet.furnish(3);
  fleet.answers({"batch-*"});
  fleet.world.autoscaling().terminate(fleet.an_instance(), true);

  EXPECT_THAT(fleet.found(), IsEmpty());
  EXPECT_EQ(fleet.wire.count("DescribeLifecycleHooks"), 0U);
}

TEST(open_waits, the_tags_of_an_instance_decide_where_a_group_is_matched_by_tags) {
  open_waits_stage fleet;
  fleet.furnish(3);
  fleet.answers({}).match_tags = {{"Name", "nobody-*"}};
  fleet.world.autoscaling().terminate(fleet.an_instance(), true);

  EXPECT_THAT(fleet.found(), IsEmpty());
  EXPECT_EQ(fleet.wire.count("DescribeTags") + fleet.wire.count("DescribeInstances"), 1U);
}

TEST(open_waits, an_instances_own_tags_win_over_its_groups) {
  open_waits_stage fleet;
  fleet.world.autoscaling().create_group({.name = "web-tagged", .desired = 1, .tags = {{"Team", "ours"}}});
  fleet.world.autoscaling().put_hook("web-tagged", {.name = "drain", .heartbeat_timeout = 60s});
  fleet.time.run_for(1min);
  const auto id = fleet.world.autoscaling().instances("web-tagged").front();
  fleet.world.ec2().tag(id, "Team", "theirs");
  fleet.world.autoscaling().terminate(id, true);

  fleet.answers({}).match_tags = {{"Team", "theirs"}};
  EXPECT_THAT(fleet.found(), SizeIs(1));
  fleet.groups.clear();
  fleet.answers({}).match_tags = {{"Team", "ours"}};
  EXPECT_THAT(fleet.found(), IsEmpty());
}

}  // namespace
}  // namespace lifehook::handlers
