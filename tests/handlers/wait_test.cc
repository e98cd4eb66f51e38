#include "handlers/wait.h"

#include "base/time_text.h"
#include "handlers/plan_runner.h"
#include "tests/handlers/fleet_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

struct wait_test : testing::Test {
  // How the step ended, and how long it took.
  result<outcome> run(step_plan plan) { return run(std::move(plan), keeps); }
  result<outcome> run(step_plan plan, tenure& kept) {
    group of;
    of.name = "web";
    plan_runner runner(of, {{{std::move(plan)}}}, fleet.services);
    const auto before = fleet.time.clock.now();
    auto ran = fleet.time.wait_for(kept.work().guard(runner.run(about, kept, fleet.log)));
    took = fleet.time.clock.now() - before;
    return ran;
  }

  fleet_stage fleet;
  std::shared_ptr<event> about = std::make_shared<event>();
  tenure keeps{fleet.terms()};
  duration took{0};
};

TEST_F(wait_test, counts_from_the_event_so_that_repeats_do_not_wait_anew) {
  about->time = fleet.time.clock.now() - 45s;

  EXPECT_EQ(run(wait_step(2min)).value(), outcome::done);
  EXPECT_EQ(took, 75s);
}

TEST_F(wait_test, is_done_at_once_when_the_time_has_passed) {
  about->time = fleet.time.clock.now() - 2min;

  EXPECT_EQ(run(wait_step(2min)).value(), outcome::done);
  EXPECT_EQ(took, 0s);
}

TEST_F(wait_test, counts_from_the_event_also_where_our_clock_is_wrong) {
  about->time = fleet.time.clock.now() - 45s;
  auto terms = fleet.terms();
  fleet_stage::set_our_clock_ahead(1h, terms, *about);
  tenure kept(terms);

  EXPECT_EQ(run(wait_step(2min), kept).value(), outcome::done);
  EXPECT_EQ(took, 75s);
}

TEST_F(wait_test, counts_from_sending_when_the_event_names_no_time) {
  EXPECT_EQ(run(wait_step(2min)).value(), outcome::done);
  EXPECT_EQ(took, 2min);
}

TEST_F(wait_test, only_says_so_in_a_dry_run) {
  auto plan = wait_step(2min);
  plan.dry_run = true;

  EXPECT_EQ(run(plan).value(), outcome::done);
  EXPECT_EQ(took, 0s);
  EXPECT_EQ(fleet.logged("would_wait").size(), 1U);
}

TEST_F(wait_test, may_count_from_the_end_of_the_steps_before_it) {
  about->time = fleet.time.clock.now() - 45s;

  step_plan plan{"wait", {}, std::nullopt, false, on_error::stop};
  plan.with.set("after", duration(2min));
  EXPECT_EQ(run(plan).value(), outcome::done);
  EXPECT_EQ(took, 2min);

  auto brief = fleet.terms();
  brief.hold_until = brief.received;  // a requeue would begin it anew
  tenure kept(brief);
  EXPECT_EQ(run(plan, kept).value(), outcome::done);
  EXPECT_EQ(took, 2min);
}

TEST_F(wait_test, ends_at_its_timeout) {
  EXPECT_EQ(run(wait_step(2min, 40s)).value(), outcome::timeout);
  EXPECT_EQ(took, 40s);
}

TEST_F(wait_test, gives_the_message_back_once_it_was_held_long_enough) {
  auto terms = fleet.terms();
  terms.hold_until = fleet.time.clock.now() + 1min;
  tenure brief(terms);
  group of;
  plan_runner runner(of, {{{wait_step(10min)}}}, fleet.services);
  const auto before = fleet.time.clock.now();

  const auto ran = fleet.time.wait_for(brief.work().guard(runner.run(about, brief, fleet.log)));

  ASSERT_TRUE(ran.has_error());
  EXPECT_EQ(ran.error().code(), errc::cancelled);
  EXPECT_EQ(brief.why(), give_up::hold);
  EXPECT_EQ(fleet.time.clock.now() - before, 1min);
  EXPECT_EQ(brief.delay(), 30s);
}

// A reboot that was announced two hours ago, begins in one, and is to be prepared for a day before.
struct wait_before_test : wait_test {
  wait_before_test() {
    fleet.furnish(1, 3600s);
    about->kind = event_kind::scheduled_change;
    about->detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
    about->instance = fleet.an_instance();
    about->time = fleet.time.clock.now() - 2h;
    about->starts = fleet.time.clock.now() + 1h;
  }

  // Of a list that waits, then drains; EC2 describes the reboot so, or does not answer.
  outcome run_while_ec2_says(const std::optional<std::string>& description) {
    fleet.wire.instead = [this, description](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation != "DescribeInstanceStatus") return std::nullopt;
      if (!description) return aws::http_response{503, {}, ""};
      return aws::http_response{
          200,
          {},
          "<DescribeInstanceStatusResponse><instanceStatusSet><item><instanceId>" + about->instance +
              "</instanceId><eventsSet><item><instanceEventId>instance-event-1</instanceEventId>"
              "<code>system-reboot</code><description>" +
              *description + "</description><notBefore>" + to_rfc3339(*about->starts) +
              "</notBefore></item></eventsSet></item></instanceStatusSet></DescribeInstanceStatusResponse>"};
    };
    step_plan waiting{"wait", {}, std::nullopt, false, on_error::stop};
    waiting.with.set("before", duration(24h));
    group of;
    of.name = "web";
    plan_runner runner(of, {{{waiting}}, {{drain_step()}}}, fleet.services);
    return fleet.time.wait_for(keeps.work().guard(runner.run(about, keeps, fleet.log))).value();
  }
  std::size_t drains() { return fleet.wire.count("UpdateContainerInstancesState"); }
};

TEST_F(wait_before_test, goes_back_to_its_queue_for_no_longer_than_its_timeout_has_left) {
  about->starts = fleet.time.clock.now() + 10h;
  step_plan waiting{"wait", {}, 40min, false, on_error::stop};
  waiting.with.set("before", duration(1h));

  auto terms = fleet.terms();
  terms.longest_delay = 12h;
  tenure kept(terms);

  const auto ran = run(waiting, kept);

  ASSERT_TRUE(ran.has_error());
  EXPECT_EQ(ran.error().code(), errc::cancelled);
  EXPECT_EQ(kept.delay(), 40min);
}

TEST_F(wait_before_test, counts_to_the_start_also_where_our_clock_is_wrong) {
  about->starts = fleet.time.clock.now() + 90min;
  auto terms = fleet.terms();
  terms.may_requeue = false;
  terms.clock_ahead = -1h;  // ours is an hour ahead: by AWS's it is half an hour more to the start
  tenure kept(terms);
  step_plan waiting{"wait", {}, std::nullopt, false, on_error::stop};
  waiting.with.set("before", duration(1h));

  EXPECT_EQ(run(waiting, kept).value(), outcome::done);
  EXPECT_EQ(took, 90min);
}

TEST_F(wait_before_test, what_is_still_to_come_is_prepared_for) {
  EXPECT_EQ(run_while_ec2_says("The instance is scheduled for a reboot"), outcome::done);
  EXPECT_EQ(drains(), 1U);
}

TEST_F(wait_before_test, what_was_called_off_meanwhile_ends_its_list) {
  EXPECT_EQ(run_while_ec2_says("[Completed] The instance is scheduled for a reboot"), outcome::called_off);
  EXPECT_EQ(drains(), 0U);
}

TEST_F(wait_before_test, what_ec2_does_not_tell_of_is_prepared_for) {
  EXPECT_EQ(run_while_ec2_says(std::nullopt), outcome::done);
  EXPECT_EQ(drains(), 1U);
}

TEST_F(wait_before_test, what_was_announced_a_moment_ago_needs_no_question) {
  about->time = fleet.time.clock.now() - 1min;

  EXPECT_EQ(run_while_ec2_says("[Canceled]"), outcome::done);

  EXPECT_EQ(fleet.wire.count("DescribeInstanceStatus"), 0U);
}

}  // namespace
}  // namespace lifehook::handlers
