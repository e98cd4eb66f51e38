#include "tests/worker/config_writing.h"
#include "worker/config.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace lifehook::worker {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

config read_or_fail(std::string_view text) {
  auto read = parsed(text);
  EXPECT_TRUE(read.has_value()) << read.error().what();
  return read ? *std::move(read) : config{};
}

std::vector<std::string> warned_of(std::string_view lines) { return warnings(read_or_fail(with_group(lines))); }

std::vector<std::string> warned_of_groups(std::string_view groups) {
  return warnings(read_or_fail(queue_of("") + "groups:\n" + std::string(groups)));
}

constexpr std::string_view both_lists = "launching: [wait: {for: 1s}], terminating: [wait: {for: 1s}]";

std::string group_line(std::string_view name, std::string_view rest) {
  return fmt::format("  - {{name: {}, {}}}\n", name, rest);
}

std::string hooked(std::string_view name, std::string_view match, std::string_view hooks) {
  return group_line(name, fmt::format("match: {}, hooks: {}, {}", match, hooks, both_lists));
}

std::string interrupted(std::string_view name, std::string_view match) {
  return group_line(name, fmt::format("match: {}, spot_interruption: [drain_ecs: {{cluster: prod}}]", match));
}

TEST(config_describe, tells_the_plan_as_people_read_it) {
  const auto folder = std::string(LIFEHOOK_SOURCE) + "/tests/data/config/";
  const auto read = load_config(folder + "plan.yaml", environment_of());
  std::ostringstream expected;
  expected << std::ifstream(folder + "plan.txt").rdbuf();

  ASSERT_TRUE(read.has_value()) << read.error().what();
  EXPECT_EQ(describe(*read), expected.str());
}

TEST(config_describe, tells_queues_of_one_name_apart) {
  const auto text =
      describe(read_or_fail("queues:\n  - {url: \"https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle\"}\n"
                            "  - {url: \"https://sqs.us-east-1.amazonaws.com/111122223333/lifecycle\"}\ngroups:\n" +
                            interrupted("a", "x")));

  EXPECT_THAT(text, HasSubstr("queue lifecycle@eu-west-1  https://"));
  EXPECT_THAT(text, HasSubstr("queue lifecycle@us-east-1  https://"));
}

TEST(config_describe, tells_what_becomes_of_what_no_list_answers) {
  const auto told = [](std::string_view lines) {
    return describe(read_or_fail(std::string(lines) + queue_of("") + "groups:\n" + interrupted("a", "x")));
  };

  EXPECT_THAT(told(""),
              HasSubstr("\nputs hooks and interruptions that no list here answers back for 5m, then deletes"));
  EXPECT_THAT(told("keep_foreign: 90s\n"), HasSubstr(" back for 1m30s, then deletes them\n"));
  EXPECT_THAT(told("keep_foreign: 0s\n"),
              HasSubstr("\ndeletes hooks and interruptions that no list here answers at once\n"));
}

TEST(config_describe, tells_its_share_of_the_accounts_limits) {
  EXPECT_THAT(describe(read_or_fail(with_group("    match: a\n    spot_interruption: [raise_capacity]\n"))),
              Not(HasSubstr("the account's API limits")));
  EXPECT_THAT(describe(read_or_fail("budget: {replicas: 4}\n" +
                                    with_group("    match: a\n    spot_interruption: [raise_capacity]\n"))),
              HasSubstr("keeps to 1/4 of the account's API limits\n"));
  EXPECT_THAT(describe(read_or_fail("budget: {replicas: auto}\n" +
                                    with_group("    match: a\n    spot_interruption: [raise_capacity]\n"))),
              HasSubstr("shares the account's API limits with the other tasks of its ECS service\n"));
}

std::string commanded(std::string_view commands) {
  return with_terminating(
      fmt::format("      - run_command: {{document: AWS-RunShellScript, parameters: {{commands: {}, path: "
                  "\"${{HOME}}\"}}, timeout: 1m}}\n",
                  commands));
}

config read_with_home(std::string_view text) {
  return parsed(text, environment_of({{"HOME", "/home/worker"}})).value();
}

TEST(config_describe, tells_the_commands_of_a_script_shortened) {
  EXPECT_THAT(
      describe(read_with_home(commanded(R"(["tar czf ${HOME}/x /var/log", reboot])"))),
      HasSubstr("document AWS-RunShellScript, commands \"tar czf /home/worker/x /var/log; reboot\", timeout 1m"));
  EXPECT_THAT(describe(read_with_home(commanded("[" + std::string(200, 'x') + "]"))),
              HasSubstr("commands \"" + std::string(80, 'x') + "...\""));
  EXPECT_THAT(describe(read_with_home(commanded(R"("set -e\n\n\tsync\n")"))), HasSubstr("commands \"set -e;  sync\""));
}

TEST(config_warnings, tells_of_a_command_that_took_a_value_of_the_workers_environment) {
  EXPECT_THAT(
      warnings(
          read_with_home(commanded(R"(["tar czf ${HOME}/x ${HOST:-none}", "echo $HOME $${HOME}", "ls ${HOME}"])"))),
      AllOf(Contains("groups[0].terminating[0].run_command.parameters.commands[0]: takes ${HOME}, ${HOST} from this "
                     "worker's environment; to leave it to the instance's shell write $${HOME}, $${HOST}"),
            Contains(HasSubstr("commands[2]: takes ${HOME} from")), Not(Contains(HasSubstr("commands[1]"))),
            Not(Contains(HasSubstr("parameters.path")))));
  EXPECT_THAT(warnings(read_with_home(commanded(R"("ls ${HOME}")"))), Contains(HasSubstr("commands: takes ${HOME}")));
}

TEST(config_warnings, has_none_for_a_group_that_answers_all_it_says) {
  EXPECT_THAT(warned_of_groups(hooked("a", "\"web-*\"", "drain")), IsEmpty());
}

std::vector<std::string> noted_of(std::string_view lines) { return notes(read_or_fail(with_group(lines))); }

TEST(config_notes, tell_which_hooks_are_left_to_aws) {
  EXPECT_THAT(noted_of("    match: a\n    hooks: [drain, warm]\n    terminating: [wait: {for: 1s}]\n"),
              testing::ElementsAre("group web: no list for launching: launching hooks named drain, warm, where the "
                                   "group has any, are left to AWS"));
}

TEST(config_warnings, tells_of_hooks_that_are_not_ours) {
  EXPECT_THAT(warned_of_groups(hooked("a", "x", "\"*\"")), Contains(HasSubstr("answers every hook")));
  EXPECT_THAT(warned_of_groups(hooked("a", "x", "ecs-managed-draining-termination-hook")),
              Contains(HasSubstr("belongs to ECS and is never answered")));
}

TEST(config_warnings, tells_of_a_drain_that_may_keep_a_hook_to_its_deadline) {
  const auto without =
      warned_of("    match: a\n    hooks: b\n    terminating: [drain_ecs: {cluster: prod}, create_image]\n");
  const auto with =
      warned_of("    match: a\n    hooks: b\n    terminating: [drain_ecs: {cluster: prod, timeout: 5m}]\n");

  EXPECT_THAT(without,
              Contains("group web: drain_ecs without a timeout: a drain that cannot finish keeps the hook open "
                       "for the whole deadline of 1h, and the steps after it never run"));
  EXPECT_THAT(with, Not(Contains(HasSubstr("drain_ecs without a timeout"))));
}

TEST(config_warnings, tells_of_a_timeout_the_instance_will_not_live_to_see) {
  EXPECT_THAT(warned_of("    match: a\n    spot_interruption: [drain_ecs: {cluster: prod, timeout: 5m}]\n"),
              Contains(HasSubstr("the instance ends 2m after the notice")));
  EXPECT_THAT(warned_of("    match: a\n    spot_interruption: [drain_ecs: {cluster: prod, timeout: 100s}]\n"),
              IsEmpty());
}

TEST(config_warnings, tells_of_timeouts_that_add_up_to_more_than_the_deadline) {
  const std::string head = "    match: a\n    hooks: b\n    launching: [wait: {for: 1s}]\n    terminating:\n";
  const std::string step = "drain_ecs: {cluster: prod, timeout: 40m}";

  EXPECT_THAT(
      warned_of(head + "      - " + step + "\n      - " + step + "\n"),
      Contains(HasSubstr("the timeouts and waits of terminating add up to 1h20m, more than the deadline of 1h")));
  EXPECT_THAT(warned_of(head + "      - [" + step + ", " + step + "]\n"), IsEmpty());
  EXPECT_THAT(warned_of(head + "      - " + step + "\n      - wait: {after: 21m}\n"),
              Contains(HasSubstr("add up to 1h1m")));
}

TEST(config_warnings, tells_of_a_drain_that_may_take_an_event_without_a_hook_to_its_deadline) {
  const auto warned = [](std::string_view list) {
    return warned_of(fmt::format("    match: a\n    rebalance_recommendation: [{}]\n", list));
  };

  EXPECT_THAT(warned("drain_ecs: {cluster: prod}, raise_capacity"),
              Contains("group web: drain_ecs without a timeout: a drain that cannot finish goes on for the whole "
                       "deadline of 1h, and the steps after it never run"));
  EXPECT_THAT(warned("drain_ecs: {cluster: prod}"), Contains("group web: drain_ecs without a timeout: a drain that "
                                                             "cannot finish goes on for the whole deadline of 1h"));
}

TEST(config_warnings, tells_of_waits_that_add_up_to_more_than_an_interruption_leaves) {
  const auto warned = [](std::string_view list) {
    return warnings(read_or_fail("state: {backend: dynamodb, table: lifehook}\n" +
                                 with_group(fmt::format("    match: a\n    spot_interruption: [{}]\n", list))));
  };
  constexpr std::string_view drain = "drain_ecs: {cluster: prod, timeout: 60s}";

  EXPECT_THAT(
      warned(fmt::format("detach_instance: {{wait: 51s}}, {}", drain)),
      testing::ElementsAre("group web: the timeouts and waits of spot_interruption add up to 1m51s, more than the "
                           "1m50s it leaves for work: its last steps may not run"));
  EXPECT_THAT(warned(fmt::format("detach_instance: {{wait: 50s}}, {}", drain)), IsEmpty());
  EXPECT_THAT(warned(fmt::format("detach_instance, {}", drain)), Contains(HasSubstr("add up to 2m")))
      << "it waits for a minute where none is written";
  EXPECT_THAT(warned(fmt::format("[raise_capacity, {0}], {0}", drain)),
              Contains(HasSubstr("add up to 2m, more than the 1m40s it leaves")));
  EXPECT_THAT(warned(fmt::format("[detach_instance: {{wait: 100s}}, {0}]", drain)), IsEmpty());
  EXPECT_THAT(warned(fmt::format("detach_instance: {{wait: 50s}}, wait: {{for: 90s}}, wait: {{for: 110s}}")), IsEmpty())
      << "those count from the event";
}

TEST(config_warnings, tells_of_two_steps_that_each_bring_a_replacement) {
  const auto warned = [](std::string_view list) {
    return warnings(read_or_fail("state: {backend: dynamodb, table: lifehook}\n" +
                                 with_group(fmt::format("    match: a\n    spot_interruption: [{}]\n", list))));
  };

  EXPECT_THAT(
      warned("raise_capacity, detach_instance"),
      testing::ElementsAre("group web: detach_instance and raise_capacity of spot_interruption each "
                           "bring a replacement: one instance is replaced by two, of which one is ended again"));
  EXPECT_THAT(warned("raise_capacity: {restore: false}, detach_instance"),
              testing::ElementsAre("group web: detach_instance and raise_capacity of spot_interruption each "
                                   "bring a replacement: one instance is replaced by two"));
  EXPECT_THAT(warned("detach_instance"), IsEmpty());
}

TEST(config_warnings, tells_of_what_is_detached_and_not_ended_by_anything) {
  const auto warned = [](std::string_view kind) {
    return warnings(read_or_fail("state: {backend: dynamodb, table: lifehook}\n" +
                                 with_group(fmt::format("    match: a\n    {}: [detach_instance]\n", kind))));
  };
  const std::string runs_on = ": nothing ends what it detaches, which runs on outside every group and is paid for; ";
  const std::string advice = "raise_capacity replaces an instance and ends it";

  for (const auto* const kind : {"rebalance_recommendation", "scheduled_change"})
    EXPECT_THAT(warned(kind), testing::ElementsAre("group web: detach_instance of " + (kind + runs_on) + advice));
  EXPECT_THAT(warned("state_change"), testing::ElementsAre("group web: detach_instance of state_change" + runs_on +
                                                           "Auto Scaling itself replaces what stops or ends"));
  for (const auto* const kind : {"spot_interruption", "capacity_reservation_interruption"})
    EXPECT_THAT(warned(kind), IsEmpty());
}

TEST(config_notes, tell_of_a_drain_of_what_need_not_end_and_nothing_replaces) {
  const auto noted = [](std::string_view list) {
    return noted_of(fmt::format("    match: a\n    rebalance_recommendation: [{}]\n", list));
  };
  constexpr std::string_view drain = "drain_ecs: {cluster: prod, timeout: 5m}";
  const auto says_so = testing::ElementsAre(
      "group web: drain_ecs of rebalance_recommendation without raise_capacity before it: an "
      "instance that need not end is drained; unless Capacity Rebalancing is on nothing replaces "
      "it, and nothing sets it ACTIVE again");

  EXPECT_THAT(noted(drain), says_so);
  EXPECT_THAT(noted(fmt::format("{}, raise_capacity", drain)), says_so);
  EXPECT_THAT(noted(fmt::format("raise_capacity, {}", drain)), IsEmpty());
  EXPECT_THAT(noted(fmt::format("[{}, raise_capacity]", drain)), IsEmpty());
  EXPECT_THAT(noted("wait: {for: 1m}"), IsEmpty());
  EXPECT_THAT(noted_of(fmt::format("    match: a\n    spot_interruption: [{}]\n", drain)), IsEmpty());
}

TEST(config_warnings, tells_of_brackets_and_braces_that_no_glob_knows) {
  EXPECT_THAT(warned_of_groups(hooked("a", "\"web-[ab]*\"", "drain")),
              testing::ElementsAre(
                  "group a: match web-[ab]*: globs know * and ? only, brackets and braces stand for themselves"));
}

TEST(config_warnings, tells_of_a_group_that_is_never_reached) {
  EXPECT_THAT(warned_of_groups(hooked("a", "\"web-*\"", "\"d*\"") + hooked("b", "[web-a, \"web-b*\"]", "drain")),
              Contains("group b: never reached, group a above it matches all of it first"));
  EXPECT_THAT(warned_of_groups(interrupted("a", "\"*\"") + interrupted("b", "web")),
              Contains(HasSubstr("never reached")));
  EXPECT_THAT(warned_of_groups(interrupted("a", "web") + interrupted("b", "web")),
              Contains(HasSubstr("never reached")));
}

TEST(config_warnings, tells_of_a_group_that_gets_only_its_hooks) {
  const auto second = group_line(
      "b", fmt::format("match: web, hooks: drain, {}, state_change: [drain_ecs: {{cluster: p}}]", both_lists));

  EXPECT_THAT(warned_of_groups(interrupted("a", "\"*\"") + second),
              Contains(HasSubstr("group b: gets only its hooks")));
}

TEST(config_warnings, tells_of_a_group_that_gets_only_its_tasks) {
  const auto second = group_line(
      "b", fmt::format("match: web, hooks: drain, {}, match_clusters: prod, task_stopped: [rerun_task]", both_lists));
  const auto first = [](std::string_view rest) {
    return group_line("a", fmt::format("match: web, hooks: \"*\", {}{}", both_lists, rest));
  };

  EXPECT_THAT(warned_of_groups(hooked("a", "web", "drain") + second),
              Contains("group b: gets only its task events, group a above it matches its other events first"));
  EXPECT_THAT(warned_of_groups(first(", match_clusters: prod, families: report") + second),
              Contains(HasSubstr("gets only its task events")));
  EXPECT_THAT(warned_of_groups(first(", match_clusters: \"p*\"") + second), Contains(HasSubstr("never reached")));
  EXPECT_THAT(warned_of_groups(interrupted("a", "web") +
                               group_line("b", fmt::format("match: web, hooks: drain, {}, match_clusters: prod, "
                                                           "task_stopped: [rerun_task], spot_interruption: "
                                                           "[drain_ecs: {{cluster: p}}]",
                                                           both_lists))),
              Contains(HasSubstr("group b: gets only its hooks and task events")));
}

TEST(config_warnings, tells_of_a_group_that_gets_all_but_its_tasks) {
  const auto of_tasks = [](std::string_view name, std::string_view rest) {
    return group_line(name, fmt::format("match_clusters: prod, task_stopped: [rerun_task]{}", rest));
  };

  EXPECT_THAT(warned_of_groups(of_tasks("a", "") + of_tasks("b", ", families: report")),
              Contains("group b: never reached, group a above it matches all of it first"));
  EXPECT_THAT(
      warned_of_groups(of_tasks("a", "") + of_tasks("b", ", match: web, spot_interruption: [drain_ecs: {cluster: p}]")),
      Contains("group b: gets only its instance events, group a above it matches its other "
               "events first"));
  EXPECT_THAT(warned_of_groups(of_tasks("a", ", families: report") + of_tasks("b", "")),
              Not(Contains(HasSubstr("group b: never reached"))));
}

TEST(config_warnings, is_silent_about_groups_that_only_overlap) {
  EXPECT_THAT(warned_of_groups(interrupted("a", "web-a") + interrupted("b", "\"web-*\"")), IsEmpty());
  EXPECT_THAT(warned_of_groups(interrupted("a", "\"web-?\"") + interrupted("b", "\"web-*\"")), IsEmpty());
  EXPECT_THAT(warned_of_groups(hooked("a", "web", "drain") + hooked("b", "web", "warm")), IsEmpty());
}

TEST(config_warnings, tells_of_every_step_whose_state_replicas_must_share) {
  const std::string lists =
      "    match: a\n    hooks: b\n    launching: [track_current_group]\n"
      "    terminating: [run_command: {document: d}]\n    spot_interruption: [raise_capacity]\n    "
      "capacity_reservation_interruption: [detach_instance]\n";

  EXPECT_THAT(warned_of(lists), Contains(HasSubstr("group web: detach_instance, raise_capacity, run_command, "
                                                   "track_current_group with state in memory")));
  EXPECT_THAT(warnings(read_or_fail("state: {backend: dynamodb, table: lifehook}\n" + with_group(lists))), IsEmpty());
}

TEST(config_notes, tell_once_what_a_queue_needs_that_keeps_a_message_for_weeks) {
  EXPECT_THAT(noted_of("    match: a\n    scheduled_change: [wait: {before: 24h}, wait: {before: 1h}]\n"),
              testing::ElementsAre("group web: wait before a scheduled change may last two weeks: its queue needs a "
                                   "retention of 14 days and a maxReceiveCount of 100 or more"));
  EXPECT_THAT(noted_of("    match: a\n    scheduled_change: [wait: {for: 30m}]\n"), IsEmpty());
}

TEST(config_notes, tell_what_a_queue_needs_whose_message_waits_for_an_instance_to_return) {
  const std::string drain = "    match: a\n    scheduled_change: [drain_ecs: {cluster: prod, timeout: 30m";

  EXPECT_THAT(
      noted_of(drain + "}]\n"),
      testing::ElementsAre("group web: waiting for an instance to return from a scheduled change may last two "
                           "weeks: its queue needs a retention of 14 days and a maxReceiveCount of 100 or more"));
  EXPECT_THAT(noted_of(drain + ", mode: deregister}]\n"), IsEmpty()) << "it does not return";
}

TEST(config_warnings, tells_of_a_queue_in_another_region) {
  EXPECT_THAT(
      warnings(read_or_fail("region: us-east-1\n" + queue_of("") + "groups:\n" + interrupted("a", "x"))),
      testing::ElementsAre(
          "queue lifecycle: is in eu-west-1, but region is us-east-1: lifecycle hooks and their queue share a region"));
}

TEST(config_warnings, tells_of_a_queue_in_another_region_than_the_environment_names) {
  const auto here = [](std::string_view region, std::string_view configured) {
    return warnings(read_or_fail(std::string(configured) + queue_of("") + "groups:\n" + interrupted("a", "x")), region);
  };

  EXPECT_THAT(
      here("us-east-1", ""),
      testing::ElementsAre("queue lifecycle: is in eu-west-1, but region is us-east-1, as the environment names "
                           "it: lifecycle hooks and their queue share a region"));
  EXPECT_THAT(here("eu-west-1", ""), IsEmpty());
  EXPECT_THAT(here("us-east-1", "region: eu-west-1\n"), IsEmpty()) << "the configuration's comes first";
}

TEST(config_describe, warns_of_a_topic_in_another_partition_of_aws) {
  const auto told = [](std::string_view topic) {
    return fmt::format(
        "  - {{name: a, match: x, hooks: d, terminating: [notify: {{topic: \"{}\"}}], "
        "launching: [wait: {{for: 1s}}]}}\n",
        topic);
  };

  EXPECT_THAT(warnings(read_or_fail(queue_of("") + "groups:\n" + told("arn:aws:sns:us-east-1:111122223333:far"))),
              testing::IsEmpty());
  EXPECT_THAT(
      warnings(read_or_fail(queue_of("") + "groups:\n" + told("arn:aws-cn:sns:cn-north-1:111122223333:fleet"))),
      testing::ElementsAre("group a: notify: arn:aws-cn:sns:cn-north-1:111122223333:fleet is not in the worker's "
                           "partition of AWS, aws (eu-west-1), whose credentials are not taken there"));
  EXPECT_THAT(
      warnings(read_or_fail(queue_of("") + "groups:\n" + told("arn:aws:sns:us-east-1:111122223333:far")), "cn-north-1"),
      Contains(HasSubstr("is not in the worker's partition of AWS, aws-cn (cn-north-1)")));
}

}  // namespace
}  // namespace lifehook::worker
