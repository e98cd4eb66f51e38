#include "queues/queue.h"

#include "aws/credential_chain.h"
#include "base/metrics.h"
#include "simulator/world.h"
#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>
#include <boost/asio/post.hpp>

#include <functional>
#include <list>

namespace lifehook::queues {
namespace {

using namespace std::chrono_literals;
using simulator::fault_kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// Sends nothing, and knows of no limit.
class silent_wire final : public aws::http_transport {
 public:
  explicit silent_wire(clock& time) : clock_(time) {}

  task<result<aws::http_response>> send(aws::http_request) override {
    co_await clock_.sleep_for(24h);
    co_return error{errc::unreachable, "nothing", {}};
  }

 private:
  clock& clock_;
};

// Never answers the first call, and passes on all others.
class first_call_lost final : public aws::http_transport {
 public:
  first_call_lost(clock& time, aws::http_transport& others) : nothing_(time), others_(others) {}

  task<result<aws::http_response>> send(aws::http_request request) override {
    return (std::exchange(lost_, true) ? others_ : static_cast<aws::http_transport&>(nothing_))
        .send(std::move(request));
  }

 private:
  silent_wire nothing_;
  aws::http_transport& others_;
  bool lost_ = false;
};

// A queue on a simulated SQS whose messages are kept in hand until the test settles them.
class queue_test : public testing::Test {
 protected:
  queue_test() {
    url = world.sqs().create_queue("lifecycle", {{"RedrivePolicy", policy()}});
    with.url = url;
  }
  ~queue_test() override {
    held.clear();
    if (!under_test) return;
    under_test->stop_polling();
    under_test->flush_now();
    world.faults().clear();
    EXPECT_TRUE(time.run_until([this] { return work.running() == 0; }));
  }

  std::string policy() {
    world.sqs().create_queue("dead-letters");
    return R"({"deadLetterTargetArn":")" + world.sqs().queue_arn("dead-letters") + R"(","maxReceiveCount":"12"})";
  }
  static aws::environment nothing() {
    return [](std::string_view) -> std::optional<std::string> { return std::nullopt; };
  }
  void make() { under_test.emplace(time.clock, sqs, work, counts, log, random, with); }
  void start() {
    if (!under_test) make();
    under_test->start([this](held_message message, std::string body) {
      bodies.push_back(std::move(body));
      time.tasks.spawn(keep(*this, std::move(message)));
    });
  }
  static task<> keep(queue_test& self, held_message message) {
    self.delivered.push_back(message.facts());
    self.ids.push_back(message.id());
    self.delivered_at.push_back(self.time.clock.now());
    self.held.push_back(std::move(message));
    co_return;
  }
  // `act` has the turn after the one that delivers the first message.
  void start_and_after_the_first(const std::function<void()>& act) {
    make();
    under_test->start([this, act](held_message message, std::string) {
      time.tasks.spawn(keep(*this, std::move(message)));
      if (!std::exchange(has_acted, true)) asio::post(time.io, act);
    });
  }
  // Takes the loop for a millisecond, and again at each of its next `turns`.
  void busy(int turns, std::function<void()> then) {
    time.clock.advance(1ms);
    if (turns == 0) return then();
    asio::post(time.io, [this, turns, then = std::move(then)] { busy(turns - 1, then); });
  }
  void settle_first(settlement how) {
    held.front().settle(how);
    held.pop_front();
  }
  void send(int count) {
    for (int i = 0; i < count; ++i) world.sqs().send(url, "message " + std::to_string(i));
  }
  void run_to(time_point when) { time.run_for(when - time.clock.now()); }
  bool wait_for_deliveries(std::size_t count, duration limit = 30min) {
    return time.run_until([this, count] { return delivered.size() >= count; }, limit);
  }
  // The second by the poll that is on its way when the first extension fails.
  bool take_two_while_extending_fails(duration lasting) {
    with.pollers = 1;
    send(1);
    start();
    if (!wait_for_deliveries(1)) return false;
    fail(fault_kind::reset, "ChangeMessageVisibilityBatch", lasting);
    time.run_for(11s);
    send(1);
    return wait_for_deliveries(2);
  }
  void fail(fault_kind kind, std::string action, duration lasting) {
    world.faults().add({kind, "sqs", std::move(action), 1.0, std::nullopt, time.clock.now() + lasting, {}});
  }
  std::uint64_t calls(const std::string& action) {
    const auto& all = world.calls();
    const auto found = all.find("sqs." + action);
    return found == all.end() ? 0 : found->second;
  }
  std::ptrdiff_t count_logged(std::string_view event) const {
    return std::count_if(lines.begin(), lines.end(),
                         [event](const auto& line) { return line.find(event) != std::string::npos; });
  }
  int tries_it_took() const {
    constexpr std::string_view key = R"("receiving_again","queue":"lifecycle","tries":)";
    for (const auto& line : lines)
      if (const auto at = line.find(key); at != line.npos) return std::stoi(line.substr(at + key.size()));
    return 0;
  }
  bool logged(std::string_view event) const { return count_logged(event) > 0; }
  bool is_gone() {
    const auto now = world.sqs().counts(url);
    return now.visible + now.in_flight + now.delayed == 0;
  }

  test::virtual_time time;
  simulator::world world{time.io.get_executor(), time.clock, {}};
  std::unique_ptr<aws::credential_provider> keys =
      aws::make_fixed_credentials({"AKIATEST", "secret", {}, std::nullopt});
  metrics counts;
  random_source random{1};
  aws::client client{time.clock, world.wire(), *keys, {"eu-west-1", nothing()}, counts, random};
  aws::sqs sqs{client};
  std::vector<std::string> lines;
  logger log{time.clock, log_level::info, log_format::json,
             [this](std::string_view line) { lines.emplace_back(line); }};
  task_group work{time.io.get_executor()};
  std::string url;
  queue_settings with{};
  std::optional<queue> under_test;
  std::list<held_message> held;
  std::vector<message_facts> delivered;
  std::vector<std::string> ids;
  std::vector<std::string> bodies;
  std::vector<time_point> delivered_at;
  bool has_acted = false;
};

TEST_F(queue_test, what_sqs_has_stamped_is_told_by_our_clock) {
  world.faults().add({.kind = simulator::fault_kind::clock_skew, .delay = -70min});
  send(1);
  make();
  ASSERT_TRUE(time.wait_for(under_test->inspect()).has_value());  // as every worker does before it receives
  start();

  ASSERT_TRUE(wait_for_deliveries(1));

  // Only the Date of the simulator's answers is 70 minutes behind; its stamps are not.
  const auto& told = delivered.front();
  EXPECT_EQ(std::chrono::round<std::chrono::minutes>(told.first_received - told.received), 70min);
  EXPECT_EQ(std::chrono::round<std::chrono::minutes>(told.sent - told.received), 70min);
  EXPECT_EQ(std::chrono::round<std::chrono::minutes>(told.clock_ahead), -70min);
}

TEST_F(queue_test, a_message_is_delivered_with_what_sqs_knows_of_it) {
  world.sqs().send(url, "hello");
  const auto sent = time.clock.now();
  time.run_for(5s);

  start();

  ASSERT_TRUE(wait_for_deliveries(1));
  EXPECT_EQ(bodies[0], "hello");
  EXPECT_EQ(delivered[0].sent, sent);
  EXPECT_EQ(delivered[0].received, time.clock.now());
  EXPECT_EQ(delivered[0].first_received, time.clock.now());
  EXPECT_EQ(delivered[0].receive_count, 1U);
  EXPECT_EQ(&held.front().from(), &*under_test);
}

TEST_F(queue_test, ten_messages_as_large_as_any_are_received_at_once) {
  with.pollers = 1;
  const std::string twice_as_long_in_json(1U << 20U, '"');
  for (int i = 0; i < 10; ++i) world.sqs().send(url, twice_as_long_in_json);

  start();

  ASSERT_TRUE(wait_for_deliveries(10));
  EXPECT_EQ(delivered.back().receive_count, 1U);
}

TEST_F(queue_test, a_message_sent_during_a_long_poll_is_delivered_at_once) {
  start();
  time.run_for(7s);

  const auto sent = time.clock.now();
  send(1);

  ASSERT_TRUE(wait_for_deliveries(1));
  EXPECT_LT(time.clock.now() - sent, 1s);
}

TEST_F(queue_test, takes_only_what_there_is_room_for) {
  with.in_hand = 3;
  with.pollers = 2;
  send(8);

  start();
  time.run_for(10min);

  EXPECT_THAT(delivered, SizeIs(3));
  EXPECT_EQ(under_test->in_hand(), 3U);
  EXPECT_EQ(world.sqs().counts(url).in_flight, 3U);
  EXPECT_EQ(world.sqs().counts(url).visible, 5U);
}

TEST_F(queue_test, room_made_is_taken_at_once) {
  with.in_hand = 3;
  send(8);
  start();
  time.run_for(10min);

  settle_first({disposition::remove, {}});
  const auto began = time.clock.now();

  ASSERT_TRUE(wait_for_deliveries(4));
  EXPECT_LE(time.clock.now() - began, 20ms);
}

TEST_F(queue_test, waiting_for_room_is_healthy) {
  with.in_hand = 1;
  send(2);

  start();
  time.run_for(1h);

  EXPECT_TRUE(under_test->healthy());
  EXPECT_THAT(delivered, SizeIs(1));
}

TEST_F(queue_test, a_poller_that_does_not_come_back_is_not_healthy) {
  silent_wire nothing_answers(time.clock);
  aws::client unanswered{time.clock, nothing_answers, *keys, {"eu-west-1", nothing()}, counts, random};
  aws::sqs hanging{unanswered};
  queue with_it(time.clock, hanging, work, counts, log, random, with);
  with_it.start([](const held_message&, const std::string&) {});
  time.run_for(149s);
  EXPECT_TRUE(with_it.healthy());

  time.run_for(2s);

  EXPECT_FALSE(with_it.healthy());
  with_it.stop_polling();
  EXPECT_TRUE(time.run_until([this] { return work.running() == 0; }));
}

TEST_F(queue_test, a_wall_clock_that_is_set_makes_no_poller_late) {
  start();
  time.run_for(5s);

  time.clock.set(time.clock.now() + 10min);

  EXPECT_TRUE(under_test->healthy());
}

TEST_F(queue_test, a_worker_that_is_full_says_so_once_a_minute_and_counts_the_time) {
  with.in_hand = 2;
  send(3);
  start();
  ASSERT_TRUE(wait_for_deliveries(2));

  time.run_for(150s);

  EXPECT_EQ(count_logged("queue_full"), 3);
  EXPECT_TRUE(logged(R"("in_hand":2)"));
  EXPECT_THAT(counts.exposition(), HasSubstr(R"(lifehook_queue_full_seconds_total{queue="lifecycle"} 150)"));
}

TEST_F(queue_test, a_worker_that_is_full_again_and_again_says_so_once_a_minute) {
  with.in_hand = 1;
  with.pollers = 1;
  send(30);
  start();

  for (std::size_t i = 1; i <= 30; ++i) {
    ASSERT_TRUE(wait_for_deliveries(i));
    settle_first({disposition::remove, {}});
  }

  EXPECT_EQ(count_logged("queue_full"), 1);
}

TEST_F(queue_test, a_poller_that_waits_for_another_is_not_a_full_worker) {
  with.in_hand = 10;

  start();
  time.run_for(5min);

  EXPECT_FALSE(logged("queue_full"));
  EXPECT_THAT(counts.exposition(), HasSubstr(R"(lifehook_queue_full_seconds_total{queue="lifecycle"} 0)"));
}

TEST_F(queue_test, no_more_is_taken_than_the_loop_keeps_up_with) {
  with.pollers = 1;
  send(20);
  std::optional<std::uint64_t> received_meanwhile;

  start_and_after_the_first([&] { busy(30, [&] { received_meanwhile = calls("ReceiveMessage"); }); });

  ASSERT_TRUE(wait_for_deliveries(20));
  EXPECT_EQ(received_meanwhile, 1U);
}

TEST_F(queue_test, an_empty_queue_is_polled_without_haste) {
  with.pollers = 1;

  start();
  time.run_for(10min);

  EXPECT_LE(calls("ReceiveMessage"), 31U);
  EXPECT_TRUE(under_test->healthy());
  EXPECT_TRUE(under_test->last_answer().has_value());
}

TEST_F(queue_test, one_poller_alone_listens_to_an_empty_queue) {
  with.pollers = 4;

  start();
  time.run_for(10min);

  EXPECT_LE(calls("ReceiveMessage"), 4U + 30U);
  EXPECT_TRUE(under_test->healthy());
}

TEST_F(queue_test, a_message_brings_all_pollers_back) {
  with.pollers = 4;
  start();
  time.run_for(5min);
  const auto before = calls("ReceiveMessage");

  send(1);

  ASSERT_TRUE(wait_for_deliveries(1));
  time.run_for(10ms);
  EXPECT_EQ(calls("ReceiveMessage"), before + 4);
}

TEST_F(queue_test, a_poll_that_fails_brings_all_pollers_back) {
  with.pollers = 4;
  start();
  time.run_for(5min);

  fail(fault_kind::access_denied, "ReceiveMessage", 1min);

  ASSERT_TRUE(time.run_until([this] { return logged("receiving_failed"); }));
  time.run_for(10ms);
  EXPECT_THAT(counts.exposition(),
              HasSubstr(R"(code="AccessDeniedException",operation="ReceiveMessage",service="sqs"} 4)"));
  EXPECT_EQ(count_logged("receiving_failed"), 3) << "the first three tries";
}

TEST_F(queue_test, a_poll_that_is_lost_is_not_all_that_listens) {
  first_call_lost wire(time.clock, world.wire());
  aws::client to_it{time.clock, wire, *keys, {"eu-west-1", nothing()}, counts, random};
  aws::sqs losing{to_it};
  with.pollers = 3;
  queue with_it(time.clock, losing, work, counts, log, random, with);
  bool delivered_here = false;
  with_it.start([&](const held_message&, const std::string&) { delivered_here = true; });
  send(1);
  const auto began = time.clock.uptime();

  EXPECT_TRUE(time.run_until([&] { return delivered_here; }));
  EXPECT_LE(time.clock.uptime() - began, 23s);
  with_it.stop_polling();
  EXPECT_TRUE(time.run_until([this] { return work.running() == 0; }));
}

TEST_F(queue_test, the_end_of_a_long_quiet_leaves_it_healthy) {
  with.pollers = 4;
  start();
  time.run_for(1h);

  send(1);

  ASSERT_TRUE(wait_for_deliveries(1));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(under_test->healthy());
    time.run_for(1ms);
  }
}

TEST_F(queue_test, a_message_in_hand_stays_invisible_for_hours) {
  send(1);

  start();
  time.run_for(11h);

  EXPECT_THAT(delivered, SizeIs(1));
  EXPECT_EQ(world.sqs().counts(url).in_flight, 1U);
}

TEST_F(queue_test, a_poller_backs_off_while_sqs_refuses_and_goes_on_when_it_does_not) {
  with.pollers = 1;
  fail(fault_kind::access_denied, "ReceiveMessage", 5min);
  start();
  time.run_for(4min);
  ASSERT_TRUE(under_test->last_answer().has_error());
  EXPECT_THAT(under_test->last_answer().error().what(), HasSubstr("AccessDenied"));
  EXPECT_TRUE(under_test->healthy());

  send(1);

  ASSERT_TRUE(wait_for_deliveries(1, 2min));
  EXPECT_TRUE(under_test->last_answer().has_value());
  EXPECT_THAT(tries_it_took(), testing::AllOf(testing::Ge(8), testing::Le(60)));
}

TEST_F(queue_test, a_queue_that_fails_is_said_to_ever_more_rarely_and_once_to_be_back) {
  with.pollers = 4;
  fail(fault_kind::access_denied, "ReceiveMessage", 1h);
  start();

  time.run_for(1h);

  EXPECT_THAT(lines.at(0), HasSubstr(R"("tries":1,"since_seconds":0)"));
  EXPECT_THAT(lines.at(3), HasSubstr(R"("tries":5,)"));
  EXPECT_LE(count_logged("receiving_failed"), 45);
  EXPECT_GE(count_logged("receiving_failed"), 29) << "every two minutes";
  time.run_for(1min);
  EXPECT_EQ(count_logged("receiving_again"), 1);
  EXPECT_GT(tries_it_took(), 1000);
  EXPECT_THAT(lines.back(), HasSubstr(R"("lasted_seconds":36)"));
}

TEST_F(queue_test, a_queue_that_does_not_answer_at_all_is_said_to_before_its_polls_are_given_up) {
  silent_wire wire(time.clock);
  aws::client to_it{time.clock, wire, *keys, {"eu-west-1", nothing()}, counts, random};
  aws::sqs silent{to_it};
  with.pollers = 4;
  queue with_it(time.clock, silent, work, counts, log, random, with);
  with_it.start([](const held_message&, const std::string&) {});

  time.run_for(23s);

  EXPECT_EQ(count_logged("receive_overdue"), 1);
  with_it.stop_polling();
  EXPECT_TRUE(time.run_until([this] { return work.running() == 0; }));
}

TEST_F(queue_test, a_queue_that_has_answered_and_does_so_no_more_is_said_to) {
  start();
  time.run_for(1min);
  ASSERT_TRUE(under_test->last_answer().has_value());

  fail(fault_kind::access_denied, "ReceiveMessage", 5min);
  time.run_for(1min);

  EXPECT_FALSE(under_test->last_answer().has_value());
}

TEST_F(queue_test, a_failed_receive_gives_its_room_back) {
  with.in_hand = 1;
  with.pollers = 2;
  fail(fault_kind::access_denied, "ReceiveMessage", 5min);
  start();
  time.run_for(5min);

  send(1);

  EXPECT_TRUE(wait_for_deliveries(1, 2min));
}

TEST_F(queue_test, a_message_received_again_in_hand_is_not_delivered_twice) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  fail(fault_kind::access_denied, "ChangeMessageVisibilityBatch", 70s);

  time.run_for(2min);

  EXPECT_TRUE(logged("received_again_in_hand"));
  EXPECT_THAT(delivered, SizeIs(1));
  EXPECT_EQ(under_test->in_hand(), 1U);
}

TEST_F(queue_test, extensions_that_sqs_denies_are_said_with_where_they_lead_until_it_takes_one) {
  make();
  ASSERT_TRUE(time.wait_for(under_test->inspect()).has_value());
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  fail(fault_kind::access_denied, "ChangeMessageVisibilityBatch", 70s);

  time.run_for(60s);

  const auto answer = under_test->last_answer();
  ASSERT_TRUE(answer.has_error());
  EXPECT_THAT(answer.error().what(), AllOf(HasSubstr("dead letters after 12 receives"), HasSubstr("AccessDenied")));
  EXPECT_GE(count_logged("received_again_in_hand"), 3);
  ASSERT_EQ(count_logged(R"("level":"warn","event":"received_again_in_hand")"), 1) << "one a minute";
  EXPECT_TRUE(logged("not extended goes to the dead letters after 12 receives"));
  time.run_for(60s);
  EXPECT_TRUE(under_test->last_answer().has_value());
}

TEST_F(queue_test, removals_that_sqs_denies_are_said_with_where_they_lead) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  fail(fault_kind::access_denied, "DeleteMessageBatch", 20s);
  settle_first({disposition::remove, {}});

  time.run_for(10s);

  ASSERT_TRUE(under_test->last_answer().has_error());
  EXPECT_THAT(under_test->last_answer().error().what(), HasSubstr("settling a message, which else goes to the dead"));
  time.run_for(1min);
  EXPECT_TRUE(under_test->last_answer().has_value());
}

TEST_F(queue_test, a_message_received_again_is_removed_by_its_newest_handle) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  fail(fault_kind::access_denied, "ChangeMessageVisibilityBatch", 70s);
  time.run_for(2min);

  settle_first({disposition::remove, {}});

  EXPECT_TRUE(time.run_until([this] { return is_gone() && under_test->in_hand() == 0; }, 2s));
}

TEST_F(queue_test, no_message_is_received_while_an_extension_hangs) {
  world.faults().add({fault_kind::delay, "sqs", "ChangeMessageVisibilityBatch", 1.0, {}, time.clock.now() + 20s, 5s});
  with.pollers = 1;
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  run_to(delivered_at[0] + 8s);
  send(1);
  ASSERT_TRUE(wait_for_deliveries(2, 1s)) << "the extension is on its way, and not late yet";
  run_to(delivered_at[0] + 10s);
  const auto received = calls("ReceiveMessage");
  send(1);
  ASSERT_TRUE(wait_for_deliveries(3, 1s)) << "by the poll that was on its way";

  send(1);
  run_to(delivered_at[0] + 20s);
  EXPECT_EQ(calls("ReceiveMessage"), received);
  EXPECT_THAT(delivered, SizeIs(3));
  ASSERT_TRUE(under_test->last_answer().has_error());
  EXPECT_THAT(under_test->last_answer().error().what(), HasSubstr("extended late"));
  EXPECT_EQ(count_logged("extending_late"), 1);

  ASSERT_TRUE(wait_for_deliveries(4, 5s));
  EXPECT_TRUE(under_test->last_answer().has_value());
  EXPECT_FALSE(logged("received_again_in_hand"));
}

TEST_F(queue_test, a_worker_that_extends_late_says_so_once_a_minute_and_is_neither_hung_nor_full) {
  ASSERT_TRUE(take_two_while_extending_fails(10min));
  const auto received = calls("ReceiveMessage");

  time.run_for(100s);

  EXPECT_EQ(calls("ReceiveMessage"), received);
  EXPECT_EQ(count_logged("extending_late"), 2);
  EXPECT_FALSE(logged("queue_full"));
  EXPECT_TRUE(under_test->healthy());
  EXPECT_FALSE(under_test->last_answer().has_value());
  EXPECT_THAT(counts.exposition(), HasSubstr(R"(lifehook_queue_full_seconds_total{queue="lifecycle"} 0)"));
}

TEST_F(queue_test, lost_messages_do_not_keep_others_from_being_received) {
  ASSERT_TRUE(take_two_while_extending_fails(1min));
  time.run_for(30s);
  const auto taken = time.wait_for(sqs.receive(url, 10, 1s, 60s));  // by another worker
  ASSERT_TRUE(taken);
  ASSERT_THAT(*taken, SizeIs(2));
  std::vector<std::string> handles;
  for (const auto& each : *taken) handles.push_back(each.receipt_handle);
  ASSERT_TRUE(time.wait_for(sqs.remove(url, handles)));
  send(1);
  time.run_for(5s);
  ASSERT_THAT(delivered, SizeIs(2));

  ASSERT_TRUE(wait_for_deliveries(3, 20s));

  EXPECT_EQ(count_logged("message_lost"), 2);
  EXPECT_EQ(under_test->in_hand(), 3U);
  EXPECT_TRUE(under_test->last_answer().has_value());
}

TEST_F(queue_test, a_removed_message_is_deleted) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));

  settle_first({disposition::remove, {}});

  EXPECT_TRUE(time.run_until([this] { return is_gone() && under_test->in_hand() == 0; }, 2s));
}

TEST_F(queue_test, a_requeued_message_comes_back_after_its_delay) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));

  settle_first({disposition::requeue, 25s});

  ASSERT_TRUE(wait_for_deliveries(2));
  EXPECT_GE(delivered_at[1] - delivered_at[0], 25s);
  EXPECT_LE(delivered_at[1] - delivered_at[0], 27s);
  EXPECT_EQ(ids[1], ids[0]);
  EXPECT_EQ(delivered[1].receive_count, 2U);
  EXPECT_EQ(delivered[1].first_received, delivered[0].first_received);
}

TEST_F(queue_test, a_retried_message_comes_back_after_its_backoff_rounded_up) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));

  settle_first({disposition::retry, 4200ms});

  ASSERT_TRUE(wait_for_deliveries(2));
  EXPECT_GE(delivered_at[1] - delivered_at[0], 5s);
  EXPECT_LE(delivered_at[1] - delivered_at[0], 7s);
}

TEST_F(queue_test, a_message_left_comes_back_when_its_visibility_ends) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));

  settle_first({disposition::leave, {}});

  EXPECT_EQ(under_test->in_hand(), 0U);
  ASSERT_TRUE(wait_for_deliveries(2));
  EXPECT_EQ(delivered_at[1] - delivered_at[0], 15s);
}

TEST_F(queue_test, a_message_is_held_for_the_configured_visibility) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  time.run_for(25s);

  held.clear();

  ASSERT_TRUE(wait_for_deliveries(2));
  EXPECT_EQ(delivered_at[1] - delivered_at[0], 67500ms) << "extended after 7.5 s, for 60 s";
}

TEST_F(queue_test, a_hook_seen_during_a_long_poll_leaves_what_that_poll_receives_visible_soon) {
  with.pollers = 1;
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  time.run_for(5s);  // the next poll is on its way
  held.front().limit_visibility(10s);
  send(1);
  ASSERT_TRUE(wait_for_deliveries(2));
  held.back().limit_visibility(10s);
  time.run_for(100ms);

  held.clear();
  const auto crashed = time.clock.now();

  ASSERT_TRUE(wait_for_deliveries(4, 5min));
  EXPECT_LE(time.clock.now() - crashed, 15s);
}

TEST_F(queue_test, what_a_poll_was_handed_when_the_worker_stopped_comes_back_soon) {
  world.faults().add({fault_kind::delay, "sqs", "ReceiveMessage", 1.0, std::nullopt, std::nullopt, 2s});
  with.pollers = 1;
  start();
  time.run_for(1s);
  send(1);
  time.run_for(1s);

  under_test->stop_polling();
  time.run_for(16s);

  EXPECT_EQ(world.sqs().counts(url).visible, 1U);
}

TEST_F(queue_test, a_message_dropped_unsettled_is_left) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));

  held.clear();

  EXPECT_EQ(under_test->in_hand(), 0U);
  EXPECT_TRUE(wait_for_deliveries(2, 61s));
  EXPECT_THAT(counts.exposition(),
              HasSubstr(R"(lifehook_messages_settled_total{disposition="leave",queue="lifecycle"} 1)"));
}

TEST_F(queue_test, a_limited_visibility_lets_the_next_worker_have_it_soon) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  held.front().limit_visibility(15s);
  time.run_for(1min);
  ASSERT_THAT(delivered, SizeIs(1));

  held.clear();

  EXPECT_TRUE(wait_for_deliveries(2, 15s));
}

TEST_F(queue_test, what_is_received_after_a_limited_one_is_visible_as_soon) {
  with.pollers = 1;
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  held.front().limit_visibility(10s);
  settle_first({disposition::remove, {}});
  time.run_for(1min);
  send(1);
  ASSERT_TRUE(wait_for_deliveries(2));

  const auto began = time.clock.now();
  held.clear();

  ASSERT_TRUE(wait_for_deliveries(3));
  EXPECT_LE(time.clock.now() - began, 10s);
}

TEST_F(queue_test, a_limit_below_ten_seconds_is_ten_seconds) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  held.front().limit_visibility(1s);
  time.run_for(1s);

  held.clear();
  const auto began = time.clock.now();

  ASSERT_TRUE(wait_for_deliveries(2, 1min));
  EXPECT_GE(time.clock.now() - began, 8s);
  EXPECT_LE(time.clock.now() - began, 10s);
}

TEST_F(queue_test, stop_polling_gives_up_long_polls) {
  with.pollers = 3;
  start();
  time.run_for(1s);
  const auto began = time.clock.now();

  under_test->stop_polling();

  ASSERT_TRUE(time.run_until([this] { return work.running() == 0; }));
  EXPECT_EQ(time.clock.now(), began);
  EXPECT_FALSE(logged("receiving_failed"));
}

TEST_F(queue_test, stop_polling_ends_a_poller_that_waits_for_room) {
  with.in_hand = 1;
  send(2);
  start();
  time.run_for(5min);

  under_test->stop_polling();
  time.run_for(0s);

  EXPECT_EQ(work.running(), 0U);
  EXPECT_THAT(delivered, SizeIs(1));
}

TEST_F(queue_test, stop_polling_ends_pollers_that_rest) {
  with.pollers = 4;
  start();
  time.run_for(5min);

  under_test->stop_polling();
  time.run_for(0s);

  EXPECT_EQ(work.running(), 0U);
}

TEST_F(queue_test, stop_polling_ends_a_poller_that_backs_off) {
  fail(fault_kind::access_denied, "*", 1h);
  start();
  time.run_for(2min);

  under_test->stop_polling();
  time.run_for(1s);

  EXPECT_EQ(work.running(), 0U);
}

TEST_F(queue_test, stop_polling_ends_a_poller_that_waits_for_the_loop) {
  with.pollers = 1;
  send(20);
  bool is_stopped = false;

  start_and_after_the_first([&] {
    busy(200, [] {});
    under_test->stop_polling();
    is_stopped = true;
  });

  EXPECT_TRUE(time.run_until([&] { return is_stopped && work.running() == 0; }));
  EXPECT_EQ(calls("ReceiveMessage"), 1U);
}

TEST_F(queue_test, stop_polling_ends_a_poller_that_waits_for_extensions) {
  world.faults().add({fault_kind::delay, "sqs", "ChangeMessageVisibilityBatch", 1.0, {}, {}, 9s});
  with.pollers = 1;
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  time.run_for(10s);
  send(1);
  ASSERT_TRUE(wait_for_deliveries(2));
  time.run_for(1s);
  ASSERT_TRUE(logged("extending_late"));
  const auto received = calls("ReceiveMessage");

  under_test->stop_polling();
  time.run_for(0s);

  EXPECT_EQ(work.running(), 1U) << "the extension alone";
  time.run_for(1min);
  EXPECT_EQ(calls("ReceiveMessage"), received);
}

TEST_F(queue_test, what_is_in_hand_at_the_stop_can_still_be_settled) {
  send(1);
  start();
  ASSERT_TRUE(wait_for_deliveries(1));
  under_test->stop_polling();
  under_test->flush_now();

  settle_first({disposition::requeue, 0s});
  time.run_for(20ms);

  EXPECT_EQ(world.sqs().counts(url).visible, 1U);
  EXPECT_EQ(under_test->in_hand(), 0U);
}

TEST_F(queue_test, inspecting_reads_the_receive_limit_and_fills_the_gauges) {
  send(3);
  make();

  const auto read = time.wait_for(under_test->inspect());

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->max_receive_count, 12U);
  EXPECT_EQ(under_test->max_receive_count(), 12U);
  EXPECT_TRUE(under_test->last_answer().has_value());
  EXPECT_THAT(counts.exposition(), HasSubstr(R"(lifehook_queue_messages{queue="lifecycle",state="visible"} 3)"));
}

// A connection at rest is closed after 50 s (aws/connection_pool).
TEST_F(queue_test, its_counts_are_read_again_before_their_connection_is_too_old) {
  start();
  ASSERT_TRUE(time.run_until([this] { return calls("GetQueueAttributes") == 1; }));

  time.run_for(49s);

  EXPECT_EQ(calls("GetQueueAttributes"), 2U);
}

TEST_F(queue_test, a_queue_that_does_not_exist_is_said_to) {
  with.url = "http://aws.invalid/111122223333/nothing";
  make();

  const auto read = time.wait_for(under_test->inspect());

  ASSERT_TRUE(read.has_error());
  EXPECT_FALSE(under_test->last_answer().has_value());
}

TEST_F(queue_test, counts_what_it_receives_settles_and_holds) {
  send(3);
  start();
  ASSERT_TRUE(wait_for_deliveries(3));

  settle_first({disposition::remove, {}});
  time.run_for(2min);

  const auto text = counts.exposition();
  EXPECT_THAT(text, HasSubstr(R"(lifehook_messages_received_total{queue="lifecycle"} 3)"));
  EXPECT_THAT(text, HasSubstr(R"(lifehook_messages_settled_total{disposition="remove",queue="lifecycle"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(lifehook_queue_messages{queue="lifecycle",state="in_hand"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(lifehook_queue_messages{queue="lifecycle",state="in_flight"} 2)"));
}

}  // namespace
}  // namespace lifehook::queues
