#include "base/metrics.h"

#include <gmock/gmock.h>

#include <limits>
#include <sstream>

namespace lifehook {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// A metric takes as many values as it has labels.
template <class Metric, class... Value>
concept takes = requires(Metric& of, Value... values) { of.add({values...}, 1); };
static_assert(takes<counter<0>> && takes<counter<3>, const char*, std::string, std::string_view>);
static_assert(!takes<counter<0>, const char*> && !takes<counter<1>>);
static_assert(!takes<counter<3>, const char*, const char*>);
static_assert(!takes<counter<3>, const char*, const char*, const char*, const char*>);
static_assert(!takes<gauge<1>, int>);

// Every metric of the program, with labels as they might be.
void touch_all(metrics& all) {
  all.messages_received.add({"lifecycle"});
  all.messages_settled.add({"lifecycle", "remove"});
  all.events.add({"terminating", "web", "done"});
  all.event_age.observe({"terminating"}, duration(2s));
  all.hooks_held.set({"web", "terminating"}, 4);
  all.hooks_completed.add({"web", "terminating", "CONTINUE"});
  all.hooks_adopted.add({"web", "launching"});
  all.heartbeats.add({"web", "done"});
  all.nearest_deadline.set({}, 42);
  all.step_duration.observe({"drain_ecs", "done"}, duration(100s));
  all.steps.add({"drain_ecs", "web", "done"});
  all.images.add({"web", "done"});
  all.aws_requests.add({"sqs", "ReceiveMessage", "ok"});
  all.aws_request_duration.observe({"sqs", "ReceiveMessage"}, duration(20ms));
  all.aws_throttle_wait.add({"ecs"}, 1.5);
  all.aws_budget_wait.add({"ecs", "ecs_read"}, 0.5);
  all.budget_replicas.set({}, 3);
  all.queue_messages.set({"lifecycle", "visible"}, 7);
  all.queue_full.add({"lifecycle"}, 2.5);
  all.log_lines_dropped.add({}, 3);
  all.credentials_expiry.set({}, 1e9);
  all.build_info.set({"1.2.3", "9a64f9a"}, 1);
}

TEST(metrics, are_exposed_by_the_names_and_labels_of_the_documentation) {
  metrics all;

  touch_all(all);

  const auto text = all.exposition();
  for (const auto* line :
       {R"(lifehook_messages_received_total{queue="lifecycle"} 1)",
        R"(lifehook_messages_settled_total{disposition="remove",queue="lifecycle"} 1)",
        R"(lifehook_events_total{event="terminating",group="web",outcome="done"} 1)",
        R"(lifehook_event_age_seconds_count{event="terminating"} 1)",
        R"(lifehook_hooks_held{group="web",transition="terminating"} 4)",
        R"(lifehook_hooks_completed_total{group="web",result="CONTINUE",transition="terminating"} 1)",
        R"(lifehook_hooks_adopted_total{group="web",transition="launching"} 1)",
        R"(lifehook_heartbeats_total{group="web",outcome="done"} 1)",
        R"(lifehook_nearest_deadline_seconds 42)",
        R"(lifehook_step_duration_seconds_count{outcome="done",step="drain_ecs"} 1)",
        R"(lifehook_steps_total{group="web",outcome="done",step="drain_ecs"} 1)",
        R"(lifehook_images_total{group="web",outcome="done"} 1)",
        R"(lifehook_aws_requests_total{code="ok",operation="ReceiveMessage",service="sqs"} 1)",
        R"(lifehook_aws_request_duration_seconds_count{operation="ReceiveMessage",service="sqs"} 1)",
        R"(lifehook_aws_throttle_wait_seconds_total{service="ecs"} 1.5)",
        R"(lifehook_aws_budget_wait_seconds_total{family="ecs_read",service="ecs"} 0.5)",
        R"(lifehook_budget_replicas 3)",
        R"(lifehook_queue_messages{queue="lifecycle",state="visible"} 7)",
        R"(lifehook_queue_full_seconds_total{queue="lifecycle"} 2.5)",
        R"(lifehook_log_lines_dropped_total 3)",
        R"(lifehook_credentials_expiry_timestamp_seconds 1000000000)",
        R"(lifehook_build_info{commit="9a64f9a",version="1.2.3"} 1)"})
    EXPECT_THAT(text, HasSubstr(std::string(line) + "\n"));
}

TEST(metrics, every_metric_says_what_it_is) {
  metrics all;
  touch_all(all);

  std::istringstream text(all.exposition());
  std::string before;
  for (std::string line; std::getline(text, line); before = line)
    if (line.starts_with("# TYPE ")) {
      const auto named = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(before.starts_with("# HELP " + named + " ")) << line;
      EXPECT_GT(before.size(), std::string("# HELP  ").size() + named.size()) << line;
    }
}

TEST(metrics, the_same_labels_are_the_same_series) {
  metrics all;

  all.steps.add({"drain_ecs", "web", "done"});
  all.steps.add({"drain_ecs", "web", "done"}, 2);
  all.steps.add({"drain_ecs", "web", "failed"});

  const auto text = all.exposition();
  EXPECT_THAT(text, HasSubstr(R"(lifehook_steps_total{group="web",outcome="done",step="drain_ecs"} 3)"));
  EXPECT_THAT(text, HasSubstr(R"(lifehook_steps_total{group="web",outcome="failed",step="drain_ecs"} 1)"));
}

TEST(metrics, a_counter_that_was_touched_is_there_before_its_first_event) {
  metrics all;

  all.heartbeats.add({"web", "done"});
  all.heartbeats.touch({"web", "done"});
  all.heartbeats.touch({"web", "failed"});

  const auto text = all.exposition();
  EXPECT_THAT(text, HasSubstr(R"(lifehook_heartbeats_total{group="web",outcome="done"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(lifehook_heartbeats_total{group="web",outcome="failed"} 0)"));
}

TEST(metrics, a_gauge_goes_up_and_down) {
  metrics all;

  all.hooks_held.add({"web", "terminating"}, 1);
  all.hooks_held.add({"web", "terminating"}, 1);
  all.hooks_held.add({"web", "terminating"}, -1);

  EXPECT_THAT(all.exposition(), HasSubstr(R"(lifehook_hooks_held{group="web",transition="terminating"} 1)"));
}

TEST(metrics, histograms_have_buckets_that_fit) {
  metrics all;
  touch_all(all);

  const auto text = all.exposition();

  EXPECT_THAT(
      text,
      HasSubstr(
          R"(lifehook_aws_request_duration_seconds_bucket{operation="ReceiveMessage",service="sqs",le="0.01"} 0)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(lifehook_aws_request_duration_seconds_bucket{operation="ReceiveMessage",service="sqs",le="0.025"} 1)"));
  EXPECT_THAT(text,
              HasSubstr(R"(lifehook_step_duration_seconds_bucket{outcome="done",step="drain_ecs",le="43200"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(lifehook_event_age_seconds_sum{event="terminating"} 2)"));
}

TEST(metrics, gauges_that_are_read_are_refreshed_by_every_scrape) {
  metrics all;
  int scrapes = 0;
  all.on_scrape([&] { all.nearest_deadline.set({}, ++scrapes); });

  static_cast<void>(all.exposition());

  EXPECT_THAT(all.exposition(), HasSubstr("lifehook_nearest_deadline_seconds 2\n"));
}

TEST(metrics, no_deadline_is_plus_infinity) {
  metrics all;

  all.nearest_deadline.set({}, std::numeric_limits<double>::infinity());

  EXPECT_THAT(all.exposition(), HasSubstr("lifehook_nearest_deadline_seconds +Inf\n"));
}

TEST(metrics, a_label_with_quotes_and_breaks_stays_one_line) {
  metrics all;

  all.build_info.set({"a\"b\\c\nd", "e"}, 1);

  EXPECT_THAT(all.exposition(), HasSubstr(R"(lifehook_build_info{commit="e",version="a\"b\\c\nd"} 1)"));
}

TEST(metrics, the_process_is_among_them) {
  metrics all;

  const auto text = all.exposition();

  for (const auto* named :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
        "process_open_fds", "process_max_fds", "process_start_time_seconds", "process_threads"}) {
    const auto at = text.find("\n" + std::string(named) + " ");
    ASSERT_NE(at, std::string::npos) << named;
    EXPECT_GE(std::stod(text.substr(at + 2 + std::string(named).size())), 0) << named;
  }
  EXPECT_THAT(text, HasSubstr("# TYPE process_cpu_seconds_total counter\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE process_open_fds gauge\n"));
  EXPECT_THAT(text, Not(HasSubstr("process_resident_memory_bytes 0\n")));
}

}  // namespace
}  // namespace lifehook
