#include "worker/delivery.h"

#include "aws/credential_chain.h"
#include "base/metrics.h"
#include "tests/support/virtual_time.h"
#include "tests/worker/config_writing.h"
#include "tests/worker/silent_wire.h"
#include "worker/wiring.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <boost/json.hpp>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;
using handlers::verdict;
using kind = handlers::verdict::kind;

const auto removed = verdict::remove(handlers::outcome::done);
const auto left = verdict::leave(handlers::outcome::failed);

TEST(combine, one_verdict_is_itself) {
  const auto together = combine({verdict::requeue(7s)});

  EXPECT_EQ(together.what, kind::requeue);
  EXPECT_EQ(together.delay, 7s);
}

TEST(combine, a_message_is_removed_when_all_its_events_are_over) {
  EXPECT_EQ(combine({removed, removed, removed}).what, kind::remove);
}

TEST(combine, a_message_without_events_is_removed) { EXPECT_EQ(combine({}).what, kind::remove); }

TEST(combine, one_event_that_is_not_over_keeps_the_message) {
  EXPECT_EQ(combine({removed, verdict::requeue(5s), removed}).what, kind::requeue);
  EXPECT_EQ(combine({verdict::retry(), removed}).what, kind::retry);
  EXPECT_EQ(combine({removed, left}).what, kind::leave);
}

TEST(combine, the_most_careful_wins_in_any_order) {
  EXPECT_EQ(combine({verdict::requeue(5s), verdict::retry()}).what, kind::retry);
  EXPECT_EQ(combine({verdict::retry(), verdict::requeue(5s)}).what, kind::retry);
  EXPECT_EQ(combine({left, verdict::retry(), verdict::requeue(5s)}).what, kind::leave);
  EXPECT_EQ(combine({verdict::requeue(5s), verdict::retry(), left}).what, kind::leave);
}

TEST(combine, the_shortest_delay_brings_the_message_back) {
  EXPECT_EQ(combine({verdict::requeue(30s), verdict::requeue(5s), verdict::requeue(10s)}).delay, 5s);
  EXPECT_EQ(combine({removed, verdict::requeue(30s), removed}).delay, 30s);
}

// Of hooks that wait a minute; Auto Scaling does not answer.
struct delivering : testing::Test {
  ~delivering() override {
    from.stop_polling();
    under_test.stop_all();
    time.run_until([this] { return time.tasks.running() == 0; });
  }

  test::virtual_time time;
  silent_wire wire{time.clock};
  std::unique_ptr<aws::credential_provider> keys =
      aws::make_fixed_credentials({"AKIATEST", "secret", {}, std::nullopt});
  random_source random{1};
  metrics counts;
  std::vector<std::string> lines;
  logger log{time.clock, log_level::info, log_format::json,
             [this](std::string_view line) { lines.emplace_back(line); }};
  surroundings with{time.clock, wire, *keys, environment_of(), random, counts, log};
  config of = parsed(with_top("")).value();
  wiring parts{with, "eu-west-1", of, time.tasks, false};
  std::vector<std::string> ids;  // of what is delivered without its queue
  delivery under_test{time.clock, parts.reception, time.tasks, counts, random, log, false};
  queues::queue from{time.clock, parts.sqs, time.tasks, counts, log, random, of.queues.front()};
};

TEST_F(delivering, gives_back_what_comes_after_all_was_stopped) {
  under_test.stop_all();
  wire.message = one_message;

  from.start([this](queues::held_message held, const std::string& body) { under_test.deliver(std::move(held), body); });
  time.run_for(5s);

  EXPECT_EQ(under_test.in_hand(), 0U);
  EXPECT_THAT(counts.exposition(), testing::HasSubstr(R"(settled_total{disposition="requeue",queue="lifecycle"} 1)"));
}

TEST_F(delivering, a_message_nobody_understands_is_said_when_it_is_new_with_its_beginning) {
  const std::string id = "m";
  const std::string body = "{\"a\":\n\"" + std::string(200, 'x');
  for (const unsigned count : {1U, 2U, 3U}) {
    const auto now = time.clock.now();
    under_test.deliver({from, id, {now - 7s, now, now, count}}, body);
  }

  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], testing::HasSubstr(R"("excerpt":"{\"a\": \"x)" + std::string(72, 'x') + '"'));
  EXPECT_THAT(lines[0], testing::HasSubstr(R"("sent_seconds_ago":7)"));
  EXPECT_THAT(lines[0], testing::HasSubstr("find who sends it: it goes to the dead letters"));
  EXPECT_THAT(counts.exposition(), testing::HasSubstr(R"(event="malformed",group="",outcome="malformed"} 3)"));
}

TEST_F(delivering, a_message_nobody_understands_is_said_without_a_token) {
  const std::string id = "m";
  const auto now = time.clock.now();

  under_test.deliver({from, id, {now, now, now}}, R"({"LifecycleActionToken":"71514b9d-6a40)");

  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], testing::Not(testing::HasSubstr("71514b9d")));
}

// The later it was received, the later its deadline.
queues::held_message received(queues::queue& from, const std::string& id, duration after, time_point now) {
  const auto at = now + after;
  return {from, id, {at, at, at}};
}
std::string body_of(int which) {
  return fmt::format(R"({{"LifecycleHookName":"drain","LifecycleTransition":"autoscaling:EC2_INSTANCE_TERMINATING",)"
                     R"("AutoScalingGroupName":"web-1","EC2InstanceId":"i-{:017x}","Service":"AWS Auto Scaling"}})",
                     which);
}

TEST_F(delivering, a_page_lists_a_thousand_of_the_nearest_deadlines_and_counts_the_others) {
  for (int i = 0; i < 1010; ++i) ids.push_back(fmt::format("m-{}", i));
  for (int i = 0; i < 1010; ++i)  // 1010 and 7 share no factor
    under_test.deliver(received(from, ids[static_cast<std::size_t>(i)], -1ms * (i * 7 % 1010), time.clock.now()),
                       body_of(i));
  time.run_for(1ms);

  const auto page = boost::json::parse(hooks_page({.events = under_test.in_hand(),
                                                   .nearest = under_test.nearest(most_hooks_listed),
                                                   .queued = parts.client.queued(),
                                                   .now = time.clock.now()}));

  EXPECT_EQ(page.at("in_hand").as_int64(), 1010);
  EXPECT_EQ(page.at("listed").as_int64(), 1000);
  ASSERT_EQ(page.at("events").as_array().size(), 1000U);
  for (int i = 0; i < 1000; ++i) {
    const auto& each = page.at("events").as_array()[static_cast<std::size_t>(i)];
    const auto which = std::stoi(std::string(each.at("message").as_string()).substr(2));
    ASSERT_EQ(which * 7 % 1010, 1009 - i) << "the nearest first";
  }
}

}  // namespace
}  // namespace lifehook::worker
