#include "worker/config.h"

#include "handlers/step_table.h"
#include "tests/worker/config_writing.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;

const std::filesystem::path source = LIFEHOOK_SOURCE;
const std::filesystem::path written_files = source / "tests/data/config";

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(config, fills_in_every_default_of_a_minimal_file) {
  const auto read = parsed(with_terminating("      - wait: {for: 1m}\n"));

  ASSERT_TRUE(read.has_value()) << read.error().what();
  EXPECT_EQ(read->region, std::nullopt);
  ASSERT_THAT(read->queues, SizeIs(1));
  EXPECT_EQ(read->queues[0].pollers, 2U);
  EXPECT_EQ(read->queues[0].in_hand, 10'000U);
  EXPECT_EQ(read->queues[0].hold, 1h);
  EXPECT_EQ(read->queues[0].visibility, 60s);
  EXPECT_EQ(read->state.backend, state_backend::memory);
  EXPECT_EQ(read->status_address, "127.0.0.1");
  EXPECT_EQ(read->status_port, 9464);
  EXPECT_EQ(read->stop_timeout, 25s);
  EXPECT_EQ(read->level, log_level::info);
  EXPECT_EQ(read->format, log_format::json);
}

TEST(config, reads_every_key_outside_the_groups) {
  const auto read = parsed(
      "region: eu-central-1\nstatus: {listen: \"0.0.0.0:9000\"}\nstop_timeout: 1m30s\nlog: {level: debug, format: "
      "text}\n" +
      queue_of(", pollers: 8, in_hand: 5000, hold: 0s, visibility: 2m") +
      "groups: [{name: a, match: \"*\", spot_interruption: [drain_ecs: {cluster: prod}]}]\n");

  ASSERT_TRUE(read.has_value()) << read.error().what();
  EXPECT_EQ(read->region, "eu-central-1");
  EXPECT_EQ(read->status_address, "0.0.0.0");
  EXPECT_EQ(read->status_port, 9000);
  EXPECT_EQ(read->stop_timeout, 90s);
  EXPECT_EQ(read->level, log_level::debug);
  EXPECT_EQ(read->format, log_format::text);
  EXPECT_EQ(read->queues[0].pollers, 8U);
  EXPECT_EQ(read->queues[0].in_hand, 5000U);
  EXPECT_EQ(read->queues[0].hold, 0s);
  EXPECT_EQ(read->queues[0].visibility, 2min);
}

TEST(config, reads_how_much_of_the_accounts_limits_it_may_use) {
  const auto text = "budget: {replicas: 3, limits: {ecs_read: {burst: 200, per_second: 40.5}}}\n" +
                    with_terminating("      - wait: {for: 1m}\n");
  const auto read = parsed(text);

  ASSERT_TRUE(read.has_value()) << read.error().what();
  EXPECT_DOUBLE_EQ(read->budget.allowed.replicas, 3);
  ASSERT_THAT(read->budget.allowed.limits, SizeIs(1));
  EXPECT_DOUBLE_EQ(read->budget.allowed.limits.at("ecs_read").most, 200);
  EXPECT_DOUBLE_EQ(read->budget.allowed.limits.at("ecs_read").refill, 40.5);
}

TEST(config, is_one_of_one_unless_it_is_told_to_share_the_limits) {
  const auto read = parsed(with_terminating("      - wait: {for: 1m}\n"));

  ASSERT_TRUE(read.has_value()) << read.error().what();
  EXPECT_DOUBLE_EQ(read->budget.allowed.replicas, 1);
  EXPECT_FALSE(read->budget.counts_replicas);
}

TEST(config, can_leave_the_number_of_replicas_to_ecs) {
  const auto read = parsed(with_top("budget: {replicas: auto}\n"));

  ASSERT_TRUE(read.has_value()) << read.error().what();
  EXPECT_TRUE(read->budget.counts_replicas);
  EXPECT_DOUBLE_EQ(read->budget.allowed.replicas, 1) << "until it is known";
}

TEST(config, says_what_a_number_of_replicas_may_be) {
  for (const auto* wrong : {"0", "1001", "Auto", "2.5", "04", "many"})
    EXPECT_EQ(complaints(with_top(fmt::format("budget: {{replicas: {}}}\n", wrong))),
              fmt::format("c.yaml:1:20: budget.replicas: expected a whole number from 1 to 1000, or auto: as many as "
                          "its ECS service has, got \"{}\"",
                          wrong));
}

TEST(config, names_the_nearest_family_of_calls) {
  const auto read = parsed("budget: {limits: {ecs_reads: {burst: 200, per_second: 40}}}\n" +
                           with_terminating("      - wait: {for: 1m}\n"));

  ASSERT_TRUE(read.has_error());
  EXPECT_THAT(read.error().what(), HasSubstr("did you mean \"ecs_read\""));
}

TEST(config, expands_the_environment_inside_values) {
  const auto env = environment_of({{"AWS_REGION", "eu-west-3"}, {"POLLERS", "7"}});
  const auto read =
      parsed("region: ${AWS_REGION}\nlog: {level: \"${LEVEL:-warn}\"}\n" + queue_of(", pollers: \"${POLLERS}\"") +
                 "groups: [{name: a, match: \"$$x\", spot_interruption: [drain_ecs: {cluster: prod}]}]\n",
             env);

  ASSERT_TRUE(read.has_value()) << read.error().what();
  EXPECT_EQ(read->region, "eu-west-3");
  EXPECT_EQ(read->queues[0].pollers, 7U);
  EXPECT_EQ(read->level, log_level::warn);
  EXPECT_EQ(read->groups[0].match[0], "$x");
}

TEST(config, cannot_be_given_keys_by_the_environment) {
  const auto env = environment_of({{"REGION", "eu-west-1\nstop_timeout: 1s"}, {"KEY", "region"}});

  EXPECT_THAT(
      complaints(with_top("region: ${REGION}\n"), env),
      testing::Eq("c.yaml:1:9: region: expected a region such as eu-west-1, got \"eu-west-1?stop_timeout: 1s\"; it "
                  "has line breaks or other control characters"));
  EXPECT_THAT(complaints(with_top("\"${KEY}\": eu-west-1\n"), env), HasSubstr("c.yaml:1:1: ${KEY}: unknown key"));
}

TEST(config, names_a_variable_that_is_not_set) {
  EXPECT_EQ(
      complaints(with_top("region: ${REGION}\n")),
      "c.yaml:1:9: region: environment variable REGION is not set; write ${REGION:-default} if it may be missing, or "
      "$${REGION} for these characters themselves");
}

TEST(config, refuses_numbers_people_and_parsers_read_differently) {
  for (const auto* number :
       {"010", "0x10", "1_000", "+8", "1e3", "8.0", "-1", "eight", "\" 8\"", "99999999999999999999"})
    EXPECT_THAT(complaints(queue_of(fmt::format(", pollers: {}", number))),
                HasSubstr("queues[0].pollers: expected a whole number from 1 to 64, got "))
        << number;
}

TEST(config, says_how_to_write_a_duration_without_a_unit) {
  EXPECT_EQ(complaints(with_top("stop_timeout: 30\n")),
            "c.yaml:1:15: stop_timeout: expected a duration from 1s to 2m, got \"30\"; it has no unit, did you mean "
            "\"30s\"?");
}

TEST(config, keeps_every_limit_inside_what_aws_allows) {
  EXPECT_EQ(complaints(with_top("adopt_after: 30s\n")),
            "c.yaml:1:14: adopt_after: expected 1m to 1h, or 0s for never, got 30s");
  EXPECT_THAT(complaints(with_top("stop_timeout: 121s\n")),
              HasSubstr("stop_timeout: expected a duration from 1s to 2m"));
  EXPECT_THAT(complaints(queue_of(", hold: 13h")), HasSubstr("queues[0].hold: expected a duration from 0s to 12h"));
  EXPECT_THAT(complaints(queue_of(", visibility: 13h")),
              HasSubstr("queues[0].visibility: expected a duration from 10s"));
  EXPECT_THAT(complaints(queue_of(", visibility: 9s")),
              HasSubstr("queues[0].visibility: expected a duration from 10s"));
  EXPECT_THAT(complaints(queue_of(", in_hand: 120001")), HasSubstr("expected a whole number from 1 to 120000"));
  EXPECT_THAT(complaints(queue_of(", in_hand: 0")), HasSubstr("expected a whole number from 1 to 120000"));
}

TEST(config, refuses_fewer_messages_in_hand_than_pollers) {
  EXPECT_THAT(complaints(queue_of(", pollers: 8, in_hand: 7")),
              HasSubstr("queues[0].in_hand: 7 is less than 8 pollers: expected room for a message each"));
}

TEST(config, refuses_the_same_queue_twice) {
  const std::string url = "https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle";

  EXPECT_THAT(complaints(fmt::format("queues: [{{url: \"{0}\"}}, {{url: \"{0}\"}}]\n", url)),
              HasSubstr("c.yaml:1:79: queues[1]: the same queue as queues[0]; raise its pollers instead"));
}

TEST(config, names_the_choices_of_a_word_it_does_not_know) {
  EXPECT_EQ(complaints(with_top("log: {level: inof}\n")),
            "c.yaml:1:14: log.level: expected one of debug, info, warn, error, got \"inof\"; did you mean \"info\"?");
}

TEST(config, names_both_places_of_a_key_written_twice) {
  EXPECT_EQ(complaints(with_top("region: eu-west-1\nregion: eu-west-2\n")),
            "c.yaml:2:1: region: written twice; first at line 1");
}

TEST(config, wants_queues_and_groups) {
  EXPECT_EQ(complaints("region: eu-west-1\n"),
            "c.yaml:1:1: queues: missing; expected a list of SQS queues, each with its url\n"
            "c.yaml:1:1: groups: missing; expected a list of groups: what to do for which instances");
}

TEST(config, complains_once_about_a_file_that_is_not_a_map) {
  EXPECT_THAT(complaints("just words\n"),
              testing::MatchesRegex("c.yaml:1:1: expected keys with values, .*queues.*, got one value"));
  EXPECT_THAT(complaints("- a\n"), testing::MatchesRegex("c.yaml:1:1: expected keys with values, .*, got a list"));
}

TEST(config, says_that_an_empty_file_is_empty) {
  EXPECT_EQ(complaints(""), "c.yaml:1:1: the file is empty; expected queues and groups");
}

TEST(config, reports_at_most_twenty_of_its_errors) {
  std::string many;
  for (int i = 0; i < 25; ++i) many += fmt::format("wrong{}: 1\n", i);
  const auto text = complaints(with_top(many));

  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20);
  EXPECT_THAT(text, HasSubstr("c.yaml:20:1: wrong19"));
  EXPECT_THAT(text, testing::EndsWith("\nc.yaml: and 5 more"));
}

TEST(config, names_a_file_it_cannot_read) {
  const auto missing = load_config("/nonexistent/lifehook.yaml", environment_of());
  const auto folder = load_config(written_files, environment_of());

  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code(), errc::malformed);
  EXPECT_EQ(missing.error().what(), "/nonexistent/lifehook.yaml: cannot be read: No such file or directory");
  ASSERT_FALSE(folder.has_value());
  EXPECT_THAT(folder.error().what(), HasSubstr("is a directory; expected a YAML file"));
}

TEST(config, stops_reading_a_file_without_an_end) {
  const auto read = load_config("/dev/zero", environment_of());

  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().what(), HasSubstr("larger than 1 MiB"));
}

// Each wrong-*.yaml of the folder has beside it, as *.txt, what is said about it.
TEST(config, says_of_each_wrong_file_what_is_written_beside_it) {
  unsigned files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(written_files)) {
    const auto& file = entry.path();
    if (!file.filename().string().starts_with("wrong-") || file.extension() != ".yaml") continue;
    const auto read = parse_config(content_of(file), file.filename().string(), environment_of());

    ASSERT_FALSE(read.has_value()) << file;
    EXPECT_EQ(read.error().what() + "\n", content_of(std::filesystem::path(file).replace_extension(".txt"))) << file;
    ++files;
  }
  EXPECT_GE(files, 3U);
}

TEST(config_example, is_read_without_a_complaint) {
  const auto read = load_config(source / "config.example.yaml", environment_of());

  ASSERT_TRUE(read.has_value()) << read.error().what();
  EXPECT_FALSE(read->groups.empty());
}

TEST(config_example, names_every_key_there_is) {
  const auto text = content_of(source / "config.example.yaml");

  for (const auto* key :
       {"region:",         "queues:",   "url:",          "pollers:",     "in_hand:",      "hold:",
        "visibility:",     "budget:",   "replicas:",     "limits:",      "burst:",        "per_second:",
        "status:",         "listen:",   "stop_timeout:", "adopt_after:", "keep_foreign:", "log:",
        "level:",          "format:",   "groups:",       "name:",        "match:",        "match_tags:",
        "match_clusters:", "families:", "hooks:",        "deadline:",    "on_failure:",   "timeout:",
        "dry_run:",        "on_error:"})
    EXPECT_THAT(text, HasSubstr(key));
  for (const auto kind : handlers::all_event_kinds)
    EXPECT_THAT(text, HasSubstr(std::string(handlers::name(kind)) + ":"));
}

void expect_named(const std::string& text, std::string_view step, const std::vector<handlers::setting_spec>& settings) {
  for (const auto& each : settings) {
    EXPECT_THAT(text, HasSubstr(std::string(each.key) + ":")) << step;
    expect_named(text, step, each.fields);
  }
}

// All that is written of a step, wherever it stands in the file: from its name to the next entry of a list.
std::string written_of(std::string_view step, const std::string& file) {
  const auto begins = fmt::format("- {}", step);
  std::string all;
  for (auto at = file.find(begins); at != file.npos; at = file.find(begins, at + 1))
    all += file.substr(at, file.find("- ", at + 2) - at);
  return all;
}

TEST(config_example, names_every_step_and_its_settings) {
  const auto text = content_of(source / "config.example.yaml");

  for (const auto& each : handlers::step_table()) {
    EXPECT_THAT(text, HasSubstr(std::string(each.name)));
    expect_named(written_of(each.name, text), each.name, each.schema);
  }
}

TEST(config, reads_where_state_is_kept) {
  EXPECT_EQ(parsed(with_top("state: {backend: memory}\n"))->state.backend, state_backend::memory);
  EXPECT_EQ(parsed(with_top("state: {backend: sqlite, path: /var/lib/lifehook/state.db}\n"))->state.path,
            "/var/lib/lifehook/state.db");
  EXPECT_EQ(parsed(with_top("state: {backend: dynamodb, table: lifehook}\n"))->state.table, "lifehook");
}

TEST(config, wants_of_a_backend_what_it_needs_and_nothing_else) {
  const auto said = [](std::string_view state) { return complaints(with_top(fmt::format("state: {{{}}}\n", state))); };

  EXPECT_THAT(said("path: x"), HasSubstr("state.backend: missing; expected one of memory, sqlite, dynamodb"));
  EXPECT_THAT(said("backend: sqlite"), HasSubstr("state.path: missing; expected the path of a file"));
  EXPECT_THAT(said("backend: dynamodb"), HasSubstr("state.table: missing; expected the name of a DynamoDB table"));
  EXPECT_THAT(said("backend: memory, path: x"), HasSubstr("state.path: belongs to backend: sqlite"));
  EXPECT_THAT(said("backend: sqlite, path: x, table: lifehook"),
              HasSubstr("state.table: belongs to backend: dynamodb"));
  EXPECT_THAT(said("backend: dynamodb, table: \"a b\""), HasSubstr("state.table: expected 3 to 255 letters"));
  EXPECT_THAT(said("backend: redis"), HasSubstr("state.backend: expected one of memory, sqlite, dynamodb"));
}

}  // namespace
}  // namespace lifehook::worker
