#include "worker/config_steps.h"

#include "handlers/step_table.h"
#include "tests/worker/config_writing.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;
using handlers::event_kind;
using testing::HasSubstr;
using testing::SizeIs;

handlers::plan plan_of(std::string_view lines) {
  auto read = parsed(with_terminating(lines));
  EXPECT_TRUE(read.has_value()) << read.error().what();
  return read ? *read->groups[0].plan_for(event_kind::terminating) : handlers::plan{};
}

std::string said_of(std::string_view lines) { return complaints(with_terminating(lines)); }

TEST(config_steps, reads_a_list_in_order) {
  const auto plan = plan_of("      - wait: {for: 1m}\n      - drain_ecs: {cluster: prod, timeout: 15m}\n");

  ASSERT_THAT(plan, SizeIs(2));
  EXPECT_EQ(plan[0].together[0].step, "wait");
  EXPECT_EQ(plan[0].together[0].with.get<duration>("for"), 1min);
  EXPECT_EQ(plan[1].together[0].step, "drain_ecs");
  EXPECT_EQ(plan[1].together[0].with.get<std::string>("cluster"), "prod");
  EXPECT_EQ(plan[1].together[0].timeout, 15min);
}

TEST(config_steps, reads_what_every_step_takes) {
  const auto plan =
      plan_of("      - wait: {for: 1m, timeout: 2m, dry_run: true, on_error: next}\n      - wait: {for: 1m}\n");

  EXPECT_EQ(plan[0].together[0].timeout, 2min);
  EXPECT_TRUE(plan[0].together[0].dry_run);
  EXPECT_EQ(plan[0].together[0].failure, handlers::on_error::next);
  EXPECT_EQ(plan[1].together[0].timeout, std::nullopt);
  EXPECT_FALSE(plan[1].together[0].dry_run);
  EXPECT_EQ(plan[1].together[0].failure, handlers::on_error::stop);
}

TEST(config_steps, runs_a_nested_list_together) {
  const auto plan = plan_of("      - [wait: {for: 1m}, drain_ecs: {cluster: prod}]\n      - wait: {for: 2m}\n");

  ASSERT_THAT(plan, SizeIs(2));
  ASSERT_THAT(plan[0].together, SizeIs(2));
  EXPECT_EQ(plan[0].together[1].step, "drain_ecs");
  EXPECT_THAT(plan[1].together, SizeIs(1));
}

TEST(config_steps, reads_every_kind_of_setting) {
  const auto plan = plan_of(
      "      - drain_ecs:\n          clusters: [a, b]\n          mode: deregister\n          force: true\n"
      "          look_interval: 5s\n");
  const auto& with = plan[0].together[0].with;

  EXPECT_EQ(with.get<std::vector<std::string>>("clusters"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(with.get<std::string>("mode"), "deregister");
  EXPECT_EQ(with.get<bool>("force"), true);
  EXPECT_EQ(with.get<duration>("look_interval"), 5s);
}

TEST(config_steps, takes_one_word_in_place_of_a_list) {
  const auto plan = plan_of("      - drain_ecs: {clusters: auto}\n");

  EXPECT_EQ(plan[0].together[0].with.get<std::vector<std::string>>("clusters"), std::vector<std::string>{"auto"});
}

TEST(config_steps, names_the_nearest_key_and_all_there_are) {
  const auto said =
      said_of("      - wait: {for: 1m}\n      - drain_ecs:\n          timeuot: 5m\n          cluster: prod\n");

  EXPECT_THAT(said, testing::StartsWith("c.yaml:11:11: groups[0].terminating[1].drain_ecs.timeuot: unknown key; "
                                        "did you mean \"timeout\"? (known: "));
}

TEST(config_steps, names_the_nearest_step_and_all_there_are) {
  EXPECT_THAT(said_of("      - drain_esc: {cluster: prod}\n"),
              testing::StartsWith("c.yaml:9:9: groups[0].terminating[0].drain_esc: unknown step; did you mean "
                                  "\"drain_ecs\"? (known: "));
}

TEST(config_steps, takes_a_bare_name_as_a_step_with_its_defaults) {
  EXPECT_THAT(said_of("      - run_command\n"),
              HasSubstr("c.yaml:9:9: groups[0].terminating[0].run_command.document: missing; expected "));
  EXPECT_THAT(said_of("      - run_command:\n"),
              HasSubstr("c.yaml:9:9: groups[0].terminating[0].run_command.document: missing; expected "));
  EXPECT_THAT(said_of("      - create_image\n"), testing::IsEmpty());
}

TEST(config_steps, explains_settings_that_are_not_indented) {
  EXPECT_EQ(
      said_of("      - drain_ecs:\n        cluster: prod\n"),
      "c.yaml:9:9: groups[0].terminating[0]: expected one step, got 2 keys (drain_ecs, cluster); a step's settings "
      "are indented below its name");
}

TEST(config_steps, refuses_the_wrong_kind_of_value) {
  EXPECT_THAT(said_of("      - wait: {for: [1m]}\n"),
              HasSubstr("wait.for: expected a duration from 0s to 48h, got a list"));
  EXPECT_THAT(said_of("      - wait: {for: 1m, dry_run: yes}\n"), HasSubstr("expected true or false, got \"yes\""));
  EXPECT_THAT(
      said_of("      - wait: 1m\n"),
      HasSubstr("[0].wait: expected keys with values, such as {for: ...} (known: for, after, before, timeout, dry_run, "
                "on_error), got one value"));
  EXPECT_THAT(said_of("      - drain_ecs: {cluster: {name: prod}}\n"), HasSubstr("drain_ecs.cluster: expected "));
  EXPECT_THAT(said_of("      - drain_ecs: {cluster: \"\"}\n"), HasSubstr(", got \"\""));
}

TEST(config_steps, names_the_choices_of_a_setting) {
  EXPECT_THAT(said_of("      - drain_ecs: {cluster: prod, mode: dereg}\n"),
              HasSubstr("drain_ecs.mode: expected one of drain, deregister, got \"dereg\""));
  EXPECT_THAT(said_of("      - wait: {for: 1m, on_error: contineu}\n"),
              HasSubstr("wait.on_error: expected one of stop, next, got \"contineu\""));
}

TEST(config_steps, passes_on_what_a_step_says_contradicts) {
  EXPECT_THAT(said_of("      - drain_ecs: {cluster: prod, clusters: [a]}\n"),
              testing::StartsWith("c.yaml:9:9: groups[0].terminating[0].drain_ecs: "));
}

TEST(config_steps, does_not_call_a_misread_setting_missing) {
  const auto said = said_of("      - wait: {for: 5}\n");

  EXPECT_THAT(said, HasSubstr("it has no unit, did you mean \"5s\"?"));
  EXPECT_THAT(said, testing::Not(HasSubstr("\n")));
}

TEST(config_steps, refuses_a_limit_beyond_the_deadline_of_its_group) {
  EXPECT_THAT(said_of("      - drain_ecs: {cluster: prod, timeout: 2h}\n"),
              HasSubstr("drain_ecs.timeout: 2h is longer than the group's deadline of 1h, which ends the event first"));
  EXPECT_THAT(said_of("      - wait: {for: 61m}\n"),
              HasSubstr("wait.for: 1h1m is longer than the group's deadline of 1h"));
}

TEST(config_steps, refuses_a_wait_that_the_deadline_always_ends_first) {
  EXPECT_THAT(said_of("      - wait: {for: 1h}\n"),
              HasSubstr("wait.for: 1h is longer than the 59m50s that the group's deadline of 1h leaves for work"));
  EXPECT_THAT(said_of("      - wait: {for: 59m50s}\n"), testing::IsEmpty());
  EXPECT_THAT(said_of("      - drain_ecs: {cluster: prod, timeout: 1h}\n"), testing::IsEmpty()) << "is no wait";
}

std::string said_of_spot(std::string_view step) {
  return complaints(with_group(fmt::format("    match: a\n    spot_interruption: [{}]\n", step)));
}

TEST(config_steps, refuses_a_wait_the_instance_will_not_live_to_see) {
  EXPECT_THAT(
      said_of_spot("wait: {for: 5m}"),
      HasSubstr("wait.for: 5m is longer than the 1m50s that spot_interruption leaves before the instance ends"));
  EXPECT_THAT(said_of_spot("detach_instance: {wait: 5m}"), HasSubstr("detach_instance.wait: 5m is longer than"));
  EXPECT_THAT(said_of_spot("wait: {for: 110s}"), testing::IsEmpty());
}

TEST(config_steps, refuses_a_wait_that_is_ended_for_what_was_raised_to_be_given_back) {
  const std::string_view said =
      "detach_instance.wait: 1m45s is longer than the 1m40s that spot_interruption leaves before what its list raised "
      "is given back";

  EXPECT_THAT(said_of_spot("detach_instance: {wait: 105s}, raise_capacity"), HasSubstr(said));
  EXPECT_THAT(said_of_spot("raise_capacity: {restore: true}, detach_instance: {wait: 105s}"), HasSubstr(said));
  EXPECT_THAT(said_of_spot("raise_capacity, detach_instance: {wait: 100s}"), testing::IsEmpty());
  EXPECT_THAT(said_of_spot("raise_capacity: {restore: false}, detach_instance: {wait: 105s}"), testing::IsEmpty());
}

TEST(config_steps, refuses_a_timeout_that_ends_the_step_while_it_still_waits) {
  EXPECT_THAT(said_of_spot("detach_instance: {wait: 60s, timeout: 20s}"),
              HasSubstr("detach_instance.timeout: 20s must be longer than wait of 1m"));
  EXPECT_THAT(said_of_spot("detach_instance: {timeout: 20s}"),
              HasSubstr("detach_instance.timeout: 20s must be longer than wait of 1m, its default"));
  EXPECT_THAT(said_of_spot("detach_instance: {wait: 20s, timeout: 20s}"),
              HasSubstr("detach_instance.timeout: 20s must be longer than wait of 20s"))
      << "what AWS takes to answer counts too";
  EXPECT_THAT(said_of_spot("detach_instance: {wait: 20s, timeout: 21s}"), testing::IsEmpty());
}

TEST(config_steps, refuses_a_timeout_beside_a_wait_of_weeks) {
  const auto said = [](std::string_view step) {
    return complaints(with_group(fmt::format("    match: a\n    scheduled_change: [{}]\n", step)));
  };

  EXPECT_THAT(said("wait: {before: 24h, timeout: 30m}"),
              HasSubstr("wait.timeout: before waits for what may be two weeks ahead: leave timeout out"));
  EXPECT_THAT(said("wait: {before: 24h}"), testing::IsEmpty());
}

TEST(config_steps, does_not_take_a_wait_that_is_wrong_for_one_that_is_not_written) {
  for (const auto* wrong : {"5m", "5"})
    EXPECT_THAT(said_of_spot(fmt::format("detach_instance: {{wait: {}, timeout: 20s}}", wrong)),
                testing::AllOf(HasSubstr("detach_instance.wait: "), testing::Not(HasSubstr("its default"))));
  EXPECT_THAT(said_of("      - drain_ecs: {cluster: prod, stop_after: 2h}\n"),
              testing::AllOf(HasSubstr("drain_ecs.stop_after: 2h is longer than"),
                             HasSubstr("stop_after belongs to standalone_tasks: stop")));
}

TEST(config_steps, refuses_to_wait_for_a_start_that_only_a_scheduled_change_has) {
  const std::string expected = "wait.before: does not apply to {}; expected under scheduled_change";

  EXPECT_THAT(said_of_spot("wait: {before: 1m}"), HasSubstr(fmt::format(fmt::runtime(expected), "spot_interruption")));
  EXPECT_THAT(said_of("      - wait: {before: 5m}\n"), HasSubstr(fmt::format(fmt::runtime(expected), "terminating")));
  EXPECT_THAT(complaints(with_group("    match: a\n    scheduled_change: [wait: {before: 24h}]\n")),
              testing::IsEmpty());
}

TEST(config_steps, tells_a_cluster_named_auto_from_any_cluster) {
  EXPECT_THAT(said_of("      - drain_ecs: {cluster: auto}\n"), HasSubstr("write clusters: auto"));
}

TEST(config_steps, says_the_name_to_write_where_the_arn_of_a_cluster_is_written) {
  constexpr auto* arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/prod";
  const auto expected = [](std::string_view path) {
    return fmt::format("{}: expected the name of an ECS cluster, not its ARN; write the cluster's name, prod", path);
  };

  EXPECT_THAT(said_of(fmt::format("      - drain_ecs: {{cluster: \"{}\"}}\n", arn)),
              HasSubstr(expected("drain_ecs.cluster")));
  EXPECT_THAT(said_of(fmt::format("      - drain_ecs: {{clusters: [edge, \"{}\"]}}\n", arn)),
              HasSubstr(expected("drain_ecs.clusters")));
  EXPECT_THAT(
      complaints(with_group(fmt::format(
          "    match: a\n    hooks: b\n    launching:\n      - wait_until_ready: {{ecs_cluster: \"{}\"}}\n", arn))),
      HasSubstr(expected("wait_until_ready.ecs_cluster")));
}

TEST(config_steps, refuses_what_cannot_be_the_name_of_a_cluster_wherever_one_is_written) {
  const auto expected = [](std::string_view path, std::string_view got) {
    return fmt::format("{}: expected the name of an ECS cluster, of letters, digits, '_' and '-', got \"{}\"", path,
                       got);
  };

  EXPECT_THAT(said_of("      - drain_ecs: {cluster: \"my prod\"}\n"),
              HasSubstr(expected("drain_ecs.cluster", "my prod")));
  EXPECT_THAT(said_of("      - drain_ecs: {clusters: [prod, a/b, \"c d\"]}\n"),
              testing::AllOf(HasSubstr(expected("drain_ecs.clusters", "a/b")),
                             HasSubstr(expected("drain_ecs.clusters", "c d"))));
  EXPECT_THAT(
      complaints(with_group("    match: a\n    hooks: b\n    launching:\n      - wait_until_ready: {ecs_cluster: "
                            "\"my prod\"}\n")),
      HasSubstr(expected("wait_until_ready.ecs_cluster", "my prod")));
}

TEST(config_steps, refuses_lists_of_lists_of_lists) {
  EXPECT_THAT(said_of("      - [[wait: {for: 1m}]]\n"), HasSubstr("groups[0].terminating[0][0]: lists nest once only"));
}

TEST(config_steps, refuses_an_empty_list) {
  EXPECT_THAT(complaints(with_group("    match: a\n    hooks: b\n    terminating: []\n")),
              HasSubstr("groups[0].terminating: expected a list with at least one entry, got an empty one"));
  EXPECT_THAT(said_of("      - []\n"), HasSubstr("groups[0].terminating[0]: expected a list with at least one entry"));
  EXPECT_THAT(said_of("      -\n"), HasSubstr("groups[0].terminating[0]: expected a step, got nothing"));
}

TEST(config_steps, refuses_a_step_where_it_makes_no_sense) {
  const auto* wait = handlers::find_step("wait");
  ASSERT_NE(wait, nullptr);
  const auto applies = [wait](event_kind kind) {
    return std::find(wait->events.begin(), wait->events.end(), kind) != wait->events.end();
  };
  for (const auto kind : {event_kind::spot_interruption, event_kind::state_change, event_kind::scheduled_change}) {
    const auto said =
        complaints(with_group(fmt::format("    match: a\n    {}:\n      - wait: {{for: 1m}}\n", name(kind))));
    const auto expected =
        fmt::format("c.yaml:7:9: groups[0].{0}[0].wait: does not apply to {0}; expected under ", name(kind));

    EXPECT_EQ(said.starts_with(expected), !applies(kind)) << said;
  }
}

TEST(config_steps, refuses_what_cannot_be_a_topic_or_a_subject) {
  constexpr std::string_view topic = "arn:aws:sns:eu-west-1:111122223333:fleet";
  const auto notify = [](std::string_view settings) { return fmt::format("      - notify: {{{}}}\n", settings); };

  EXPECT_EQ(said_of(notify(fmt::format("topic: \"{}\", subject: Gone", topic))), "");
  EXPECT_THAT(said_of(notify("subject: Gone")), HasSubstr("notify.topic: missing; expected the ARN of an SNS topic"));
  EXPECT_THAT(
      said_of(notify("topic: \"arn:aws:sqs:eu-west-1:111122223333:fleet\"")),
      testing::AllOf(testing::StartsWith("c.yaml:9:"), HasSubstr("notify.topic: expected the ARN of an SNS topic"),
                     HasSubstr("got \"arn:aws:sqs:eu-west-1:111122223333:fleet\"")));
  EXPECT_THAT(
      said_of(notify(fmt::format("topic: \"{}\", subject: \"{}\"", topic, std::string(100, 's')))),
      HasSubstr("notify.subject: expected a subject of 1 to 99 printable ASCII characters, the first no blank"));
}

TEST(config_steps, never_lets_a_notification_end_its_list) {
  constexpr std::string_view topic = "topic: \"arn:aws:sns:eu-west-1:111122223333:fleet\"";
  const auto plan =
      plan_of(fmt::format("      - notify: {{{}}}\n      - notify: {{{}, on_error: next}}\n", topic, topic));

  for (const auto& each : plan) EXPECT_EQ(each.together[0].failure, handlers::on_error::next);
  EXPECT_THAT(said_of(fmt::format("      - notify: {{{}, on_error: stop}}\n", topic)),
              HasSubstr("notify.on_error: expected next, or nothing: a notify that fails never ends its list"));
}

TEST(config_steps, reads_settings_of_their_own_under_a_setting) {
  const auto plan = plan_of("      - create_image: {retain: {count: 3, age: 720h}}\n");
  const auto& with = plan[0].together[0].with;

  EXPECT_EQ(with.get<std::int64_t>("retain.count"), 3);
  EXPECT_EQ(with.get<duration>("retain.age"), 720h) << "an age may be longer than the deadline";
  EXPECT_THAT(said_of("      - create_image: {retain: {conut: 3}}\n"),
              HasSubstr("create_image.retain.conut: unknown key; did you mean \"count\"?"));
  EXPECT_THAT(said_of("      - create_image: {retain: 3}\n"),
              HasSubstr("create_image.retain: expected keys with values, such as {count: ...} (known: count, "));
}

TEST(config_steps, reads_names_with_texts) {
  const auto plan = plan_of(
      "      - run_command: {document: AWS-RunShellScript, parameters: {commands: [sync, save], workingDirectory: "
      "/tmp}}\n");
  const auto read = plan[0].together[0].with.get<handlers::text_lists>("parameters");

  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("commands"), (std::vector<std::string>{"sync", "save"}));
  EXPECT_EQ(read->at("workingDirectory"), (std::vector<std::string>{"/tmp"}));
}

std::string with_commands(std::string_view written) {
  return fmt::format("      - run_command:\n          document: d\n          parameters:\n            commands: {}\n",
                     written);
}

TEST(config_steps, reads_a_script_of_several_lines) {
  const auto plan =
      plan_of(with_commands("|\n              set -e\n              if x; then\n              \tsync\n"
                            "              fi\n"));
  const auto read = plan[0].together[0].with.get<handlers::text_lists>("parameters");

  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("commands"), (std::vector<std::string>{"set -e\nif x; then\n\tsync\nfi\n"}));
}

TEST(config_steps, says_that_a_script_has_no_commands) {
  EXPECT_THAT(said_of("      - run_command: {document: AWS-RunShellScript}\n"),
              HasSubstr("AWS-RunShellScript runs what parameters.commands says: write parameters: {commands: [...]}"));
  EXPECT_THAT(said_of("      - run_command: {document: AWS-RunShellScript, parameters: {workingDirectory: /tmp}}\n"),
              HasSubstr("commands"));
  EXPECT_THAT(said_of("      - run_command: {document: AWS-ApplyPatchBaseline}\n"), testing::IsEmpty());
}

TEST(config_steps, says_what_is_wrong_with_a_script) {
  EXPECT_THAT(said_of(with_commands("\"a\\e[0m\"")),
              HasSubstr("parameters.commands: expected a text or a list of texts, got \"a?[0m\"; it has control "
                        "characters other than line breaks and tabs"));
  EXPECT_THAT(said_of(with_commands("\"\"")), HasSubstr("commands: expected a text or a list of texts, got \"\""));
  EXPECT_THAT(said_of(with_commands(std::string(60'000, 'x'))), testing::IsEmpty());
  EXPECT_THAT(said_of(with_commands(std::string(65'537, 'x'))),
              HasSubstr("...\"; it has 65537 bytes, at most 65536 are taken"));
  EXPECT_THAT(said_of(with_commands("[" + std::string(40'000, 'x') + ", " + std::string(40'000, 'y') + "]")),
              HasSubstr("run_command.parameters: expected at most 65536 bytes together, got 80000"));
}

TEST(config_steps, says_what_is_wrong_with_a_text) {
  EXPECT_THAT(said_of("      - run_command: {document: \"a\\nb\"}\n"),
              HasSubstr("such as AWS-RunShellScript, got \"a?b\"; it has line breaks or other control characters"));
  EXPECT_THAT(said_of("      - run_command: {document: " + std::string(1025, 'x') + "}\n"),
              HasSubstr("...\"; it has 1025 bytes, at most 1024 are taken"));
}

TEST(config_steps, reads_numbers) {
  const auto with = [](std::string_view factor) {
    return queue_of("") + fmt::format(
                              "groups: [{{name: a, match_clusters: c, task_stopped: [rerun_task: {{factor: "
                              "{}}}]}}]\n",
                              factor);
  };

  ASSERT_TRUE(parsed(with("2.5")));
  EXPECT_EQ(
      parsed(with("2.5"))->groups[0].plan_for(event_kind::task_stopped)->front().together[0].with.get<double>("factor"),
      2.5);
  for (const auto* wrong : {"-1", "x", "1e3", "1001", "1.5x", "\"\""})
    EXPECT_THAT(complaints(with(wrong)), HasSubstr("rerun_task.factor: expected a number from 0 to 1000")) << wrong;
}

}  // namespace
}  // namespace lifehook::worker
