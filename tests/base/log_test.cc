#include "base/log.h"

#include <boost/json/parse.hpp>

#include <gmock/gmock.h>

#include <limits>
#include <memory>
#include <optional>

namespace lifehook {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::ElementsAre;

class log_test : public testing::Test {
 protected:
  logger make(log_format format, log_level level = log_level::debug) {
    return {time, level, format, [this](std::string_view line) { lines.emplace_back(line); }};
  }
  boost::json::object only_line() const {
    EXPECT_EQ(lines.size(), 1U);
    return boost::json::parse(lines.at(0)).as_object();
  }

  virtual_clock time{time_point(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2) + 10h + 15min + 30s + 123ms)};
  std::vector<std::string> lines;
};

TEST_F(log_test, a_json_line_is_one_object_with_time_level_event_and_fields_in_order) {
  make(log_format::json).info("hook_completed", {{"group", "web"}, {"heartbeats", 3}, {"early", true}});

  EXPECT_THAT(lines, ElementsAre(R"({"time":"2026-03-02T10:15:30.123Z","level":"info","event":"hook_completed",)"
                                 R"("group":"web","heartbeats":3,"early":true})"));
}

TEST_F(log_test, a_text_line_reads_well) {
  make(log_format::text).warn("queue_warning", {{"queue", "lifecycle"}, {"retention", 150s}, {"share", 0.5}});

  EXPECT_THAT(lines,
              ElementsAre("2026-03-02T10:15:30.123Z warn  queue_warning queue=lifecycle retention=2m30s share=0.5"));
}

TEST_F(log_test, fields_told_anew_stand_where_bound_ones_would_and_say_what_is_so_now) {
  std::string place = "here";
  const auto log = make(log_format::json).with({{"message", "m-1"}});
  const auto told = log.with_told([&place](const log_writer& write) { write({{"place", place}, {"n", 1}}); });
  const auto inner = told.with({{"step", "wait"}});
  place = "there";

  inner.info("waits", {{"last", true}});

  EXPECT_THAT(lines, ElementsAre(R"({"time":"2026-03-02T10:15:30.123Z","level":"info","event":"waits",)"
                                 R"("message":"m-1","place":"there","n":1,"step":"wait","last":true})"));
}

TEST_F(log_test, json_escapes_what_would_break_the_line) {
  const auto nasty = "quote \" backslash \\ newline \n tab \t nul \0 bell \a end"s;

  make(log_format::json).info("received", {{"error", nasty}});

  EXPECT_EQ(lines.at(0).find('\n'), std::string::npos);
  EXPECT_EQ(only_line().at("error").as_string(), nasty);
}

TEST_F(log_test, text_quotes_what_would_break_the_line) {
  make(log_format::text).info("received", {{"error", "two words"}, {"empty", ""}, {"sum", "a=b"}, {"break", "a\nb"}});

  EXPECT_THAT(lines, ElementsAre("2026-03-02T10:15:30.123Z info  received error=\"two words\" empty=\"\" sum=\"a=b\" "
                                 "break=\"a\\nb\""));
}

TEST_F(log_test, json_writes_durations_as_seconds) {
  make(log_format::json).info("stopped", {{"took_seconds", duration(1234567us)}});

  EXPECT_DOUBLE_EQ(only_line().at("took_seconds").as_double(), 1.235);
}

TEST_F(log_test, json_stays_json_when_a_number_is_none) {
  make(log_format::json)
      .info("odd",
            {{"endless", std::numeric_limits<double>::infinity()}, {"none", std::numeric_limits<double>::quiet_NaN()}});

  const auto line = only_line();
  EXPECT_TRUE(line.at("endless").is_null());
  EXPECT_TRUE(line.at("none").is_null());
}

TEST_F(log_test, integers_keep_all_their_digits) {
  make(log_format::json).info("big", {{"count", std::int64_t{9007199254740993}}, {"negative", -1}});

  EXPECT_EQ(only_line().at("count").as_int64(), 9007199254740993);
}

TEST_F(log_test, bound_fields_come_before_the_lines_own) {
  const auto log = make(log_format::json).with({{"message", "m-1"}}).with({{"group", "web"}});

  log.info("held", {{"count", 1}});

  EXPECT_NE(lines.at(0).find(R"("event":"held","message":"m-1","group":"web","count":1})"), std::string::npos)
      << lines.at(0);
}

TEST_F(log_test, binding_leaves_the_logger_it_came_from_as_it_was) {
  const auto log = make(log_format::json);

  static_cast<void>(log.with({{"message", "m-1"}}));
  log.info("started");

  EXPECT_FALSE(only_line().contains("message"));
}

TEST_F(log_test, what_is_bound_outlives_the_loggers_it_came_from_and_no_longer_than_the_last_copy) {
  const auto held = std::make_shared<std::string>("here");
  auto log = std::make_optional(make(log_format::text));
  log = log->with_told([held](const log_writer& write) { write({{"place", *held}}); });
  log = log->with({{"step", "wait"}});
  auto copy = log;
  log.reset();

  copy->info("waits");
  copy.reset();

  EXPECT_THAT(lines, ElementsAre(testing::EndsWith("waits place=here step=wait")));
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(log_test, below_its_level_nothing_is_written) {
  const auto log = make(log_format::text, log_level::warn);

  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");

  EXPECT_THAT(lines, ElementsAre(testing::HasSubstr("warn  c"), testing::HasSubstr("error d")));
  EXPECT_FALSE(log.enabled(log_level::info));
  EXPECT_TRUE(log.enabled(log_level::error));
}

}  // namespace
}  // namespace lifehook
