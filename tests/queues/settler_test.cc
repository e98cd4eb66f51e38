#include "queues/settler.h"

#include "tests/queues/batch_stage.h"

namespace lifehook::queues {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class settler_test : public batch_stage {
 protected:
  holder in_hand{time.clock, sqs, time.tasks, log, url};
  std::vector<std::string> settled;
  settler under_test{time.clock, sqs, time.tasks, in_hand, log, random, url, [this](const std::string& id) {
                       settled.push_back(id);
                       in_hand.release(id);
                     }};

  // In hand for so long that the holder has nothing to extend meanwhile.
  void take(const std::string& number) { in_hand.hold("m" + number, "h" + number, {6h, 6h}); }
  void remove(const std::string& number) {
    take(number);
    under_test.remove("m" + number);
  }
  void use_up_unfilled_calls() {
    for (int i = 0; i < 10; ++i) {
      remove("early" + std::to_string(i));
      time.run_for(0s);
    }
    ASSERT_THAT(settled, SizeIs(10));
    settled.clear();
    wire.calls.clear();
  }
};

TEST_F(settler_test, ten_leave_at_once) {
  for (int i = 0; i < 10; ++i) remove(std::to_string(i));

  time.run_for(0s);

  ASSERT_THAT(wire.calls, SizeIs(1));
  EXPECT_EQ(wire.calls[0].operation, "DeleteMessageBatch");
  EXPECT_THAT(wire.calls[0].entries, SizeIs(10));
  EXPECT_THAT(settled, SizeIs(10));
}

TEST_F(settler_test, one_that_is_alone_leaves_at_once) {
  remove("1");
  time.run_for(0s);
  EXPECT_THAT(settled, ElementsAre("m1"));

  time.run_for(1min);
  remove("2");
  time.run_for(0s);

  EXPECT_THAT(settled, ElementsAre("m1", "m2"));
}

TEST_F(settler_test, while_a_call_is_in_flight_company_is_waited_for_a_few_milliseconds) {
  wire.latency = 100ms;
  remove("1");
  time.run_for(10ms);
  remove("2");
  time.run_for(4ms);
  remove("3");
  time.run_for(2ms);

  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"h2", "h3"}, 0));
  time.run_for(1s);
}

TEST_F(settler_test, calls_that_are_not_full_leave_ten_times_a_second_at_most) {
  use_up_unfilled_calls();
  remove("1");
  time.run_for(50ms);
  remove("2");
  EXPECT_THAT(wire.calls, IsEmpty());

  time.run_for(50ms);

  ASSERT_THAT(wire.calls, SizeIs(1));
  EXPECT_EQ(wire.calls[0].entries, at_seconds({"h1", "h2"}, 0));
  EXPECT_THAT(settled, ElementsAre("m1", "m2"));
}

TEST_F(settler_test, a_message_is_in_hand_until_sqs_has_acknowledged) {
  wire.latency = 3s;
  remove("1");

  time.run_for(2s);

  EXPECT_THAT(wire.calls, SizeIs(1));
  EXPECT_THAT(settled, IsEmpty());
  EXPECT_EQ(in_hand.size(), 1U);
  time.run_for(2s);
  EXPECT_THAT(settled, ElementsAre("m1"));
}

TEST_F(settler_test, what_is_given_back_is_not_extended_any_more) {
  wire.latency = 5s;
  in_hand.hold("m1", "h1", {4s, 4s});

  under_test.make_visible("m1", 25s);
  time.run_for(1min);

  ASSERT_THAT(wire.calls, SizeIs(1));
  EXPECT_EQ(wire.calls[0].entries, at_seconds({"h1"}, 25));
}

TEST_F(settler_test, visibility_changes_carry_their_delay) {
  take("1");
  take("2");

  under_test.make_visible("m1", 0s);
  under_test.make_visible("m2", 25s);
  time.run_for(1s);

  ASSERT_THAT(wire.calls, SizeIs(1));
  EXPECT_EQ(wire.calls[0].operation, "ChangeMessageVisibilityBatch");
  EXPECT_THAT(wire.calls[0].entries, ElementsAre(batch_entry{"h1", 0}, batch_entry{"h2", 25}));
  EXPECT_THAT(settled, ElementsAre("m1", "m2"));
}

TEST_F(settler_test, removals_and_visibility_changes_are_calls_of_their_own) {
  take("2");

  remove("1");
  under_test.make_visible("m2", 5s);
  time.run_for(1s);

  EXPECT_THAT(wire.calls, SizeIs(2));
  EXPECT_THAT(settled, SizeIs(2));
}

TEST_F(settler_test, only_the_entries_that_failed_are_tried_again) {
  wire.refusals["h2"] = {"InternalError", 1};
  for (const auto* each : {"1", "2", "3"}) remove(each);

  time.run_for(5s);

  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"h2"}, 0));
  EXPECT_THAT(settled, ElementsAre("m1", "m3", "m2"));
}

TEST_F(settler_test, a_call_that_failed_is_tried_again_whole) {
  wire.denied = 2;
  remove("1");
  remove("2");

  time.run_for(30s);

  ASSERT_THAT(wire.calls, SizeIs(3));
  EXPECT_THAT(wire.calls[2].entries, SizeIs(2));
  EXPECT_THAT(settled, SizeIs(2));
}

TEST_F(settler_test, a_removal_that_sqs_denies_is_known_until_it_takes_one_or_long_after_the_last) {
  wire.denied = 1;
  remove("1");
  time.run_for(0s);
  ASSERT_TRUE(under_test.denied());
  EXPECT_EQ(under_test.denied()->code(), errc::denied);
  time.run_for(30s);
  EXPECT_FALSE(under_test.denied()) << "it was taken";

  wire.denied = 9;
  remove("2");
  time.run_for(3min);
  EXPECT_TRUE(under_test.denied()) << "and given up";
  time.run_for(5min);
  EXPECT_FALSE(under_test.denied());
}

TEST_F(settler_test, what_sqs_does_not_take_is_said_once_a_minute_with_what_to_do) {
  wire.denied = 3;
  for (const auto* each : {"1", "2", "3"}) remove(each);

  time.run_for(30s);

  EXPECT_EQ(count_logged("settling_failed"), 1);
  EXPECT_TRUE(logged(R"("wanted":"remove","attempt":1)"));
  EXPECT_TRUE(logged("lifehook policy"));
}

TEST_F(settler_test, a_handle_that_is_no_longer_ours_is_given_up) {
  wire.refusals["h1"] = {"ReceiptHandleIsInvalid", 100};
  remove("1");

  time.run_for(1h);

  EXPECT_THAT(wire.calls, SizeIs(1));
  EXPECT_THAT(settled, ElementsAre("m1"));
  EXPECT_TRUE(logged("settling_given_up"));
}

TEST_F(settler_test, an_entry_refused_by_our_own_fault_is_given_up) {
  wire.refusals["h1"] = {"MessageNotInflight", 100};
  take("1");
  under_test.make_visible("m1", 5s);

  time.run_for(1h);

  EXPECT_THAT(wire.calls, SizeIs(1));
  EXPECT_THAT(settled, ElementsAre("m1"));
}

TEST_F(settler_test, an_entry_that_is_throttled_is_tried_again_whoever_is_said_to_be_at_fault) {
  wire.refusals["h1"] = {"RequestThrottled", 2};
  remove("1");

  time.run_for(30s);

  EXPECT_THAT(wire.calls, SizeIs(3));
  EXPECT_THAT(settled, ElementsAre("m1"));
  EXPECT_FALSE(logged("settling_given_up"));
}

TEST_F(settler_test, what_a_worker_that_stops_cannot_give_back_is_counted_and_said) {
  wire.refusals["h1"] = {"MessageNotInflight", 100};
  wire.refusals["h2"] = {"ReceiptHandleIsInvalid", 100};
  under_test.flush_now();
  for (const auto* each : {"1", "3"}) {
    take(each);
    under_test.make_visible(std::string("m") + each, 0s);
  }
  remove("2");

  time.run_for(1s);

  EXPECT_EQ(under_test.not_taken_back(), 1U);
  EXPECT_THAT(settled, SizeIs(3));
  EXPECT_TRUE(logged("SQS hands it out again by itself"));
}

TEST_F(settler_test, what_fails_for_ever_is_given_up_after_a_while) {
  wire.refusals["h1"] = {"InternalError", 1000};
  remove("1");

  time.run_for(10min);

  EXPECT_THAT(wire.calls, SizeIs(9));
  EXPECT_LT(wire.calls.back().at, 2min);
  EXPECT_THAT(settled, ElementsAre("m1"));
}

TEST_F(settler_test, those_that_come_later_do_not_wait_for_one_that_failed) {
  wire.refusals["h1"] = {"InternalError", 1000};
  remove("1");
  time.run_until([this] { return wire.calls.size() == 7; });
  const auto began = time.clock.now();

  remove("2");

  ASSERT_TRUE(time.run_until([this] { return !settled.empty(); }));
  EXPECT_THAT(settled, ElementsAre("m2"));
  EXPECT_LE(time.clock.now() - began, 1s);
}

TEST_F(settler_test, a_failed_one_keeps_its_backoff_when_others_come) {
  wire.refusals["h1"] = {"InternalError", 1000};
  remove("1");

  for (int i = 2; i < 22; ++i) {
    remove(std::to_string(i));
    time.run_for(1s);
  }

  EXPECT_THAT(settled, SizeIs(20));
  EXPECT_EQ(in_hand.size(), 1U);
}

TEST_F(settler_test, a_failed_one_keeps_its_backoff_when_others_fail_after_it) {
  wire.refusals["h1"] = {"InternalError", 1000};
  remove("1");

  for (int i = 2; i < 22; ++i) {
    const auto number = std::to_string(i);
    wire.refusals["h" + number] = {"InternalError", 1};
    remove(number);
    time.run_for(500ms);
  }
  time.run_for(2s);

  EXPECT_THAT(settled, SizeIs(20));
  EXPECT_EQ(in_hand.size(), 1U);
}

TEST_F(settler_test, flush_now_sends_what_waits_and_lets_nothing_wait_long_after_it) {
  remove("1");

  under_test.flush_now();
  time.run_for(0s);
  EXPECT_THAT(settled, ElementsAre("m1"));

  take("2");
  under_test.make_visible("m2", 0s);
  time.run_for(10ms);
  EXPECT_THAT(settled, ElementsAre("m1", "m2"));
}

TEST_F(settler_test, flush_now_does_not_wait_for_a_backoff) {
  wire.refusals["h1"] = {"InternalError", 7};
  remove("1");
  time.run_until([this] { return wire.calls.size() == 7; });
  time.run_for(0s);

  under_test.flush_now();
  time.run_for(0s);

  EXPECT_THAT(settled, ElementsAre("m1"));
}

TEST_F(settler_test, once_hurried_a_failure_is_tried_again_within_the_shutdown) {
  wire.refusals["h1"] = {"InternalError", 3};
  under_test.flush_now();
  remove("1");

  time.run_for(3s);

  EXPECT_THAT(settled, ElementsAre("m1"));
}

TEST_F(settler_test, a_message_received_again_is_removed_by_its_new_handle) {
  remove("1");

  in_hand.hold("m1", "newer", {6h, 6h});
  time.run_for(1s);

  ASSERT_THAT(wire.calls, SizeIs(1));
  EXPECT_EQ(wire.calls[0].entries, at_seconds({"newer"}, 0));
}

TEST_F(settler_test, a_message_received_again_while_it_is_removed_is_removed_again) {
  wire.latency = 2s;
  remove("1");
  time.run_for(1s);
  ASSERT_THAT(wire.calls, SizeIs(1));

  in_hand.hold("m1", "newer", {6h, 6h});
  time.run_for(2s);
  EXPECT_THAT(settled, IsEmpty());
  time.run_for(3s);

  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"newer"}, 0));
  EXPECT_THAT(settled, ElementsAre("m1"));
}

}  // namespace
}  // namespace lifehook::queues
