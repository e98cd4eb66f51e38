#include "handlers/detach_instance.h"

#include "base/side_by_side.h"
#include "handlers/capacity_note.h"
#include "tests/handlers/step_stage.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

struct detach_instance_test : testing::Test {
  void furnish(int desired) {
    fleet.furnish(desired);
    fleet.time.run_for(10s);
    instance = fleet.an_instance();
  }
  bool is_member() {
    const auto all = fleet.members();
    return std::find(all.begin(), all.end(), instance) != all.end();
  }

  step_stage fleet;
  std::string instance;
  step_plan detach = plan_of("detach_instance");
};

TEST_F(detach_instance_test, with_enough_in_service_it_detaches_at_once_and_is_replaced) {
  furnish(3);
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(detach, fleet.spot(instance)).value(), outcome::done);

  EXPECT_LE(fleet.time.clock.now() - before, 1s);
  fleet.time.run_for(30s);
  EXPECT_FALSE(is_member());
  EXPECT_EQ(fleet.group_now()->desired, 3) << "without decrement";
  EXPECT_THAT(fleet.members(), SizeIs(3));
}

TEST_F(detach_instance_test, the_last_one_waits_for_another_to_serve) {
  furnish(1);
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(detach, fleet.spot(instance)).value(), outcome::done);

  EXPECT_GE(fleet.time.clock.now() - before, 5s) << "a launch takes five seconds here";
  EXPECT_LE(fleet.time.clock.now() - before, 15s);
  EXPECT_EQ(fleet.group_now()->desired, 2);
}

TEST_F(detach_instance_test, a_raise_that_auto_scaling_does_not_show_yet_is_waited_for_all_the_same) {
  furnish(1);
  const auto before = fleet.time.clock.now();
  alarm soon(fleet.time.clock);
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "SetDesiredCapacity") return std::nullopt;
    soon.set(2s, [&] { fleet.world.autoscaling().set_desired("web-fleet", 2); });
    return aws::http_response{200, {}, "<SetDesiredCapacityResponse/>"};
  };

  EXPECT_EQ(fleet.run(detach, fleet.spot(instance)).value(), outcome::done);

  EXPECT_GE(fleet.time.clock.now() - before, 7s) << "a launch takes five seconds here";
  EXPECT_THAT(fleet.logged("too_few_in_service"), SizeIs(0));
}

TEST_F(detach_instance_test, its_raise_is_not_taken_for_one_that_was_on_its_way) {
  furnish(1);
  const auto other = capacity_change{"i-0000000000000beef", 1, 2};
  fleet.time.wait_for(fleet.state->write_note(capacity_change_key("web-fleet"), to_text(other), 1h)).value();

  EXPECT_EQ(fleet.run(detach, fleet.spot(instance)).value(), outcome::done);

  EXPECT_EQ(fleet.group_now()->desired, 2);
  const auto left = fleet.time.wait_for(fleet.state->note(capacity_change_key("web-fleet"))).value().value();
  EXPECT_EQ(read_capacity_change(left), std::nullopt) << left;
  EXPECT_EQ(fleet.time.wait_for(fleet.state->note(capacity_key("web-fleet", other.instance))).value(), std::nullopt)
      << "it was not made";
}

TEST_F(detach_instance_test, a_raise_whose_answer_was_lost_does_not_undo_what_others_raised_meanwhile) {
  furnish(1);
  bool told = false;
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "SetDesiredCapacity" || std::exchange(told, true)) return std::nullopt;
    fleet.world.autoscaling().set_desired("web-fleet", 2);
    fleet.world.autoscaling().set_desired("web-fleet", 5);  // a policy
    return aws::http_response{502, {}, "<html>"};
  };

  EXPECT_EQ(fleet.run(detach, fleet.spot(instance)).value(), outcome::done);

  EXPECT_EQ(fleet.group_now()->desired, 5);
  EXPECT_EQ(fleet.wire.count("SetDesiredCapacity"), 1U);
}

TEST_F(detach_instance_test, no_longer_than_it_was_told) {
  fleet.world.autoscaling().create_group({.name = "web-fleet", .desired = 1, .launch_time = 10min});
  fleet.time.run_for(11min);
  instance = fleet.an_instance();
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(detach, fleet.spot(instance)).value(), outcome::done);

  EXPECT_EQ(fleet.time.clock.now() - before, 60s);
  EXPECT_THAT(fleet.logged("too_few_in_service"), SizeIs(1));
}

TEST_F(detach_instance_test, nor_when_its_message_goes_back_to_the_queue_after_every_look) {
  fleet.world.autoscaling().create_group({.name = "web-fleet", .desired = 1, .launch_time = 10min});
  fleet.time.run_for(11min);
  instance = fleet.an_instance();
  const auto about = fleet.spot(instance);
  auto under = fleet.terms();
  under.hold_until = fleet.time.clock.now();
  const auto before = fleet.time.clock.now();

  auto ended = fleet.attend({{{detach}}}, about, fleet.services, under);
  for (int i = 0; i < 30 && ended.what == verdict::kind::requeue; ++i) {
    fleet.time.run_for(ended.delay);
    ended = fleet.attend({{{detach}}}, about, fleet.services, under);
  }

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_EQ(fleet.time.clock.now() - before, 60s);
  EXPECT_THAT(fleet.logged("too_few_in_service"), SizeIs(1));
}

TEST_F(detach_instance_test, the_maximum_is_respected) {
  fleet.world.autoscaling().create_group({.name = "web-fleet", .min_size = 0, .max_size = 1, .desired = 1});
  fleet.time.run_for(10s);
  instance = fleet.an_instance();

  EXPECT_EQ(fleet.run(detach, fleet.spot(instance)).value(), outcome::done);

  EXPECT_EQ(fleet.wire.count("SetDesiredCapacity"), 0U);
  EXPECT_THAT(fleet.logged("capacity_at_max"), SizeIs(1));
}

TEST_F(detach_instance_test, of_two_at_once_the_second_waits_for_the_replacement_of_the_first) {
  furnish(2);
  plan_runner runner(fleet.service, {{{detach}}}, fleet.services);
  std::vector<std::unique_ptr<tenure>> held;
  std::vector<task<result<outcome>>> both;
  for (const auto& each : fleet.members()) {
    held.push_back(std::make_unique<tenure>(fleet.terms()));
    both.push_back(
        held.back()->work().guard(runner.run(std::make_shared<event>(fleet.spot(each)), *held.back(), fleet.log)));
  }

  fleet.time.wait_for(side_by_side(std::move(both)));

  const auto calls = fleet.wire.of("DetachInstances");
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_GE(calls[1].at - calls[0].at, 4s) << "a launch takes five seconds here";
  EXPECT_TRUE(fleet.logged("too_few_in_service").empty());
}

TEST_F(detach_instance_test, already_detached_is_done) {
  furnish(3);
  const auto about = fleet.spot(instance);
  fleet.run(detach, about);
  fleet.time.run_for(10s);

  EXPECT_EQ(fleet.run(detach, about).value(), outcome::gone);
  EXPECT_EQ(fleet.wire.count("DetachInstances"), 1U);
}

TEST_F(detach_instance_test, a_lost_answer_detaches_once) {
  furnish(3);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add(
      {simulator::fault_kind::lost_answer, "autoscaling", "DetachInstances", 1.0, now, now + 1s, {}});

  const auto ended = fleet.run(detach, fleet.spot(instance));

  EXPECT_FALSE(is_failure(ended.value()));
  EXPECT_EQ(fleet.wire.count("DetachInstances"), 1U);
  EXPECT_EQ(fleet.group_now()->desired, 3);
}

TEST_F(detach_instance_test, an_outage_is_waited_out) {
  furnish(3);
  fleet.deny("autoscaling", "DetachInstances", 30s);

  EXPECT_EQ(fleet.run(detach, fleet.spot(instance)).value(), outcome::done);
  EXPECT_FALSE(fleet.logged("outage").empty());
}

}  // namespace
}  // namespace lifehook::handlers
