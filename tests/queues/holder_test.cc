#include "queues/holder.h"

#include "tests/queues/batch_stage.h"

namespace lifehook::queues {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

// A clock whose owner was too busy to look at it.
class stuck_clock final : public clock {
 public:
  ~stuck_clock() override { drop_all(); }
  time_point now() const override { return time_point(elapsed); }
  time_point wall_now() const override { return now(); }
  void look() { fire_due(); }

  duration elapsed{0};

 private:
  duration monotonic() const override { return elapsed; }
  void earliest_changed() override {}
};

class holder_test : public batch_stage {
 protected:
  holder under_test{time.clock, sqs, time.tasks, log, url};

  bool hold(const std::string& id, const std::string& handle, duration visibility = 60s) {
    return under_test.hold(id, handle, {visibility, visibility}) != nullptr;
  }
  bool hold_received_for(const std::string& id, const std::string& handle, duration granted) {
    return under_test.hold(id, handle, {granted, 60s}) != nullptr;
  }
};

TEST_F(holder_test, knows_how_many_it_held_at_most_since_it_was_asked_last) {
  for (const auto* each : {"a", "b", "c"}) hold(each, "h");
  hold("c", "again");
  under_test.release("a");
  under_test.release("b");

  EXPECT_EQ(under_test.reset_most(), 3U);
  EXPECT_EQ(under_test.reset_most(), 1U) << "what it holds";
}

TEST_F(holder_test, extends_at_half_of_the_visibility_by_all_of_it) {
  hold("m", "h");

  time.run_for(61s);

  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[0].operation, "ChangeMessageVisibilityBatch");
  EXPECT_EQ(wire.calls[0].at, 30s);
  EXPECT_EQ(wire.calls[0].entries, at_seconds({"h"}, 60));
  EXPECT_EQ(wire.calls[1].at, 60s);
}

TEST_F(holder_test, extends_in_batches_of_ten_the_soonest_first) {
  for (int i = 22; i >= 0; --i) hold("m" + std::to_string(i), "h" + std::to_string(i), 50s + i * 200ms);

  time.run_for(28s);

  ASSERT_THAT(wire.calls, SizeIs(3));
  std::vector<std::string> order;
  for (const auto& call : wire.calls) {
    EXPECT_EQ(call.at, 25s + 100ms * order.size());  // when its soonest is due
    for (const auto& entry : call.entries) order.push_back(entry.handle);
  }
  EXPECT_THAT(wire.calls[0].entries, SizeIs(10));
  EXPECT_THAT(wire.calls[1].entries, SizeIs(10));
  ASSERT_THAT(order, SizeIs(23));
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], "h" + std::to_string(i));
}

TEST_F(holder_test, those_due_much_later_do_not_share_the_batch) {
  hold("soon", "h1", 40s);
  hold("late", "h2");

  time.run_for(21s);

  ASSERT_THAT(wire.calls, SizeIs(1));
  EXPECT_EQ(wire.calls[0].entries, at_seconds({"h1"}, 40));
}

TEST_F(holder_test, a_limit_shortens_the_visibility_at_once_and_for_good) {
  hold("m", "h");

  under_test.limit("m", 10s);
  time.run_for(6s);

  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[0].at, 0s);
  EXPECT_EQ(wire.calls[0].entries, at_seconds({"h"}, 10));
  EXPECT_EQ(wire.calls[1].at, 5s);
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"h"}, 10));
}

TEST_F(holder_test, a_limit_longer_than_the_visibility_changes_nothing) {
  hold("m", "h");

  under_test.limit("m", 2min);
  time.run_for(31s);

  ASSERT_THAT(wire.calls, SizeIs(1));
  EXPECT_EQ(wire.calls[0].at, 30s);
  EXPECT_EQ(wire.calls[0].entries, at_seconds({"h"}, 60));
}

TEST_F(holder_test, what_was_received_for_a_short_time_is_extended_before_that_by_what_is_wanted) {
  hold_received_for("m", "h", 15s);

  time.run_for(40s);

  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[0].at, 7500ms);
  EXPECT_EQ(wire.calls[0].entries, at_seconds({"h"}, 60));
  EXPECT_EQ(wire.calls[1].at, 37500ms);
}

TEST_F(holder_test, a_limit_that_allows_what_the_receive_asked_for_costs_no_call) {
  hold_received_for("m", "h", 15s);

  under_test.limit("m", 30s);
  time.run_for(20s);

  ASSERT_THAT(wire.calls, SizeIs(1));
  EXPECT_EQ(wire.calls[0].at, 7500ms);
  EXPECT_EQ(wire.calls[0].entries, at_seconds({"h"}, 30));
}

TEST_F(holder_test, an_extension_that_was_on_its_way_when_the_limit_came_is_shortened_after_its_answer) {
  wire.latency = 2s;
  hold("m", "h");
  time.run_for(31s);

  under_test.limit("m", 10s);
  time.run_for(2s);

  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[1].at, 32s);
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"h"}, 10));
}

TEST_F(holder_test, a_second_receive_swaps_the_receipt_handle) {
  EXPECT_TRUE(hold("m", "first"));
  time.run_for(10s);

  EXPECT_FALSE(hold("m", "second"));
  time.run_for(31s);

  EXPECT_EQ(under_test.size(), 1U);
  EXPECT_EQ(*under_test.receipt_handle("m"), "second");
  ASSERT_THAT(wire.calls, SizeIs(1));
  EXPECT_EQ(wire.calls[0].at, 40s);
  EXPECT_EQ(wire.calls[0].entries, at_seconds({"second"}, 60));
}

TEST_F(holder_test, an_answer_about_the_former_handle_means_nothing) {
  wire.latency = 5s;
  wire.refusals["first"] = {"ReceiptHandleIsInvalid", 100};
  hold("m", "first");
  time.run_for(31s);

  hold("m", "second");
  time.run_for(31s);

  EXPECT_FALSE(logged("message_lost"));
  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[1].at, 61s);
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"second"}, 60));
}

TEST_F(holder_test, an_extension_of_the_former_handle_does_not_put_off_that_of_the_new_one) {
  wire.latency = 5s;
  hold("m", "first");
  time.run_for(31s);

  hold_received_for("m", "second", 15s);
  time.run_for(8s);

  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[1].at, 38500ms);
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"second"}, 60));
}

TEST_F(holder_test, a_lost_message_stays_in_hand_and_is_not_extended_any_more) {
  wire.refusals["h"] = {"ReceiptHandleIsInvalid", 100};
  hold("m", "h");

  time.run_for(10min);

  EXPECT_THAT(wire.calls, SizeIs(1));
  EXPECT_EQ(under_test.size(), 1U);
  EXPECT_TRUE(under_test.is_lost("m"));
  EXPECT_TRUE(logged("message_lost"));
}

TEST_F(holder_test, a_lost_message_does_not_take_its_batch_with_it) {
  wire.refusals["h1"] = {"ReceiptHandleIsInvalid", 100};
  hold("m1", "h1");
  hold("m2", "h2");

  time.run_for(61s);

  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"h2"}, 60));
}

TEST_F(holder_test, a_lost_message_received_again_is_extended_again) {
  wire.refusals["first"] = {"ReceiptHandleIsInvalid", 100};
  hold("m", "first");
  time.run_for(60s);

  hold("m", "second");
  time.run_for(31s);

  EXPECT_FALSE(under_test.is_lost("m"));
  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"second"}, 60));
}

TEST_F(holder_test, a_failed_batch_is_tried_again_soon) {
  wire.denied = 2;
  hold("m", "h");

  time.run_for(35s);

  ASSERT_THAT(wire.calls, SizeIs(3));
  EXPECT_EQ(wire.calls[1].at, 31s);
  EXPECT_EQ(wire.calls[2].at, 32s);
  EXPECT_TRUE(logged("extending_visibility_failed"));
}

TEST_F(holder_test, a_batch_refused_whole_loses_none_of_its_messages) {
  wire.rejected = 1;
  hold("m1", "h1");
  hold("m2", "h2");

  time.run_for(35s);

  EXPECT_FALSE(logged("message_lost"));
  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[1].at, 31s);
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"h1", "h2"}, 60));
  EXPECT_FALSE(under_test.is_behind());
}

TEST_F(holder_test, a_failed_entry_is_tried_again_alone) {
  wire.refusals["h1"] = {"InternalError", 1};
  hold("m1", "h1");
  hold("m2", "h2");

  time.run_for(35s);

  ASSERT_THAT(wire.calls, SizeIs(2));
  EXPECT_EQ(wire.calls[1].at, 31s);
  EXPECT_EQ(wire.calls[1].entries, at_seconds({"h1"}, 60));
}

TEST_F(holder_test, never_extends_past_twelve_hours_from_the_receive) {
  hold("m", "h", 10min);

  time.run_for(13h);

  duration last{0};
  for (const auto& call : wire.calls) {
    EXPECT_LE(call.at + std::chrono::seconds(call.entries.at(0).seconds), 12h);
    last = call.at;
  }
  EXPECT_GT(last, 11h);
  EXPECT_LT(last, 12h);
}

TEST_F(holder_test, the_twelve_hours_begin_with_the_newest_receive) {
  time.run_for(11h);
  hold("m", "first", 10min);
  time.run_for(11h);
  hold("m", "second", 10min);
  wire.calls.clear();

  time.run_for(11h);

  ASSERT_THAT(wire.calls, SizeIs(testing::Gt(100U)));
  EXPECT_EQ(wire.calls.back().entries, at_seconds({"second"}, 600));
}

TEST_F(holder_test, a_message_about_to_become_visible_is_not_extended_though_it_is_received_again) {
  hold("m", "first");
  under_test.stop_extending("m");

  hold("m", "second");
  time.run_for(10min);

  EXPECT_THAT(wire.calls, IsEmpty());
}

TEST_F(holder_test, a_message_about_to_become_visible_is_not_extended) {
  hold("m", "h");

  under_test.stop_extending("m");
  under_test.limit("m", 10s);
  time.run_for(10min);

  EXPECT_THAT(wire.calls, IsEmpty());
  EXPECT_NE(under_test.receipt_handle("m"), nullptr);
}

TEST_F(holder_test, a_released_message_is_forgotten) {
  hold("m", "h");

  under_test.release("m");
  time.run_for(10min);

  EXPECT_THAT(wire.calls, IsEmpty());
  EXPECT_EQ(under_test.size(), 0U);
  EXPECT_EQ(under_test.receipt_handle("m"), nullptr);
}

TEST_F(holder_test, a_release_while_its_extension_is_in_flight_is_final) {
  wire.latency = 5s;
  hold("m", "h");
  time.run_for(31s);

  under_test.release("m");
  time.run_for(10min);

  EXPECT_THAT(wire.calls, SizeIs(1));
}

TEST_F(holder_test, an_extension_not_answered_for_two_seconds_is_late_until_it_is) {
  wire.latency = 5s;
  hold("m", "h");

  time.run_for(31900ms);
  EXPECT_FALSE(under_test.is_behind());
  time.run_for(200ms);
  EXPECT_TRUE(under_test.is_behind());
  time.run_for(2800ms);
  EXPECT_TRUE(under_test.is_behind());
  time.run_for(200ms);
  EXPECT_FALSE(under_test.is_behind());
}

TEST_F(holder_test, the_oldest_extension_on_its_way_says_whether_it_is_behind) {
  wire.latency = 5s;
  hold("first", "h1");  // on its way from 30 s to 35 s
  time.run_for(17500ms);
  hold("second", "h2", 34s);  // and from 34.5 s to 39.5 s

  time.run_for(17300ms);
  EXPECT_TRUE(under_test.is_behind());
  time.run_for(300ms);
  EXPECT_FALSE(under_test.is_behind());
  time.run_for(1500ms);
  EXPECT_TRUE(under_test.is_behind());
  time.run_for(3s);
  EXPECT_FALSE(under_test.is_behind());
}

TEST_F(holder_test, one_that_shared_a_batch_before_it_was_due_is_late_as_the_others_are) {
  wire.latency = 5s;
  hold("first", "h1");
  hold("second", "h2", 64s);
  time.run_for(31s);
  ASSERT_THAT(wire.calls, SizeIs(1));
  ASSERT_THAT(wire.calls[0].entries, SizeIs(2));

  under_test.release("first");
  time.run_for(1100ms);

  EXPECT_TRUE(under_test.is_behind());
}

TEST_F(holder_test, an_extension_nobody_had_the_time_to_send_is_late_until_it_is_answered) {
  stuck_clock busy;
  holder on_it(busy, sqs, time.tasks, log, url);
  on_it.hold("m", "h", {60s, 60s});

  busy.elapsed = 31900ms;
  EXPECT_FALSE(on_it.is_behind());
  busy.elapsed = 32s;
  EXPECT_TRUE(on_it.is_behind());
  busy.look();
  EXPECT_TRUE(on_it.is_behind()) << "sent just now, but owed for long";
  time.run_for(1s);
  EXPECT_FALSE(on_it.is_behind());
  EXPECT_THAT(wire.calls, SizeIs(1));
}

TEST_F(holder_test, is_behind_from_an_outage_until_an_extension_is_answered_well) {
  wire.latency = 500ms;
  wire.refusals["h"] = {"InternalError", 2};
  hold("m", "h");

  time.run_for(30400ms);
  EXPECT_FALSE(under_test.is_behind());
  for (const auto while_it_lasts : {30600ms, 31600ms, 32100ms, 33400ms}) {
    time.run_for(time.clock.uptime() < while_it_lasts ? while_it_lasts - time.clock.uptime() : 0s);
    EXPECT_TRUE(under_test.is_behind()) << while_it_lasts.count();
  }
  time.run_for(200ms);
  EXPECT_FALSE(under_test.is_behind());
  EXPECT_THAT(wire.calls, SizeIs(3));
}

TEST_F(holder_test, a_message_sqs_never_extends_keeps_nobody_waiting_for_good) {
  wire.refusals["h"] = {"InternalError", 1000};
  hold("m", "h");

  time.run_for(31s);
  EXPECT_TRUE(under_test.is_behind());
  time.run_for(3min);

  EXPECT_FALSE(under_test.is_behind());
  EXPECT_THAT(wire.calls, SizeIs(testing::Gt(150U))) << "it goes on trying";
}

TEST_F(holder_test, a_permission_that_is_missing_does_not_put_it_behind) {
  wire.denied = 1000;
  hold("m", "h");

  time.run_for(40s);

  EXPECT_FALSE(under_test.is_behind());
  EXPECT_THAT(wire.calls, SizeIs(11));
}

TEST_F(holder_test, an_outage_that_turns_out_a_missing_permission_does_not_leave_it_behind) {
  wire.refusals["h"] = {"InternalError", 1};
  hold("m", "h");
  time.run_for(30500ms);
  ASSERT_TRUE(under_test.is_behind());

  wire.denied = 1000;
  time.run_for(1s);

  EXPECT_FALSE(under_test.is_behind());
}

TEST_F(holder_test, a_lost_message_does_not_leave_it_behind) {
  wire.latency = 3s;
  wire.refusals["h1"] = {"ReceiptHandleIsInvalid", 100};
  wire.refusals["h2"] = {"InternalError", 1};
  hold("m1", "h1");
  hold("m2", "h2");
  time.run_for(33500ms);
  ASSERT_TRUE(under_test.is_behind());

  wire.refusals["h2"] = {"ReceiptHandleIsInvalid", 100};
  time.run_for(4s);

  EXPECT_FALSE(under_test.is_behind());
  EXPECT_EQ(under_test.size(), 2U);
}

TEST_F(holder_test, what_is_not_to_be_extended_any_more_does_not_leave_it_behind) {
  wire.refusals["h1"] = {"InternalError", 1'000'000};
  for (const auto latency : {10s, 0s}) {  // on its way, and waiting to be tried again
    for (const auto* end : {"released", "about to become visible", "received again"}) {
      wire.latency = latency;
      hold("m", "h1");
      time.run_for(32500ms);
      ASSERT_TRUE(under_test.is_behind()) << end;

      if (*end == 'a')
        under_test.stop_extending("m");
      else if (std::string_view(end) == "released")
        under_test.release("m");
      else
        hold("m", "h2");

      EXPECT_FALSE(under_test.is_behind()) << end;
      time.run_for(15s);
      EXPECT_FALSE(under_test.is_behind()) << end << ", and the former extension is answered";
      under_test.release("m");
    }
  }
}

TEST_F(holder_test, a_message_at_the_end_of_its_twelve_hours_does_not_leave_it_behind) {
  hold("m", "h", 10min);
  time.run_for(11h + 58min + 50s);
  wire.refusals["h"] = {"InternalError", 1'000'000};
  under_test.limit("m", 10s);
  time.run_for(1min);
  ASSERT_TRUE(under_test.is_behind());

  time.run_for(15s);

  EXPECT_FALSE(under_test.is_behind());
  EXPECT_EQ(under_test.size(), 1U);
}

}  // namespace
}  // namespace lifehook::queues
