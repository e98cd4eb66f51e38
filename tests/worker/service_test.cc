#include "worker/service.h"

#include "aws/credential_chain.h"
#include "base/metrics.h"
#include "state/memory_store.h"
#include "state/sqlite_store.h"
#include "tests/state/temporary_folder.h"
#include "tests/support/virtual_time.h"
#include "tests/worker/config_writing.h"
#include "tests/worker/silent_wire.h"
#include "worker/termination.h"

#include <gmock/gmock.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::ExitedWithCode;
using testing::IsEmpty;

constexpr std::string_view two_regions = R"(queues:
  - url: https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle
  - url: https://sqs.us-east-1.amazonaws.com/111122223333/lifecycle
groups:
  - {name: web, match: web-*, hooks: drain, terminating: [{drain_ecs: {cluster: prod}}]}
)";

// Keys that can be had after a while, or not at all.
struct late_credentials final : aws::credential_provider {
  explicit late_credentials(clock& t) : time(t) {}

  task<result<aws::credentials>> get() override {
    if (after > duration::zero()) co_await time.sleep_for(after);
    if (failing) co_return error{errc::denied, "no credentials"};
    co_return aws::credentials{"AKIDTEST", "secret", {}, std::nullopt};
  }
  void invalidate(const aws::credentials&) override {}
  std::optional<time_point> expires() const override { return std::nullopt; }

  clock& time;
  duration after{0};
  bool failing = false;
};

class service_test : public testing::Test {
 protected:
  ~service_test() override {
    if (worker_) world_.wait_for(worker_->stop(5s));
  }

  service& begin(std::string_view config_text = with_top(""), bool dry_run = false) {
    logger log(world_.clock, log_level::info, log_format::json,
               [this](std::string_view line) { lines_.emplace_back(line); });
    surroundings with{world_.clock, wire_, keys_, environment_of(), random_, counts_, log, file_state_};
    worker_ =
        std::make_unique<service>(world_.io.get_executor(), with, parsed(config_text).value(), "eu-west-1", dry_run);
    return *worker_;
  }
  void start() {
    ASSERT_TRUE(world_.wait_for(worker_->check_queues()));
    worker_->start();
    world_.run_for(1s);
  }
  void take_a_message_that_stays() {
    wire_.message = one_message;
    wire_.answers = [](const aws::http_request& asked) { return is(asked, "ReceiveMessage"); };
    begin();
    worker_->start();
    world_.run_for(1s);
  }
  static task<> stop_at_last(service& which, bool& over) {
    co_await stop_or_end(which, 5s, 3, [] { std::fflush(stdout); });
    over = true;
  }

  test::virtual_time world_;
  silent_wire wire_{world_.clock};
  late_credentials keys_{world_.clock};
  random_source random_{1};
  metrics counts_;
  std::shared_ptr<state::store> file_state_;
  std::vector<std::string> lines_;
  std::unique_ptr<service> worker_;
};

TEST_F(service_test, is_ready_though_sts_never_answers) {
  begin();

  start();

  EXPECT_THAT(worker_->not_ready(), IsEmpty());
}

TEST_F(service_test, says_at_its_start_that_a_dry_run_answers_no_hook) {
  const auto said = [this] {
    return std::count_if(lines_.begin(), lines_.end(), [](const std::string& line) {
      return line.find("\"dry_run_answers_no_hook\"") != line.npos && line.find("\"warn\"") != line.npos &&
             line.find("\"advice\"") != line.npos;
    });
  };

  begin(with_top(""), true);
  start();
  EXPECT_EQ(said(), 1);

  world_.wait_for(worker_->stop(5s));
  lines_.clear();
  begin(with_group("    match: a\n    spot_interruption: [raise_capacity]\n"), true);
  start();
  EXPECT_EQ(said(), 0) << "it has none to answer";
}

TEST_F(service_test, is_not_ready_while_the_memory_has_no_room_for_notes) {
  file_state_ = state::make_memory_store(world_.clock, 1);
  world_.wait_for(file_state_->write_note("raise#i-1", "3", 5min)).value();
  begin();

  start();
  EXPECT_THAT(worker_->not_ready(), Contains(testing::HasSubstr("the state in memory is full")));

  world_.run_for(7min);
  EXPECT_THAT(worker_->not_ready(), IsEmpty());
}

TEST_F(service_test, says_that_credentials_have_not_been_checked_yet) {
  begin();
  keys_.after = 1min;
  start();

  EXPECT_THAT(worker_->not_ready(), Contains("credentials: not checked yet"));

  world_.run_for(5min);
  EXPECT_THAT(worker_->not_ready(), IsEmpty());
}

TEST_F(service_test, tells_of_credentials_that_nobody_gave_as_of_expired_ones) {
  const auto expiry = [this](std::string_view value) {
    return counts_.exposition().find(fmt::format("\nlifehook_credentials_expiry_timestamp_seconds {}\n", value)) !=
           std::string::npos;
  };
  begin();
  keys_.failing = true;
  start();
  EXPECT_TRUE(expiry("0")) << "which the alert sees";

  keys_.failing = false;
  world_.run_for(5min);

  EXPECT_TRUE(expiry("+Inf")) << "these have no end";
}

TEST_F(service_test, says_when_there_are_no_credentials_and_when_there_are_again) {
  begin();
  keys_.failing = true;
  start();

  EXPECT_THAT(worker_->not_ready(), Contains(testing::StartsWith("credentials: ")));
  world_.run_for(5min);
  EXPECT_EQ(std::count_if(lines_.begin(), lines_.end(),
                          [](const auto& line) { return line.find("credentials_failed") != std::string::npos; }),
            3)
      << "every two minutes: an alarm counts them";

  keys_.failing = false;
  world_.run_for(1min);
  EXPECT_THAT(worker_->not_ready(), IsEmpty());
  EXPECT_EQ(std::count_if(lines_.begin(), lines_.end(),
                          [](const auto& line) { return line.find("credentials_answer") != std::string::npos; }),
            1);
}

struct service_with_a_file : service_test {
  service_with_a_file() { file_state_ = open(); }
  std::shared_ptr<state::store> open() {
    return state::open_sqlite_store(world_.clock, folder_.file("state.db")).value();
  }
  std::ptrdiff_t warned() const {
    return std::count_if(lines_.begin(), lines_.end(),
                         [](const auto& line) { return line.find("state_shared") != std::string::npos; });
  }

  // As a worker does.
  void claim(state::store& of) {
    ASSERT_TRUE(world_.wait_for(of.lock("the worker on this file", "another", 1min)).value());
  }
  void run_beside(state::store& another, duration span) {
    for (const auto end = world_.clock.now() + span; world_.clock.now() < end;) {
      claim(another);
      world_.run_for(10s);
    }
  }

  state::temporary_folder folder_;
};

TEST_F(service_with_a_file, says_when_another_worker_keeps_using_it) {
  const auto other = open();
  claim(*other);
  begin();
  start();

  run_beside(*other, 4min);
  EXPECT_EQ(warned(), 0) << "a deploy";

  run_beside(*other, 10min);
  EXPECT_EQ(warned(), 1);
}

TEST_F(service_with_a_file, takes_it_from_nobody_in_a_dry_run) {
  const auto other = open();
  begin(with_top(""), true);
  start();

  world_.run_for(5min);

  EXPECT_TRUE(world_.wait_for(other->lock("the worker on this file", "another", 1min)).value());
}

TEST_F(service_with_a_file, says_nothing_when_the_other_one_has_ended) {
  const auto other = open();
  claim(*other);
  begin();
  start();

  world_.run_for(1h);

  EXPECT_EQ(warned(), 0);
  EXPECT_FALSE(world_.wait_for(other->lock("the worker on this file", "another", 1min)).value()) << "it is ours";
}

TEST_F(service_test, asks_its_queues_side_by_side) {
  begin(two_regions);
  wire_.answers = [](const aws::http_request&) { return false; };
  const auto before = world_.clock.now();

  EXPECT_TRUE(world_.wait_for(worker_->check_queues()));

  EXPECT_EQ(world_.clock.now() - before, 5s);
}

TEST_F(service_test, counters_of_its_groups_are_there_before_their_first_event) {
  begin();

  const auto exposed = counts_.exposition();
  EXPECT_THAT(exposed, testing::HasSubstr(R"(lifehook_heartbeats_total{group="web",outcome="done"} 0)"));
  EXPECT_THAT(exposed, testing::HasSubstr(R"(lifehook_heartbeats_total{group="web",outcome="failed"} 0)"));
  EXPECT_THAT(exposed,
              testing::HasSubstr(
                  R"(lifehook_hooks_completed_total{group="web",result="continue",transition="terminating"} 0)"));
}

TEST_F(service_test, what_an_alert_counts_is_there_before_it_has_happened) {
  begin(
      with_terminating("      - drain_ecs: {cluster: prod}\n"
                       "      - [notify: {topic: 'arn:aws:sns:eu-west-1:111122223333:t'}, wait: {for: 1m}]\n"
                       "    spot_interruption:\n"
                       "      - wait: {for: 1m}\n"));

  const auto exposed = counts_.exposition();
  for (const auto* zero : {
           R"(lifehook_heartbeats_total{group="web",outcome="denied"} 0)",
           R"(lifehook_heartbeats_total{group="web",outcome="late"} 0)",
           R"(lifehook_heartbeats_total{group="web",outcome="timeout"} 0)",
           R"(lifehook_events_total{event="malformed",group="",outcome="malformed"} 0)",
           R"(lifehook_events_total{event="spot_interruption",group="web",outcome="timeout"} 0)",
           R"(lifehook_events_total{event="terminating",group="web",outcome="agent_disconnected"} 0)",
           R"(lifehook_events_total{event="terminating",group="web",outcome="lost"} 0)",
           R"(lifehook_events_total{event="terminating",group="web",outcome="max_100"} 0)",
           R"(lifehook_events_total{event="terminating",group="web",outcome="no_capacity"} 0)",
           R"(lifehook_events_total{event="terminating",group="web",outcome="no_replacement"} 0)",
           R"(lifehook_events_total{event="terminating",group="web",outcome="protected"} 0)",
           R"(lifehook_events_total{event="terminating",group="web",outcome="standalone_task"} 0)",
           R"(lifehook_steps_total{group="web",outcome="failed",step="notify"} 0)",
       })
    EXPECT_THAT(exposed, testing::HasSubstr(zero));
}

TEST_F(service_test, outcomes_that_no_step_of_a_list_has_are_not_counted_at_its_start) {
  begin();

  const auto exposed = counts_.exposition();
  EXPECT_THAT(exposed, testing::Not(testing::HasSubstr("standalone_task")));
  EXPECT_THAT(exposed, testing::Not(testing::HasSubstr("notify")));
}

TEST_F(service_test, an_event_from_the_future_is_not_older_than_new) {
  wire_.message = one_message;
  const std::string_view fields = R"(\"Service\":)";
  wire_.message.insert(wire_.message.find(fields), R"(\"Time\":\"2099-01-01T00:00:00Z\",)");
  wire_.answers = [](const aws::http_request&) { return true; };
  begin();

  start();

  EXPECT_THAT(counts_.exposition(), testing::HasSubstr(R"(lifehook_event_age_seconds_sum{event="terminating"} 0)"));
}

TEST_F(service_test, tells_queues_of_one_name_apart) {
  begin(two_regions);

  EXPECT_THAT(worker_->not_ready(),
              ElementsAre("credentials: not checked yet", "queue lifecycle@eu-west-1: not asked yet",
                          "queue lifecycle@us-east-1: not asked yet", "state memory: not checked yet"));

  start();
  const auto exposed = counts_.exposition();
  EXPECT_THAT(exposed, testing::HasSubstr(R"(queue="lifecycle@us-east-1")"));
  EXPECT_THAT(exposed, testing::Not(testing::HasSubstr(R"(queue="lifecycle")")));
}

TEST_F(service_test, a_stop_that_ends_in_time_lets_its_caller_go_on) {
  begin();
  start();
  bool over = false;

  world_.tasks.spawn(stop_at_last(*worker_, over));
  ASSERT_TRUE(world_.run_until([&over] { return over; }));

  worker_.reset();
}

TEST_F(service_test, a_stop_that_cannot_finish_flushes_and_ends_the_process) {
  const auto stop_with_a_message_in_hand = [this] {
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    take_a_message_that_stays();
    std::fputs("last words", stdout);
    bool over = false;
    world_.tasks.spawn(stop_at_last(*worker_, over));
    world_.run_until([&over] { return over; });
  };

  EXPECT_EXIT(stop_with_a_message_in_hand(), ExitedWithCode(3), "last words");
}

TEST_F(service_test, a_clock_that_is_set_back_does_not_lengthen_a_stop) {
  const auto stop_while_the_clock_is_set_back = [this] {
    take_a_message_that_stays();
    const auto latest = world_.clock.uptime() + 5s;
    bool over = false;
    world_.tasks.spawn(stop_at_last(*worker_, over));
    world_.run_for(1s);
    world_.clock.set(world_.clock.now() - 1h);
    world_.run_until([&] { return over || world_.clock.uptime() > latest; });
  };

  EXPECT_EXIT(stop_while_the_clock_is_set_back(), ExitedWithCode(3), "");
}

}  // namespace
}  // namespace lifehook::worker
