#include "handlers/step_table.h"

#include "tests/handlers/step_stage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

settings with(std::initializer_list<std::pair<std::string, setting_value>> written) {
  settings made;
  for (const auto& [key, value] : written) made.set(key, value);
  return made;
}

std::string contradiction(const settings& of) { return find_step("drain_ecs")->contradiction(of); }
std::string said(const settings& of) { return find_step("drain_ecs")->describe(of); }
using names = std::vector<std::string>;

TEST(step_table, every_row_can_be_told_to_a_person) {
  for (const auto& row : step_table()) {
    EXPECT_FALSE(row.name.empty());
    EXPECT_FALSE(row.help.empty()) << row.name;
    EXPECT_FALSE(row.events.empty()) << row.name;
    for (const auto& setting : row.schema) EXPECT_FALSE(setting.help.empty()) << row.name << "." << setting.key;
  }
}

TEST(step_table, every_row_is_complete) {
  for (const auto& row : step_table()) {
    EXPECT_NE(row.make, nullptr) << row.name;
    EXPECT_NE(row.describe, nullptr) << row.name;
  }
}

setting_value some_of(const setting_spec& of) {
  switch (of.kind) {
    case setting_kind::text:
    case setting_kind::cluster: return std::string("some");
    case setting_kind::choice: return std::string(of.choices.front());
    case setting_kind::text_list:
    case setting_kind::cluster_list: return names{"some"};
    case setting_kind::text_lists: return text_lists{{"some", {"text"}}};
    case setting_kind::span: return duration(10s);
    case setting_kind::count: return std::int64_t{3};
    case setting_kind::number: return 1.5;
    case setting_kind::yes_no: return true;
    case setting_kind::nested: break;
  }
  throw std::logic_error("a map has fields, not a value");
}

std::vector<std::pair<std::string, setting_spec>> all_settings(const step_kind& of) {
  std::vector<std::pair<std::string, setting_spec>> all;
  for (const auto& each : of.schema) {
    if (each.kind != setting_kind::nested) all.emplace_back(each.key, each);
    for (const auto& field : each.fields) all.emplace_back(fmt::format("{}.{}", each.key, field.key), field);
  }
  return all;
}

// Else whoever writes it ends the program.
TEST(step_table, each_setting_is_read_as_what_its_schema_says) {
  step_stage fleet;
  for (const auto& row : step_table()) {
    const auto schema = all_settings(row);
    for (const auto& [key, spec] : schema) {
      settings of;
      for (const auto& [other, needed] : schema)
        if (needed.required) of.set(other, some_of(needed));
      of.set(key, some_of(spec));
      EXPECT_NO_THROW({
        if (row.contradiction) row.contradiction(of);
        EXPECT_FALSE(row.describe(of).empty());
        EXPECT_NE(row.make(of, fleet.services), nullptr);
      }) << row.name
         << "." << key;
    }
  }
}

bool can_be(const setting_spec& of, std::string_view value) {
  const bool is_offered = std::find(of.choices.begin(), of.choices.end(), value) != of.choices.end();
  switch (of.kind) {
    case setting_kind::text:
    case setting_kind::text_list: return true;
    case setting_kind::yes_no: return value == "true" || value == "false";
    case setting_kind::choice:
    case setting_kind::cluster_list: return is_offered;
    default: return false;
  }
}

// Else it is never granted, and nobody hears of it before AWS denies the call.
TEST(step_table, each_permission_is_for_a_setting_of_its_step_and_a_value_it_can_have) {
  for (const auto& row : step_table())
    for (const auto& each : row.permissions) {
      EXPECT_TRUE(!each.setting.empty() || each.value.empty()) << row.name << ": " << each.policy;
      if (each.setting.empty()) continue;
      const auto schema = all_settings(row);
      const auto spec =
          std::find_if(schema.begin(), schema.end(), [&](auto& one) { return one.first == each.setting; });
      ASSERT_NE(spec, schema.end()) << row.name << " has no " << each.setting;
      EXPECT_TRUE(each.value.empty() || can_be(spec->second, each.value)) << each.setting << ": " << each.value;
    }
}

TEST(settings, are_told_in_words_where_they_have_any) {
  const auto of = with({{"mode", "deregister"},
                        {"clusters", names{"blue", "green"}},
                        {"force", false},
                        {"retain.wait", true},
                        {"count", std::int64_t{3}}});

  EXPECT_EQ(of.texts("mode"), names{"deregister"});
  EXPECT_EQ(of.texts("clusters"), (names{"blue", "green"}));
  EXPECT_EQ(of.texts("force"), names{"false"});
  EXPECT_EQ(of.texts("retain.wait"), names{"true"});
  EXPECT_THAT(of.texts("count"), IsEmpty());
  EXPECT_THAT(of.texts("unwritten"), IsEmpty());
}

TEST(step_table, names_are_found_and_are_there_once) {
  std::set<std::string_view> seen;
  for (const auto& row : step_table()) {
    EXPECT_TRUE(seen.insert(row.name).second) << row.name;
    EXPECT_EQ(find_step(row.name), &row);
  }
  EXPECT_EQ(find_step("drain_esc"), nullptr);
}

TEST(step_table, keys_of_a_schema_are_there_once_and_leave_alone_what_every_step_takes) {
  for (const auto& row : step_table()) {
    std::set<std::string_view> seen{"timeout", "dry_run", "on_error"};
    for (const auto& setting : row.schema)
      EXPECT_TRUE(seen.insert(setting.key).second) << row.name << "." << setting.key;
  }
}

// The configuration measures a step's own settings against what leaves it time (worker/config_limits.h).
TEST(step_table, a_setting_of_a_setting_is_no_wait) {
  for (const auto& row : step_table())
    for (const auto& setting : row.schema)
      for (const auto& field : setting.fields) EXPECT_FALSE(field.is_wait()) << row.name << "." << field.key;
}

TEST(step_table, a_choice_offers_choices) {
  for (const auto& row : step_table())
    for (const auto& setting : row.schema)
      if (setting.kind == setting_kind::choice) EXPECT_GE(setting.choices.size(), 2U) << row.name << "." << setting.key;
}

TEST(step_table, a_drain_is_not_for_launches_nor_for_tasks) {
  const auto& events = find_step("drain_ecs")->events;

  for (const auto kind : {event_kind::launching, event_kind::task_interruption, event_kind::task_stopped})
    EXPECT_THAT(events, testing::Not(testing::Contains(kind))) << name(kind);
  EXPECT_THAT(events, testing::Contains(event_kind::terminating));
}

TEST(step_table, a_drain_names_its_cluster_in_one_way) {
  const std::string expected = "write either cluster: NAME or clusters: [NAMES] or clusters: auto";

  EXPECT_EQ(contradiction({}), expected);
  EXPECT_EQ(contradiction(with({{"cluster", "prod"}, {"clusters", names{"test"}}})), expected);
  EXPECT_THAT(contradiction(with({{"cluster", "prod"}})), IsEmpty());
  EXPECT_THAT(contradiction(with({{"clusters", names{"auto"}}})), IsEmpty());
}

TEST(step_table, a_drain_refuses_settings_that_have_no_effect) {
  EXPECT_EQ(contradiction(with({{"cluster", "prod"}, {"force", true}})), "force belongs to mode: deregister");
  EXPECT_THAT(contradiction(with({{"cluster", "prod"}, {"force", true}, {"mode", "deregister"}})), IsEmpty());
  EXPECT_EQ(contradiction(with({{"cluster", "prod"}, {"stop_after", duration(2min)}})),
            "stop_after belongs to standalone_tasks: stop");
  EXPECT_THAT(contradiction(with({{"cluster", "prod"}, {"stop_after", duration(2min)}, {"standalone_tasks", "stop"}})),
              IsEmpty());
}

TEST(step_table, a_drain_spares_the_read_budget) {
  EXPECT_THAT(contradiction(with({{"cluster", "prod"}, {"look_interval", duration(999ms)}})),
              HasSubstr("between 1s and 30s"));
  EXPECT_THAT(contradiction(with({{"cluster", "prod"}, {"look_interval", duration(31s)}})),
              HasSubstr("between 1s and 30s"));
  EXPECT_THAT(contradiction(with({{"cluster", "prod"}, {"look_interval", duration(1s)}})), IsEmpty());
  EXPECT_THAT(contradiction(with({{"cluster", "prod"}, {"look_interval", duration(30s)}})), IsEmpty());
}

TEST(step_table, a_drain_is_not_made_to_wait_for_long_with_nothing_to_wait_for) {
  EXPECT_THAT(contradiction(with({{"cluster", "prod"}, {"empty_for", duration(61s)}})), HasSubstr("60s at most"));
  EXPECT_THAT(contradiction(with({{"cluster", "prod"}, {"empty_for", duration(60s)}})), IsEmpty());
}

TEST(step_table, a_drain_says_what_it_will_do) {
  EXPECT_EQ(said(with({{"cluster", "prod"}})), "cluster prod");
  EXPECT_EQ(said(with({{"cluster", "prod"}, {"empty_for", duration(0s)}})), "cluster prod, done once empty for 0s");
  EXPECT_EQ(said(with({{"clusters", names{"blue", "green"}}})), "cluster blue or green");
  EXPECT_EQ(said(with({{"clusters", names{"auto"}}})), "whichever cluster the instance is in");
  EXPECT_EQ(said(with({{"cluster", "prod"}, {"mode", "deregister"}})), "cluster prod, deregister by force");
  EXPECT_EQ(said(with({{"cluster", "prod"}, {"mode", "deregister"}, {"force", false}})), "cluster prod, deregister");
  EXPECT_THAT(said(with({{"cluster", "prod"}, {"standalone_tasks", "stop"}, {"stop_after", duration(2min)}})),
              HasSubstr("standalone tasks stopped after 2m"));
}

TEST(step_table, a_wait_needs_to_know_how_long) {
  const auto& row = *find_step("wait");

  EXPECT_EQ(row.contradiction({}), "write one of for: SPAN, after: SPAN, before: SPAN");
  EXPECT_EQ(row.contradiction(with({{"for", duration(2min)}, {"before", duration(2min)}})),
            "write one of for: SPAN, after: SPAN, before: SPAN");
  EXPECT_EQ(row.contradiction(with({{"after", duration(2min)}})), "");
  EXPECT_EQ(row.describe(with({{"for", duration(2min)}})), "until 2m after the event");
  EXPECT_EQ(row.describe(with({{"after", duration(2min)}})), "2m after the steps before it");
  EXPECT_EQ(row.describe(with({{"before", duration(24h)}})), "until 24h before it starts");
}

}  // namespace
}  // namespace lifehook::handlers
