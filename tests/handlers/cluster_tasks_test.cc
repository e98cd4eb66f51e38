#include "handlers/cluster_tasks.h"

#include "base/interrupt.h"
#include "tests/handlers/cluster_stage.h"

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

std::optional<aws::http_response> answer_of(const json::object& told) {
  return aws::http_response{200, {}, json::serialize(told)};
}

// A cluster whose tasks a test makes up: of each instance "arn:N" as many as `per_instance`, named "task/N/M".
struct cluster_tasks_test : cluster_stage {
  using by_place = std::map<std::size_t, std::vector<std::string>>;

  cluster_tasks_test() {
    fleet.wire.instead = [this](const seen_call& call) { return answer(call); };
  }
  std::optional<aws::http_response> answer(const seen_call& call) {
    const auto asked = read(call);
    if (call.operation == "ListTasks") return list(asked);
    if (call.operation == "DescribeTasks") return describe(asked);
    const json::object counts{{"status", "ACTIVE"}, {"runningTasksCount", told_size}, {"pendingTasksCount", 1}};
    return answer_of({{"clusters", json::array{counts}}});
  }
  std::optional<aws::http_response> list(const json::object& asked) {
    json::array arns;
    for (std::size_t instance = 0; instance < instances; ++instance) {
      const auto arn = fmt::format("arn:{}", instance);
      if (asked.contains("containerInstance") && asked.at("containerInstance").as_string() != arn) continue;
      if (asked.contains("containerInstance") && arn == unknown) return refused;
      for (std::size_t nth = 0; nth < per_instance; ++nth) arns.emplace_back(fmt::format("task/{}/{}", instance, nth));
    }
    return answer_of({{"taskArns", arns}});
  }
  std::optional<aws::http_response> describe(const json::object& asked) const {
    json::array tasks;
    for (const auto& each : asked.at("tasks").as_array()) {
      const std::string arn(each.as_string());
      if (arn == silent) continue;
      const auto instance = arn.substr(5, arn.rfind('/') - 5);
      tasks.push_back({{"taskArn", arn}, {"lastStatus", "RUNNING"}, {"containerInstanceArn", "arn:" + instance}});
    }
    return answer_of({{"tasks", tasks}, {"failures", json::array()}});
  }
  std::vector<std::string> first(std::size_t count) const {
    std::vector<std::string> arns;
    for (std::size_t i = 0; i < count; ++i) arns.push_back(fmt::format("arn:{}", i));
    return arns;
  }
  result<cluster_tasks::reading> ask(std::vector<std::string> arns) {
    shown.clear();
    fleet.wire.calls.clear();
    return fleet.time.wait_for(running.read(
        std::move(arns), [this](std::size_t place, const aws::ecs_task& each) { shown[place].push_back(each.arn); }));
  }

  static task<> read_unless(cluster_tasks_test& self, interrupt& given_up) {
    const auto read = co_await given_up.guard(self.running.read(self.first(1), [](auto, const auto&) {}));
    EXPECT_EQ(read.error().code(), errc::cancelled);
  }

  std::size_t instances = 100;
  std::size_t per_instance = 1;
  int told_size = 100;
  std::string unknown, silent;
  std::optional<aws::http_response> refused = aws::http_response{
      400, {}, R"({"__type":"InvalidParameterException","message":"The container instance was not found."})"};
  by_place shown;
  cluster_tasks running{fleet.time.clock, fleet.ecs, "prod", meant_to::run};
};

TEST_F(cluster_tasks_test, of_a_few_in_a_large_cluster_are_listed_for_each_and_described_by_full_calls) {
  told_size = 50'000;
  per_instance = 12;

  const auto read = ask(first(20));

  EXPECT_EQ(fleet.wire.count("ListTasks"), 20U);
  EXPECT_EQ(fleet.wire.count("DescribeTasks"), 3U) << "240 tasks";
  EXPECT_EQ(read->calls, 23U);
  EXPECT_EQ(running.calls_lately(), 23U);
  ASSERT_EQ(shown.size(), 20U);
  for (const auto& [place, tasks] : shown) EXPECT_EQ(tasks.size(), 12U) << place;
}

TEST_F(cluster_tasks_test, are_listed_for_the_whole_cluster_where_that_takes_fewer_calls) {
  const auto read = ask(first(40));

  EXPECT_EQ(fleet.wire.count("ListTasks"), 1U);
  EXPECT_EQ(fleet.wire.count("DescribeTasks"), 1U);
  EXPECT_EQ(read->calls, 2U);
  ASSERT_EQ(shown.size(), 40U) << "those of others are shown to nobody";
  for (std::size_t place = 0; place < 40; ++place)
    EXPECT_EQ(shown.at(place), std::vector{fmt::format("task/{}/0", place)});
}

TEST_F(cluster_tasks_test, the_size_of_a_cluster_is_asked_for_once_a_minute_and_not_for_a_few) {
  ask(first(2));
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 0U);
  ask(first(3));
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 1U);
  ask(first(3));
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 0U);
  fleet.time.run_for(61s);
  ask(first(3));
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 1U);
}

TEST_F(cluster_tasks_test, of_a_cluster_whose_size_is_not_told_are_listed_for_each) {
  fleet.wire.instead = [this](const seen_call& call) {
    return call.operation == "DescribeClusters" ? refused_by_ecs("AccessDeniedException") : answer(call);
  };

  EXPECT_TRUE(ask(first(40)).has_value());

  EXPECT_EQ(fleet.wire.count("ListTasks"), 40U);
  EXPECT_EQ(shown.size(), 40U);
}

TEST_F(cluster_tasks_test, who_asks_for_one_instance_twice_is_answered_twice_by_one_listing) {
  ask({"arn:5", "arn:5"});

  EXPECT_EQ(fleet.wire.count("ListTasks"), 1U);
  EXPECT_EQ(shown, (by_place{{0, {"task/5/0"}}, {1, {"task/5/0"}}}));
}

TEST_F(cluster_tasks_test, an_instance_that_ecs_does_not_know_or_refuses_does_not_spoil_the_others) {
  told_size = 50'000;
  unknown = "arn:1";
  EXPECT_EQ(ask(first(3))->answers.at(1).error().code(), errc::not_found);
  refused = refused_by_ecs("InvalidParameterException");

  const auto read = ask(first(3));

  EXPECT_EQ(read->answers.at(1).error().code(), errc::rejected);
  EXPECT_TRUE(read->answers.at(0).has_value());
  EXPECT_TRUE(read->answers.at(2).has_value());
  EXPECT_EQ(shown, (by_place{{0, {"task/0/0"}}, {2, {"task/2/0"}}}));
}

TEST_F(cluster_tasks_test, a_task_that_is_not_described_is_unreachable_to_its_own_instance) {
  told_size = 50'000;
  silent = "task/1/0";

  const auto read = ask(first(3));

  EXPECT_EQ(read->answers.at(1).error().code(), errc::unreachable);
  EXPECT_TRUE(read->answers.at(0).has_value());
  EXPECT_EQ(shown, (by_place{{0, {"task/0/0"}}, {2, {"task/2/0"}}}));
}

TEST_F(cluster_tasks_test, of_a_whole_cluster_one_that_is_not_described_could_be_anyones_until_each_is_listed_again) {
  silent = "task/70/0";
  EXPECT_EQ(ask(first(40)).error().code(), errc::unreachable);

  const auto read = ask(first(40));

  EXPECT_TRUE(read.has_value());
  EXPECT_EQ(fleet.wire.count("ListTasks"), 40U);
  EXPECT_EQ(shown.size(), 40U);
  fleet.time.run_for(6min);
  silent.clear();
  ask(first(40));
  EXPECT_EQ(fleet.wire.count("ListTasks"), 1U);
}

TEST_F(cluster_tasks_test, a_reading_that_was_given_up_is_no_longer_under_way) {
  fleet.wire.latency = 1min;
  interrupt given_up;
  fleet.time.tasks.spawn(read_unless(*this, given_up));
  fleet.time.run_for(1s);
  EXPECT_EQ(running.calls_lately(), 2U);

  given_up.raise();
  fleet.time.run_for(31s);

  EXPECT_EQ(running.calls_lately(), 0U);
}

TEST_F(cluster_tasks_test, an_outage_is_everyones) {
  fleet.deny("ecs", "ListTasks", 1h);
  fleet.wire.instead = nullptr;

  EXPECT_EQ(ask(first(2)).error().code(), errc::denied);
}

}  // namespace
}  // namespace lifehook::handlers
