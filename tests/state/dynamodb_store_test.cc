#include "state/dynamodb_store.h"

#include "tests/state/dynamodb_stage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <set>
#include <vector>

namespace lifehook::state {
namespace {

using namespace std::chrono_literals;
using simulator::fault_kind;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

template <class T>
task<> keep(task<result<T>> work, std::vector<result<T>>& answers) {
  answers.push_back(co_await std::move(work));
}

struct dynamodb_store_test : testing::Test {
  store& one() { return stage.one(); }
  store& other() { return stage.other(); }
  time_point now() { return stage.time.clock.now(); }
  template <class T>
  T wait(task<T> work) {
    return stage.time.wait_for(std::move(work));
  }
  std::uint64_t calls(const std::string& operation) const {
    const auto found = stage.world.calls().find("dynamodb." + operation);
    return found == stage.world.calls().end() ? 0 : found->second;
  }
  boost::json::object item(std::string_view key) {
    for (auto& each : stage.world.dynamodb().items("lifehook"))
      if (each.at("key").at("S").as_string() == key) return each;
    return {};
  }
  std::int64_t number(std::string_view key, std::string_view attribute) {
    return std::stoll(std::string(item(key).at(attribute).at("N").as_string()));
  }

  dynamodb_stage stage;
};

// The answers of the first call and perhaps of its retry are lost, though the calls took effect.
struct lost_answer_test : dynamodb_store_test {
  void lose(const std::string& action) { stage.strike(fault_kind::lost_answer, action, 1us); }
};

TEST_F(lost_answer_test, a_note_of_our_own_is_known_again_by_its_text) {
  lose("PutItem");

  EXPECT_EQ(wait(one().note_once("raise#i-1", "mine", 10min)).value(), "mine");

  EXPECT_EQ(calls("PutItem"), 2U);
  EXPECT_EQ(wait(other().note_once("raise#i-1", "yours", 10min)).value(), "mine");
}

TEST_F(lost_answer_test, a_launch_of_our_own_is_recorded_once) {
  lose("PutItem");
  const auto when = now();

  EXPECT_THAT(wait(one().record_launch("web", "web-v1", when)).value(), ElementsAre(turn{"web-v1", when, when}));

  EXPECT_EQ(calls("PutItem"), 2U);
  EXPECT_EQ(number("turns#web", "version"), 1);
}

TEST_F(lost_answer_test, a_lock_of_our_own_is_ours) {
  lose("PutItem");

  EXPECT_TRUE(wait(one().lock("web-fleet", "me", 1min)).value());

  EXPECT_EQ(calls("PutItem"), 2U);
  EXPECT_FALSE(wait(other().lock("web-fleet", "you", 1min)).value());
}

TEST_F(lost_answer_test, an_unlock_that_was_done_is_done) {
  wait(one().lock("web-fleet", "me", 1min)).value();
  lose("DeleteItem");

  EXPECT_TRUE(wait(one().unlock("web-fleet", "me")).has_value());

  EXPECT_EQ(calls("DeleteItem"), 2U);
  EXPECT_TRUE(wait(other().lock("web-fleet", "you", 1min)).value());
}

TEST_F(lost_answer_test, what_was_told_as_an_outage_may_be_done_again) {
  stage.strike(fault_kind::lost_answer, "PutItem", 1min);
  const auto noted = wait(one().note_once("raise#i-1", "mine", 10min));
  const auto locked = wait(one().lock("web-fleet", "me", 10min));
  const auto recorded = wait(one().record_launch("web", "web-v1", now()));
  for (const auto& why : {noted.error(), locked.error(), recorded.error()}) EXPECT_EQ(why.code(), errc::unreachable);

  stage.time.run_for(1min);

  EXPECT_EQ(wait(one().note_once("raise#i-1", "mine", 10min)).value(), "mine");
  EXPECT_TRUE(wait(one().lock("web-fleet", "me", 10min)).value());
  EXPECT_EQ(wait(one().turns("web")).value().size(), 1U);
}

// Whatever DynamoDB does not do is an outage, whatever it says.
struct outage_test : dynamodb_store_test, testing::WithParamInterface<std::pair<fault_kind, errc>> {};

TEST_P(outage_test, is_told_as_such_by_every_call_and_ends_with_it) {
  stage.strike(GetParam().first, "*", 10min);

  std::vector<error> told{wait(one().turns("web")).error(),
                          wait(one().record_launch("web", "web-v1", now())).error(),
                          wait(one().note("raise#i-1")).error(),
                          wait(one().note_once("raise#i-1", "mine", 10min)).error(),
                          wait(one().write_note("raise#i-1", "mine", 10min)).error(),
                          wait(one().lock("web-fleet", "me", 1min)).error(),
                          wait(one().unlock("web-fleet", "me")).error(),
                          wait(one().probe()).error()};
  stage.world.faults().clear();

  for (const auto& why : told) {
    EXPECT_EQ(why.code(), GetParam().second) << why.what();
    EXPECT_THAT(why.what(), HasSubstr("state table lifehook"));
  }
  EXPECT_TRUE(wait(one().probe()).has_value());
  EXPECT_EQ(wait(one().note_once("raise#i-1", "mine", 10min)).value(), "mine");
}

INSTANTIATE_TEST_SUITE_P(, outage_test,
                         testing::Values(std::pair(fault_kind::throttle, errc::throttled),
                                         std::pair(fault_kind::server_error, errc::unreachable),
                                         std::pair(fault_kind::reset, errc::unreachable),
                                         std::pair(fault_kind::access_denied, errc::denied)));

TEST_F(dynamodb_store_test, a_table_that_is_not_there_is_an_outage_that_names_it) {
  stage.world.dynamodb().delete_table("lifehook");

  const auto probed = wait(one().probe());

  ASSERT_TRUE(probed.has_error());
  EXPECT_EQ(probed.error().code(), errc::denied);
  EXPECT_THAT(probed.error().what(), HasSubstr("state table lifehook"));
}

TEST_F(dynamodb_store_test, a_table_with_another_key_is_an_outage) {
  stage.world.dynamodb().delete_table("lifehook");
  stage.world.dynamodb().create_table("lifehook", "id");

  EXPECT_EQ(wait(one().probe()).error().code(), errc::denied);
  EXPECT_EQ(wait(one().write_note("raise#i-1", "3", 1min)).error().code(), errc::denied);
  EXPECT_EQ(wait(one().record_launch("web", "web-v1", now())).error().code(), errc::denied);
}

TEST_F(dynamodb_store_test, an_item_nobody_of_us_wrote_is_an_outage_that_names_it_and_stays_as_it_is) {
  wait(stage.here.table.put({{"key", "turns#web"}, {"text", "scrawl"}, {"version", std::int64_t{1}}})).value();
  wait(stage.here.table.put({{"key", "turns#api"}, {"text", "[]"}})).value();
  wait(stage.here.table.put({{"key", "note#raise#i-1"}, {"owner", "someone"}})).value();

  for (const auto& why : {wait(one().turns("web")).error(), wait(one().record_launch("web", "web-v1", now())).error(),
                          wait(one().turns("api")).error(), wait(one().note("raise#i-1")).error(),
                          wait(one().note_once("raise#i-1", "mine", 10min)).error()}) {
    EXPECT_EQ(why.code(), errc::denied) << why.what();
    EXPECT_THAT(why.what(), testing::AnyOf(HasSubstr("turns of"), HasSubstr("note raise#i-1")));
  }
  EXPECT_EQ(item("turns#web").at("text").at("S").as_string(), "scrawl");
  EXPECT_EQ(item("note#raise#i-1").at("owner").at("S").as_string(), "someone");
}

TEST_F(dynamodb_store_test, dynamodb_is_told_to_delete_what_ends_a_day_after_its_end) {
  const auto until = std::chrono::duration_cast<std::chrono::seconds>((now() + 10min).time_since_epoch()).count();

  wait(one().write_note("raise#i-1", "3", 10min)).value();
  wait(one().lock("web-fleet", "me", 10min)).value();
  wait(one().record_launch("web", "web-v1", now())).value();

  EXPECT_EQ(number("note#raise#i-1", "ttl"), until + 86'400);
  EXPECT_EQ(number("lock#web-fleet", "ttl"), until + 86'400);
  EXPECT_FALSE(item("turns#web").contains("ttl"));
}

TEST_F(dynamodb_store_test, what_dynamodb_has_deleted_is_gone) {
  stage.world.dynamodb().remove_expired(0s);
  wait(one().write_note("raise#i-1", "3", 10min)).value();

  stage.time.run_for(26h);

  EXPECT_TRUE(item("note#raise#i-1").empty());
  EXPECT_EQ(wait(one().note("raise#i-1")).value(), std::nullopt);
  EXPECT_EQ(wait(one().note_once("raise#i-1", "mine", 10min)).value(), "mine");
}

TEST_F(dynamodb_store_test, a_lock_that_ran_out_before_it_was_answered_for_is_not_held) {
  stage.here.way.latency = 31s;

  const auto locked = wait(one().lock("web-fleet", "me", 30s));

  ASSERT_TRUE(locked.has_error());
  EXPECT_EQ(locked.error().code(), errc::timeout);
  EXPECT_THAT(locked.error().what(), HasSubstr("ran out"));
}

TEST_F(dynamodb_store_test, a_request_that_comes_late_does_not_shorten_a_lock_taken_since) {
  std::vector<result<bool>> answers;
  stage.here.way.latency = 12s;
  stage.time.tasks.spawn(keep(one().lock("web-fleet", "me", 30s), answers));
  stage.time.run_for(10s);
  stage.here.way.latency = 0s;
  ASSERT_TRUE(wait(one().lock("web-fleet", "me", 30s)).value());

  stage.time.run_for(25s);

  ASSERT_EQ(answers.size(), 1U);
  EXPECT_FALSE(wait(other().lock("web-fleet", "you", 30s)).value());
}

TEST_F(dynamodb_store_test, an_unlock_that_comes_late_does_not_end_a_lock_its_owner_has_taken_since) {
  ASSERT_TRUE(wait(one().lock("web-fleet", "me", 30s)).value());
  std::vector<result<>> answers;
  stage.here.way.latency = 12s;
  stage.time.tasks.spawn(keep(one().unlock("web-fleet", "me"), answers));
  stage.time.run_for(10s);
  stage.here.way.latency = 0s;
  ASSERT_TRUE(wait(one().lock("web-fleet", "me", 30s)).value());

  stage.time.run_for(5s);

  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].has_value());
  EXPECT_FALSE(wait(other().lock("web-fleet", "you", 30s)).value());
  wait(one().unlock("web-fleet", "me")).value();
  EXPECT_TRUE(wait(other().lock("web-fleet", "you", 30s)).value());
}

TEST_F(dynamodb_store_test, the_clock_that_is_set_back_does_not_hide_that_a_lock_ran_out) {
  std::vector<result<bool>> answers;
  stage.time.run_for(10min);
  stage.here.way.latency = 31s;
  stage.time.tasks.spawn(keep(one().lock("web-fleet", "me", 30s), answers));
  stage.time.run_for(10s);

  stage.time.clock.set(now() - 1min);
  stage.time.run_for(30s);

  ASSERT_EQ(answers.size(), 1U);
  ASSERT_TRUE(answers[0].has_error());
  EXPECT_THAT(answers[0].error().what(), HasSubstr("ran out"));
}

TEST_F(dynamodb_store_test, a_fleet_that_launches_at_once_is_recorded_in_a_few_writes) {
  stage.slow_down();
  std::vector<result<history>> answers;
  const auto first = now();

  for (int i = 0; i < 100; ++i)
    stage.time.tasks.spawn(keep(one().record_launch("web", "web-v1", first + i * 10ms), answers));
  stage.time.run_for(1min);

  ASSERT_EQ(answers.size(), 100U);
  for (const auto& each : answers) ASSERT_TRUE(each.has_value()) << each.error().what();
  EXPECT_THAT(wait(one().turns("web")).value(), ElementsAre(turn{"web-v1", first, first + 990ms}));
  EXPECT_LE(number("turns#web", "version"), 2);
  EXPECT_LE(calls("PutItem"), 110U);
}

TEST_F(dynamodb_store_test, races_that_are_always_lost_end_as_throttled) {
  stage.here.way.instead = [](const std::string& operation) -> std::optional<aws::http_response> {
    if (operation != "PutItem") return std::nullopt;
    return aws::http_response{
        400,
        {},
        R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"})"};
  };

  EXPECT_EQ(wait(one().record_launch("web", "web-v1", now())).error().code(), errc::throttled);
  EXPECT_EQ(wait(one().note_once("raise#i-1", "mine", 10min)).error().code(), errc::throttled);
}

// Two replicas with much to do on a table that loses answers, throttles and fails: what is told is always true.
struct troubled_table_test : dynamodb_store_test, testing::WithParamInterface<std::uint64_t> {
  troubled_table_test() {
    stage.slow_down();
    stage.here.random.seed(GetParam());
    stage.there.random.seed(GetParam() + 100);
    for (const auto kind : {fault_kind::lost_answer, fault_kind::throttle, fault_kind::server_error, fault_kind::reset})
      stage.strike(kind, "*", 1h, 0.15);
  }
  store& any(int i) { return i % 2 == 0 ? one() : other(); }
};

TEST_P(troubled_table_test, a_note_is_the_same_for_all_who_were_answered) {
  std::vector<result<std::string>> answers;

  for (int i = 0; i < 20; ++i)
    stage.time.tasks.spawn(keep(any(i).note_once("raise#i-1", std::to_string(i), 2h), answers));
  stage.time.run_for(1h);

  ASSERT_EQ(answers.size(), 20U);
  const auto standing = wait(one().note("raise#i-1")).value();
  ASSERT_TRUE(standing.has_value());
  for (const auto& each : answers) {
    if (each.has_value())
      EXPECT_EQ(*each, *standing);
    else
      EXPECT_TRUE(is_outage(each.error().code())) << each.error().what();
  }
}

TEST_P(troubled_table_test, a_lock_is_told_to_one_at_most) {
  std::vector<result<bool>> answers;

  for (int i = 0; i < 20; ++i) stage.time.tasks.spawn(keep(any(i).lock("web-fleet", std::to_string(i), 2h), answers));
  stage.time.run_for(1h);

  ASSERT_EQ(answers.size(), 20U);
  EXPECT_LE(std::count_if(answers.begin(), answers.end(), [](const auto& each) { return each.has_value() && *each; }),
            1);
  for (const auto& each : answers)
    EXPECT_TRUE(each.has_value() || is_outage(each.error().code())) << each.error().what();
}

task<> keep_launch(task<result<history>> work, std::string group, std::set<std::string>& recorded, int& answered) {
  const auto told = co_await std::move(work);
  ++answered;
  if (told.has_value())
    recorded.insert(std::move(group));
  else
    EXPECT_TRUE(is_outage(told.error().code())) << told.error().what();
}

TEST_P(troubled_table_test, no_launch_that_was_acknowledged_is_lost) {
  std::set<std::string> recorded;
  int answered = 0;
  const auto first = now();

  for (int i = 0; i < 8; ++i) {
    const auto group = "v" + std::to_string(i);
    stage.time.tasks.spawn(keep_launch(any(i).record_launch("web", group, first + i * 1s), group, recorded, answered));
  }
  stage.time.run_for(1h);

  EXPECT_EQ(answered, 8);
  std::set<std::string> known;
  for (const auto& each : wait(one().turns("web")).value()) known.insert(each.scaling_group);
  EXPECT_TRUE(std::includes(known.begin(), known.end(), recorded.begin(), recorded.end()));
}

INSTANTIATE_TEST_SUITE_P(, troubled_table_test, testing::Range(std::uint64_t{1}, std::uint64_t{9}));

}  // namespace
}  // namespace lifehook::state
