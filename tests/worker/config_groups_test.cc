#include "worker/config_groups.h"

#include "tests/worker/config_writing.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;
using handlers::event_kind;
using handlers::failure_policy;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view list = "    terminating: [wait: {for: 1s}]\n";

std::string said_of(std::string_view lines) { return complaints(with_group(lines)); }

TEST(config_groups, fills_in_the_defaults_of_a_group) {
  const auto read = parsed(with_group(fmt::format("    match: web-*\n    hooks: drain\n{}", list)));

  ASSERT_TRUE(read.has_value()) << read.error().what();
  const auto& group = read->groups[0];
  EXPECT_EQ(group.name, "web");
  EXPECT_EQ(group.deadline, 1h);
  EXPECT_EQ(group.on_launch_failure, failure_policy::abandon);
  EXPECT_EQ(group.on_terminate_failure, failure_policy::proceed);
  EXPECT_EQ(group.plan_for(event_kind::launching), nullptr);
  EXPECT_NE(group.plan_for(event_kind::terminating), nullptr);
}

TEST(config_groups, reads_every_key_of_a_group) {
  const auto read = parsed(with_group(fmt::format(
      "    match: [a-*, b]\n    match_tags: {{Team: web, \"aws:x\": \"*\"}}\n    hooks: [drain, warm*]\n    deadline: "
      "2h\n"
      "    on_failure: {{launching: default, terminating: abandon}}\n    launching: [wait: {{for: 1s}}]\n{}",
      list)));

  ASSERT_TRUE(read.has_value()) << read.error().what();
  const auto& group = read->groups[0];
  EXPECT_THAT(group.match, ElementsAre("a-*", "b"));
  EXPECT_THAT(group.match_tags, ElementsAre(testing::Pair("Team", "web"), testing::Pair("aws:x", "*")));
  EXPECT_THAT(group.hooks, ElementsAre("drain", "warm*"));
  EXPECT_EQ(group.deadline, 2h);
  EXPECT_EQ(group.on_launch_failure, failure_policy::leave_default);
  EXPECT_EQ(group.on_terminate_failure, failure_policy::abandon);
  EXPECT_NE(group.plan_for(event_kind::launching), nullptr);
}

TEST(config_groups, has_a_list_for_every_event_of_this_version) {
  for (const auto kind : handlers::all_event_kinds) {
    const auto read = parsed(with_group(fmt::format(
        "    match: a\n    match_clusters: c\n    hooks: b\n    {}:\n      - drain_ecs: {{cluster: prod}}\n",
        name(kind))));
    if (read) {
      EXPECT_NE(read->groups[0].plan_for(kind), nullptr) << name(kind);
    } else {
      EXPECT_THAT(read.error().what(), HasSubstr("drain_ecs: does not apply to"));
    }
  }
}

TEST(config_groups, wants_something_to_match_by) {
  EXPECT_THAT(said_of(fmt::format("    hooks: b\n{}", list)),
              testing::Eq("c.yaml:4:5: groups[0]: matches nothing; expected match (Auto Scaling group names), "
                          "match_tags or match_clusters"));
  EXPECT_THAT(said_of(fmt::format("    match: []\n    hooks: b\n{}", list)),
              HasSubstr("groups[0].match: expected a list with at least one entry, got an empty one"));
  EXPECT_THAT(said_of(fmt::format("    match_tags: {{}}\n    hooks: b\n{}", list)),
              HasSubstr("groups[0].match_tags: expected at least one tag, got an empty map"));
}

TEST(config_groups, says_of_a_mistyped_list_what_it_was_meant_to_be_and_no_more) {
  EXPECT_THAT(said_of("    match: a\n    hooks: b\n    terminate: [drain_ecs: {cluster: prod}]\n"),
              testing::StartsWith("c.yaml:7:5: groups[0].terminate: unknown key; did you mean \"terminating\"?"));
}

TEST(config_groups, wants_something_to_do) {
  EXPECT_THAT(said_of("    match: a\n"),
              HasSubstr("groups[0]: does nothing; expected at least one list, such as terminating"));
}

TEST(config_groups, wants_hooks_beside_the_lists_of_hook_events) {
  EXPECT_EQ(
      said_of(fmt::format("    match: a\n{}", list)),
      "c.yaml:6:5: groups[0].terminating: needs hooks beside it: the names of the lifecycle hooks to answer, such as "
      "hooks: [\"drain\"]");
}

TEST(config_groups, wants_no_hooks_where_no_hook_is_answered) {
  EXPECT_EQ(said_of("    match: a\n    spot_interruption: [drain_ecs: {cluster: prod}]\n"), "");
}

TEST(config_groups, wants_a_name_that_can_be_a_metric_label) {
  EXPECT_THAT(complaints(queue_of("") + "groups: [{match: a}]\n"),
              HasSubstr("groups[0].name: missing; expected a name"));
  EXPECT_THAT(complaints(queue_of("") + "groups: [{name: \"my web\", match: a}]\n"),
              HasSubstr("groups[0].name: expected a name of letters, digits"));
}

TEST(config_groups, refuses_the_same_name_twice) {
  const auto twice = with_group(fmt::format("    match: a\n    hooks: b\n{}", list)) +
                     "  - {name: web, match: c, spot_interruption: [drain_ecs: {cluster: prod}]}\n";

  EXPECT_EQ(complaints(twice), "c.yaml:8:5: groups[1]: the name \"web\" is taken by groups[0]");
}

TEST(config_groups, keeps_the_deadline_inside_the_life_of_a_hook) {
  EXPECT_THAT(said_of(fmt::format("    match: a\n    hooks: b\n    deadline: 49h\n{}", list)),
              HasSubstr("groups[0].deadline: expected a duration from 30s to 48h, got \"49h\""));
  EXPECT_THAT(said_of(fmt::format("    match: a\n    hooks: b\n    deadline: 29s\n{}", list)),
              HasSubstr("expected a duration"));
}

TEST(config_groups, measures_nothing_against_a_deadline_it_could_not_read) {
  const auto said = said_of("    match: a\n    hooks: b\n    deadline: 4\n    terminating: [wait: {for: 3h}]\n");

  EXPECT_THAT(said, HasSubstr("did you mean \"4s\"?"));
  EXPECT_THAT(said, testing::Not(HasSubstr("\n")));
}

TEST(config_groups, names_the_policies_there_are) {
  EXPECT_THAT(
      said_of(fmt::format("    match: a\n    hooks: b\n    on_failure: {{terminating: CONTINUE}}\n{}", list)),
      HasSubstr("on_failure.terminating: expected one of continue, abandon, default, got \"CONTINUE\"; did you mean "
                "\"continue\"?"));
  EXPECT_THAT(said_of(fmt::format("    match: a\n    hooks: b\n    on_failure: {{terminate: abandon}}\n{}", list)),
              HasSubstr("on_failure.terminate: unknown key; did you mean \"terminating\"?"));
}

TEST(config_groups, reads_which_tasks_a_group_speaks_for) {
  const auto read = parsed(
      with_group("    match_clusters: [prod, test-*]\n    families: report-*\n    task_interruption: [rerun_task]\n"));

  ASSERT_TRUE(read.has_value()) << read.error().what();
  EXPECT_THAT(read->groups[0].match_clusters, ElementsAre("prod", "test-*"));
  EXPECT_THAT(read->groups[0].families, ElementsAre("report-*"));
}

TEST(config_groups, refuses_names_of_clusters_and_families_that_match_nothing) {
  EXPECT_THAT(
      said_of("    match_clusters: arn:aws:ecs:eu-west-1:111122223333:cluster/prod\n"
              "    families: report:3\n    task_interruption: [rerun_task]\n"),
      testing::AllOf(HasSubstr("match_clusters: expected the name of an ECS cluster, or a glob, without ':' and '/'"),
                     HasSubstr("families: expected the family of a task definition, or a glob, without ':' and '/', "
                               "got \"report:3\"")));
}

TEST(config_groups, refuses_names_of_groups_and_hooks_that_match_nothing) {
  EXPECT_THAT(
      said_of(fmt::format("    match: arn:aws:autoscaling:eu-west-1:1:autoScalingGroup:x:autoScalingGroupName/a\n"
                          "    hooks: [drain.hook]\n{}",
                          list)),
      testing::AllOf(HasSubstr("match: expected the name of an Auto Scaling group, or a glob, without ':', got"),
                     HasSubstr("hooks: expected the name of a lifecycle hook, or a glob, of letters, digits, "
                               "'-', '_' and '/', got \"drain.hook\"")));
  EXPECT_EQ(said_of(fmt::format("    match: \"web/a.b c*\"\n    hooks: \"a/B-?_9*\"\n{}", list)), "");
}

TEST(config_groups, a_list_needs_what_names_its_instances_or_tasks) {
  EXPECT_THAT(said_of("    match: a\n    task_stopped: [rerun_task]\n"),
              HasSubstr("groups[0].task_stopped: is of tasks; needs match_clusters"));
  EXPECT_THAT(said_of("    match_clusters: a\n    spot_interruption: [detach_instance]\n"),
              HasSubstr("groups[0].spot_interruption: is of instances; needs match or match_tags"));
  EXPECT_THAT(said_of(fmt::format("    match: a\n    hooks: b\n    families: c\n{}", list)),
              HasSubstr("groups[0].families: narrows match_clusters, which is not written"));
}

}  // namespace
}  // namespace lifehook::worker
