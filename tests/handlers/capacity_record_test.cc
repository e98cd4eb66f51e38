#include "handlers/capacity_record.h"

#include "tests/handlers/step_stage.h"
#include "tests/handlers/watched_store.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr duration each_way = 20ms;       // of every call: to AWS, and to the state
constexpr duration longest_work = 900ms;  // by then none of what is cut here still runs

// Between any two things that happen in work on such a network.
std::vector<duration> moments() {
  std::vector<duration> all;
  for (duration at = each_way / 2; at < longest_work; at += each_way) all.push_back(at);
  return all;
}

aws::http_response unavailable() { return {503, {}, "<ErrorResponse/>"}; }

// Two instances of a group of two, each with its event, on a slow network.
struct two_instances {
  two_instances() {
    fleet.furnish(2);
    fleet.time.run_for(10s);
    first = fleet.spot(fleet.members()[0]);
    second = fleet.spot(fleet.members()[1]);
    fleet.wire.latency = fleet.wire.latency_back = each_way;
  }
  ~two_instances() { fleet.time.run_for(5s); }  // a lock that was cut off is dropped by then: services outlive all work
  two_instances(const two_instances&) = delete;
  two_instances& operator=(const two_instances&) = delete;
  int desired() { return fleet.group_now()->desired; }

  // Work of a worker that is killed at a moment; whether it was cut.
  bool work(bool back, const event& about, step_services& as, std::optional<duration> killed_after = std::nullopt) {
    plan_runner runner(fleet.service, {{{raise}}}, as);
    tenure keeps(fleet.terms());
    alarm kill(fleet.time.clock);
    if (killed_after) kill.set(*killed_after, [&] { keeps.end(give_up::stop); });
    const auto told = std::make_shared<event>(about);
    auto doing = back ? runner.give_back(told, keeps, fleet.log) : runner.run(told, keeps, fleet.log);
    return !fleet.time.wait_for(keeps.work().guard(std::move(doing))).has_value();
  }
  void raise_both() {
    work(false, first, here);
    work(false, second, here);
    fleet.time.run_for(30s);
  }
  // Others, when AWS is about to be asked for something: answers in its place, once.
  void when_asked_for(std::string operation, std::function<std::optional<aws::http_response>()> then) {
    fleet.wire.instead = [this, operation, then](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation != operation) return std::nullopt;
      auto answer = then();
      fleet.wire.instead = nullptr;
      return answer;
    };
  }

  step_stage fleet;
  step_plan raise = plan_of("raise_capacity");
  watched_store slow{fleet.time.clock, *fleet.state, each_way};
  step_services here = fleet.replica(slow), there = fleet.services;
  event first, second;
};

TEST(capacity_record, a_raise_cut_at_any_point_is_one_raise_though_another_comes_in_between) {
  std::size_t cut = 0;
  for (const auto at : moments()) {
    two_instances of;

    cut += of.work(false, of.first, of.here, at) ? 1U : 0U;
    of.work(false, of.second, of.there);
    of.work(false, of.first, of.there);
    EXPECT_EQ(of.desired(), 4) << at.count();
    of.fleet.time.run_for(30s);
    of.work(true, of.second, of.there);
    of.work(true, of.first, of.there);

    EXPECT_EQ(of.desired(), 2) << at.count();
  }
  EXPECT_GT(cut, 10U);
  EXPECT_LT(cut, moments().size()) << "the end of it was not reached";
}

TEST(capacity_record, a_raise_cut_at_any_point_and_not_tried_again_is_given_back_if_it_was_made) {
  std::size_t made = 0;
  for (const auto at : moments()) {
    two_instances of;

    of.work(false, of.first, of.here, at);
    made += of.desired() == 3 ? 1U : 0U;
    of.fleet.time.run_for(30s);
    of.work(true, of.first, of.there);

    EXPECT_EQ(of.desired(), 2) << at.count();
  }
  EXPECT_GT(made, 3U);
}

TEST(capacity_record, a_lowering_cut_at_any_point_lowers_by_one_though_another_raise_comes_in_between) {
  std::size_t cut = 0;
  for (const auto at : moments()) {
    two_instances of;
    of.work(false, of.first, of.there);
    of.fleet.world.ec2().terminate(of.first.instance);
    of.fleet.time.run_for(5min);

    cut += of.work(true, of.first, of.here, at) ? 1U : 0U;
    of.second = of.fleet.spot(of.fleet.in_service());  // what is ended by the lowering raises nothing
    of.work(false, of.second, of.there);
    of.work(true, of.first, of.there);

    EXPECT_EQ(of.desired(), 3) << at.count();
  }
  EXPECT_GT(cut, 10U);
  EXPECT_LT(cut, moments().size()) << "the end of it was not reached";
}

TEST(capacity_record, an_end_cut_at_any_point_lowers_by_one_though_another_comes_in_between) {
  std::size_t cut = 0;
  for (const auto at : moments()) {
    two_instances of;
    of.raise_both();

    cut += of.work(true, of.first, of.here, at) ? 1U : 0U;
    of.work(true, of.second, of.there);
    of.work(true, of.first, of.there);

    EXPECT_EQ(of.desired(), 2) << at.count();
  }
  EXPECT_GT(cut, 10U);
  EXPECT_LT(cut, moments().size()) << "the end of it was not reached";
}

TEST(capacity_record, a_raise_that_failed_is_not_taken_for_made_because_another_reached_its_number) {
  two_instances of;
  tenure keeps(of.fleet.terms());
  plan_runner runner(of.fleet.service, {{{of.raise}}}, of.here);
  of.when_asked_for("SetDesiredCapacity", [&] {
    keeps.end(give_up::stop);
    return unavailable();
  });
  of.fleet.time.wait_for(keeps.work().guard(runner.run(std::make_shared<event>(of.first), keeps, of.fleet.log)));
  ASSERT_EQ(of.desired(), 2);

  of.work(false, of.second, of.there);
  ASSERT_EQ(of.desired(), 3);
  of.work(false, of.first, of.there);

  EXPECT_EQ(of.desired(), 4);
}

TEST(capacity_record, a_lowering_of_which_nothing_was_heard_is_not_made_once_others_raised_capacity) {
  two_instances of;
  of.work(false, of.first, of.there);
  of.fleet.world.ec2().terminate(of.first.instance);
  of.fleet.time.run_for(5min);
  of.when_asked_for("SetDesiredCapacity", [&] {
    of.fleet.world.autoscaling().set_desired("web-fleet", 6);
    return unavailable();
  });

  of.work(true, of.first, of.there);

  EXPECT_EQ(of.desired(), 6);
  const auto settled = of.fleet.logged("capacity_change_settled");
  ASSERT_EQ(settled.size(), 1U);
  EXPECT_EQ(settled[0].at("level").as_string(), "warn");
  EXPECT_EQ(settled[0].at("desired").as_int64(), 6);
}

TEST(capacity_record, a_lowering_that_aws_refused_is_made_from_what_desired_is_then) {
  two_instances of;
  of.work(false, of.first, of.there);
  of.fleet.world.ec2().terminate(of.first.instance);
  of.fleet.time.run_for(5min);
  of.when_asked_for("SetDesiredCapacity", [&] {
    of.fleet.world.autoscaling().set_desired("web-fleet", 6);
    return aws::http_response{400, {}, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"};
  });

  of.work(true, of.first, of.there);

  EXPECT_EQ(of.desired(), 5);
}

TEST(capacity_record, a_raise_that_aws_refused_is_not_taken_for_made_once_others_raised_capacity) {
  two_instances of;
  of.when_asked_for("SetDesiredCapacity", [&] {
    of.fleet.world.autoscaling().set_desired("web-fleet", 6);
    return aws::http_response{400, {}, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"};
  });

  of.work(false, of.first, of.there);

  EXPECT_EQ(of.desired(), 7);
}

TEST(capacity_record, a_raise_whose_answer_was_lost_does_not_undo_what_others_raised_since) {
  two_instances of;
  of.when_asked_for("SetDesiredCapacity", [&] {
    of.fleet.world.autoscaling().set_desired("web-fleet", 3);  // it was carried out
    of.fleet.world.autoscaling().set_desired("web-fleet", 6);
    return unavailable();
  });

  of.work(false, of.first, of.there);

  EXPECT_EQ(of.desired(), 6);
  EXPECT_EQ(of.fleet.wire.count("SetDesiredCapacity"), 1U);
}

// Auto Scaling refuses to end the instance, which then ends by itself; that is not listed yet.
struct refused_end : two_instances {
  refused_end() {
    work(false, first, there);
    fleet.time.run_for(30s);
  }
  void ends_by_itself_unlisted() {
    fleet.world.ec2().terminate(first.instance);
    fleet.time.run_for(5min);
    fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation != "DescribeScalingActivities") return std::nullopt;
      return aws::http_response{200,
                                {},
                                "<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities/>"
                                "</DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>"};
    };
  }
};

TEST(capacity_record, an_instance_that_aws_refused_to_end_ends_by_itself_and_capacity_is_lowered) {
  refused_end of;
  of.when_asked_for("TerminateInstanceInAutoScalingGroup", [] { return rejected_call(); });
  of.work(true, of.first, of.there);
  ASSERT_EQ(of.fleet.logged("end_refused").size(), 1U);
  ASSERT_EQ(of.desired(), 3);
  of.ends_by_itself_unlisted();

  of.work(true, of.first, of.there);

  EXPECT_EQ(of.desired(), 2);
}

TEST(capacity_record, an_end_refused_after_one_that_was_not_answered_may_still_be_ours) {
  refused_end of;
  int calls = 0;
  of.fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "TerminateInstanceInAutoScalingGroup") return std::nullopt;
    return ++calls == 1 ? unavailable() : rejected_call();
  };
  of.work(true, of.first, of.there);
  ASSERT_EQ(calls, 2);
  of.ends_by_itself_unlisted();

  of.work(true, of.first, of.there);

  EXPECT_EQ(of.desired(), 3);
}

TEST(changed_nothing, is_where_aws_said_no_or_not_now) {
  EXPECT_TRUE(changed_nothing({errc::rejected, "above the maximum"}));
  EXPECT_TRUE(changed_nothing({errc::throttled, "slow down"}));
  EXPECT_TRUE(changed_nothing({errc::unreachable, "an activity is in progress", "ScalingActivityInProgress"}));
  EXPECT_FALSE(changed_nothing({errc::unreachable, "the connection was closed"}));
  EXPECT_FALSE(changed_nothing({errc::timeout, "no answer"}));
}

}  // namespace
}  // namespace lifehook::handlers
