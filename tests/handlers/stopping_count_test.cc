#include "handlers/stopping_count.h"

#include "tests/handlers/cluster_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;
using answer_of_count = result<std::optional<stopping_tasks>>;

// Five draining instances whose tasks take long to stop: on the last one, none.
struct stopping_count_test : cluster_stage {
  stopping_count_test() {
    arns = register_instances(4);
    fleet.world.ecs().create_service({"prod", "web", 10, 0, 100, false, 1s, 10min});
    fleet.time.run_for(10s);
    ids.push_back("i-000000000000000ff");
    arns.push_back(fleet.world.ecs().register_instance("prod", ids.back(), 8));
    for (const auto& arn : arns) fleet.time.wait_for(prod().drain(arn));
    fleet.time.run_for(2s);
  }
  std::map<std::string, std::size_t> one_by_one() {
    std::map<std::string, std::size_t> counts;
    for (const auto& arn : arns) counts[arn] = fleet.time.wait_for(counting.of(arn, 0s)).value().value().count;
    return counts;
  }
  std::map<std::string, std::size_t> at_once() {
    fleet.wire.latency = 100ms;
    std::map<std::string, answer_of_count> answers;
    for (const auto& arn : arns) fleet.time.tasks.spawn(keep(counting.of(arn, 0s), arn, answers));
    fleet.time.run_for(5s);
    std::map<std::string, std::size_t> counts;
    for (const auto& [arn, answer] : answers) counts[arn] = answer.value().value().count;
    return counts;
  }
  std::size_t listings(bool of_one_instance) const {
    const auto calls = fleet.wire.of("ListTasks");
    return static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), [of_one_instance](const auto& each) {
      return read(each).contains("containerInstance") == of_one_instance;
    }));
  }
  std::vector<std::string> arns;
  stopping_count counting{fleet.time.clock, fleet.ecs, fleet.time.tasks, "prod", named_by::configuration};
};

TEST_F(stopping_count_test, tasks_that_still_stop_are_counted_the_same_one_by_one_and_for_the_whole_cluster) {
  const auto single = one_by_one();
  EXPECT_EQ(listings(true), 5U);
  EXPECT_EQ(listings(false), 0U);

  const auto together = at_once();

  EXPECT_EQ(listings(true), 6U) << "who asks first is answered alone";
  EXPECT_EQ(listings(false), 1U);
  EXPECT_EQ(single, together);
  std::size_t sum = 0;
  for (const auto& [arn, count] : single) sum += count;
  EXPECT_EQ(sum, 10U);
  EXPECT_EQ(single.at(arns.back()), 0U);
}

TEST_F(stopping_count_test, a_task_that_is_not_described_is_not_taken_for_stopped) {
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeTasks") return std::nullopt;
    return aws::http_response{200, {}, R"({"tasks":[],"failures":[]})"};
  };

  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.front(), 0s)).error().code(), errc::unreachable);
}

TEST_F(stopping_count_test, a_task_described_as_missing_has_stopped) {
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeTasks") return std::nullopt;
    json::array failures;
    const auto asked = read(call);
    for (const auto& arn : asked.at("tasks").as_array()) failures.push_back({{"arn", arn}, {"reason", "MISSING"}});
    return aws::http_response{200, {}, json::serialize(json::object{{"tasks", json::array()}, {"failures", failures}})};
  };

  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.front(), 0s)).value(), 0U);
}

TEST_F(stopping_count_test, tasks_known_to_have_stopped_are_not_described_again) {
  fleet.time.run_for(11min);
  for (const auto& [arn, count] : at_once()) EXPECT_EQ(count, 0U) << arn;
  const auto described = fleet.wire.count("DescribeTasks");
  ASSERT_GE(described, 1U);

  for (const auto& [arn, count] : at_once()) EXPECT_EQ(count, 0U) << arn;

  EXPECT_EQ(fleet.wire.count("DescribeTasks"), described);
}

TEST_F(stopping_count_test, calls_are_told_for_half_a_minute) {
  EXPECT_EQ(counting.calls_lately(), 0U);

  fleet.time.wait_for(counting.of(arns.front(), 0s));
  EXPECT_EQ(counting.calls_lately(), 2U) << "a listing and a description";

  at_once();
  EXPECT_EQ(counting.calls_lately(), 2U) << "a page and a description, for four";
  fleet.time.run_for(31s);
  EXPECT_EQ(counting.calls_lately(), 0U);
}

// Of a cluster whose listing of stopped tasks a test makes up; all of them have stopped.
struct listed_tasks_test : cluster_stage {
  listed_tasks_test() {
    fleet.wire.latency = 100ms;
    fleet.wire.instead = [this](const seen_call& call) { return std::optional(answer(call)); };
  }
  aws::http_response answer(const seen_call& call) const {
    const auto asked = read(call);
    if (call.operation == "ListTasks") {
      if (asked.contains("containerInstance") && asked.at("containerInstance").as_string() == unknown)
        return {400, {}, R"({"__type":"InvalidParameterException","message":"The container instance was not found."})"};
      return {200, {}, json::serialize(json::object{{"taskArns", json::value_from(listed)}})};
    }
    json::array tasks;
    for (const auto& arn : asked.at("tasks").as_array())
      tasks.push_back({{"taskArn", arn}, {"lastStatus", "STOPPED"}, {"containerInstanceArn", "arn:1"}});
    return {200, {}, json::serialize(json::object{{"tasks", tasks}, {"failures", json::array()}})};
  }
  // The first is answered alone, the others together.
  std::map<std::string, answer_of_count> ask(std::size_t count) {
    std::map<std::string, answer_of_count> answers;
    for (std::size_t i = 1; i <= count; ++i) {
      const auto arn = fmt::format("arn:{}", i);
      fleet.time.tasks.spawn(keep(counting.of(arn, 0s), arn, answers));
    }
    fleet.time.run_for(10s);
    return answers;
  }
  std::size_t of_cluster() const {
    const auto calls = fleet.wire.of("ListTasks");
    return static_cast<std::size_t>(std::count_if(
        calls.begin(), calls.end(), [](const auto& each) { return !read(each).contains("containerInstance"); }));
  }
  std::vector<std::string> described_last() const {
    return json::value_to<std::vector<std::string>>(read(fleet.wire.of("DescribeTasks").back()).at("tasks"));
  }

  std::vector<std::string> listed;
  std::string unknown = "none";
  stopping_count counting{fleet.time.clock, fleet.ecs, fleet.time.tasks, "prod", named_by::configuration};
};

TEST_F(listed_tasks_test, one_container_instance_that_ecs_no_longer_knows_does_not_spoil_the_others) {
  unknown = "arn:2";

  const auto answers = ask(3);

  EXPECT_EQ(answers.at("arn:1").value(), 0U);
  EXPECT_EQ(answers.at("arn:2").error().code(), errc::not_found);
  EXPECT_EQ(answers.at("arn:3").value(), 0U);
  EXPECT_EQ(of_cluster(), 0U);
}

TEST_F(listed_tasks_test, a_long_listing_of_the_cluster_is_read_only_where_it_takes_fewer_calls) {
  for (int i = 0; i < 250; ++i) listed.push_back(fmt::format("arn:task/{}", i));
  ask(4);
  ASSERT_EQ(of_cluster(), 1U) << "how long it is was not known yet";

  ask(5);
  EXPECT_EQ(of_cluster(), 1U) << "three pages and a description are as many calls as four that ask";

  ask(6);
  EXPECT_EQ(of_cluster(), 2U);
}

TEST_F(listed_tasks_test, a_stopped_task_is_remembered_for_as_long_as_it_is_listed) {
  listed = {"arn:task/1", "arn:task/2"};
  ask(4);
  listed = {"arn:task/2"};
  ask(4);
  listed = {"arn:task/1", "arn:task/2"};
  ask(4);

  EXPECT_EQ(of_cluster(), 3U);
  EXPECT_EQ(described_last(), std::vector<std::string>{"arn:task/1"});
}

TEST_F(stopping_count_test, who_does_not_wait_for_a_long_reading_is_told_the_next_time) {
  fleet.wire.latency = 5s;
  const auto began = fleet.time.clock.uptime();

  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.back(), began)).value(), std::nullopt) << "it is being counted";
  EXPECT_EQ(fleet.time.clock.uptime() - began, 1s);
  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.front(), began)).value(), std::nullopt);
  EXPECT_TRUE(counting.is_counting(arns.back()));
  EXPECT_TRUE(counting.is_counting(arns.front()));
  fleet.time.run_for(1min);
  EXPECT_FALSE(counting.is_counting(arns.back()));
  EXPECT_FALSE(counting.is_counting(arns.front()));

  const auto asked = fleet.time.clock.uptime();
  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.back(), began)).value(), 0U);
  EXPECT_EQ(fleet.time.clock.uptime(), asked) << "at once";
  EXPECT_GT(fleet.time.wait_for(counting.of(arns.front(), began)).value().value().count, 0U);
  EXPECT_EQ(fleet.time.clock.uptime() - asked, 1s) << "it may be less by now: that is waited for";
  fleet.time.run_for(1min);
}

TEST_F(stopping_count_test, a_reading_tells_nothing_of_what_came_after_it_had_begun) {
  fleet.wire.latency = 5s;
  fleet.time.wait_for(counting.of(arns.back(), 0s));
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.back(), fleet.time.clock.uptime())).value(), std::nullopt);
  fleet.time.run_for(1min);
}

TEST_F(stopping_count_test, what_ecs_does_not_describe_is_told_as_an_outage_later) {
  fleet.wire.latency = 5s;
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeTasks") return std::nullopt;
    return aws::http_response{200, {}, R"({"tasks":[],"failures":[]})"};
  };
  fleet.time.wait_for(counting.of(arns.front(), 0s));
  fleet.time.run_for(1min);
  EXPECT_FALSE(counting.is_counting(arns.front())) << "it is to be asked again";

  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.front(), 0s)).error().code(), errc::unreachable);
  fleet.time.run_for(1min);
}

TEST_F(stopping_count_test, an_answer_that_comes_as_patience_ends_leaves_nobody_waiting) {
  fleet.wire.latency = 500ms;  // of the listing, and of the description

  fleet.time.wait_for(counting.of(arns.front(), 0s));
  fleet.time.run_for(0s);

  EXPECT_FALSE(counting.is_counting(arns.front()));
  fleet.time.run_for(1min);
}

TEST_F(stopping_count_test, a_long_reading_that_ecs_refuses_is_told_to_who_did_not_wait_until_one_succeeds) {
  fleet.wire.latency = 5s;
  fleet.deny("ecs", "ListTasks", 1min);
  const auto began = fleet.time.clock.uptime();
  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.back(), began)).value(), std::nullopt);
  fleet.time.run_for(20s);

  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.back(), began)).error().code(), errc::denied);
  fleet.time.run_for(1min);
  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.back(), began)).error().code(), errc::denied);
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.time.wait_for(counting.of(arns.back(), began)).value(), 0U);
}

TEST_F(stopping_count_test, while_the_size_of_a_cluster_is_not_known_two_readings_at_most_are_under_way) {
  fleet.wire.latency = 5s;
  std::map<std::string, answer_of_count> answers;
  for (int i = 0; i < 10; ++i) {
    for (const auto& arn : arns)
      fleet.time.tasks.spawn(keep(counting.of(arn, 0s), fmt::format("{} {}", arn, i), answers));
    fleet.time.run_for(50ms);
  }

  EXPECT_EQ(fleet.wire.count("ListTasks"), 2U);
  fleet.time.run_for(1min);
}

}  // namespace
}  // namespace lifehook::handlers
