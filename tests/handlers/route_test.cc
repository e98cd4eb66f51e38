#include "handlers/route.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using tags = std::map<std::string, std::string>;

group named(std::string name, std::vector<std::string> match, std::vector<std::string> hooks = {"*"}) {
  group made;
  made.name = std::move(name);
  made.match = std::move(match);
  made.hooks = std::move(hooks);
  for (const auto kind : all_event_kinds) made.plans[kind] = {};
  return made;
}

group tagged(std::string name, tags wanted) {
  auto made = named(std::move(name), {});
  made.match_tags = std::move(wanted);
  return made;
}

event hook_event(std::string hook = "drain") {
  event made;
  made.hook = std::move(hook);
  return made;
}

event spot() {
  event made;
  made.kind = event_kind::spot_interruption;
  return made;
}

// "web", or why it is nobody's.
std::string routed(const event& of, const route_facts& facts, const std::vector<group>& groups) {
  const auto decision = route(of, facts, groups);
  switch (decision.what) {
    case routing::handle: return decision.to->name;
    case routing::unanswered: return "unanswered by " + decision.to->name;
    case routing::foreign: return "foreign";
    case routing::needs_tags: return "needs tags";
  }
  return "?";
}

TEST(route, the_first_group_that_matches_wins) {
  const std::vector<group> groups{named("web", {"web-*"}), named("rest", {"*"})};

  EXPECT_EQ(routed(hook_event(), {"web-blue", {}}, groups), "web");
  EXPECT_EQ(routed(hook_event(), {"api-blue", {}}, groups), "rest");
}

TEST(route, any_of_the_names_may_match) {
  const std::vector<group> groups{named("web", {"front", "web-?"})};

  EXPECT_EQ(routed(hook_event(), {"front", {}}, groups), "web");
  EXPECT_EQ(routed(hook_event(), {"web-1", {}}, groups), "web");
  EXPECT_EQ(routed(hook_event(), {"web-10", {}}, groups), "foreign");
}

TEST(route, another_groups_event_is_foreign) {
  EXPECT_EQ(routed(hook_event(), {"api", {}}, {named("web", {"web-*"})}), "foreign");
}

TEST(route, a_hook_that_is_not_named_is_passed_on_to_the_next_group) {
  const std::vector<group> groups{named("drains", {"web"}, {"drain-*"}), named("warms", {"web"}, {"warm-*"})};

  EXPECT_EQ(routed(hook_event("drain-ecs"), {"web", {}}, groups), "drains");
  EXPECT_EQ(routed(hook_event("warm-up"), {"web", {}}, groups), "warms");
  EXPECT_EQ(routed(hook_event("codedeploy"), {"web", {}}, groups), "foreign");
}

TEST(route, events_without_a_hook_do_not_ask_for_one) {
  EXPECT_EQ(routed(spot(), {"web", {}}, {named("web", {"web"}, {"drain"})}), "web");
}

TEST(route, the_hook_of_ecs_is_never_touched_even_by_a_group_that_answers_all) {
  EXPECT_EQ(routed(hook_event(std::string(ecs_managed_hook)), {"web", {}}, {named("web", {"*"}, {"*"})}), "foreign");
}

TEST(route, tags_are_needed_only_when_no_group_before_matched_by_name) {
  const std::vector<group> groups{named("web", {"web"}), tagged("payments", {{"Team", "pay*"}})};

  EXPECT_EQ(routed(hook_event(), {"web", {}}, groups), "web");
  EXPECT_EQ(routed(hook_event(), {"api", {}}, groups), "needs tags");
}

TEST(route, a_group_by_name_does_not_overtake_one_by_tag_written_before_it) {
  const std::vector<group> groups{tagged("payments", {{"Team", "pay*"}}), named("rest", {"*"})};

  EXPECT_EQ(routed(hook_event(), {"api", {}}, groups), "needs tags");
  EXPECT_EQ(routed(hook_event(), {"api", tags{{"Team", "payments"}}}, groups), "payments");
  EXPECT_EQ(routed(hook_event(), {"api", tags{{"Team", "web"}}}, groups), "rest");
}

TEST(route, all_tags_must_be_there) {
  const std::vector<group> groups{tagged("web", {{"Team", "web"}, {"Stage", "prod*"}})};

  EXPECT_EQ(routed(hook_event(), {"a", tags{{"Team", "web"}, {"Stage", "prod-eu"}, {"Other", "x"}}}, groups), "web");
  EXPECT_EQ(routed(hook_event(), {"a", tags{{"Team", "web"}}}, groups), "foreign");
  EXPECT_EQ(routed(hook_event(), {"a", tags{{"Team", "web"}, {"Stage", "test"}}}, groups), "foreign");
}

TEST(route, name_and_tags_must_both_hold_where_both_are_written) {
  auto both = tagged("web", {{"Team", "web"}});
  both.match = {"web-*"};

  EXPECT_EQ(routed(hook_event(), {"web-1", tags{{"Team", "web"}}}, {both}), "web");
  EXPECT_EQ(routed(hook_event(), {"web-1", tags{{"Team", "api"}}}, {both}), "foreign");
  EXPECT_EQ(routed(hook_event(), {"api-1", {}}, {both}), "foreign") << "the name decides without a look-up";
}

TEST(route, the_hook_decides_before_tags_are_looked_up) {
  auto narrow = tagged("web", {{"Team", "web"}});
  narrow.hooks = {"drain"};

  EXPECT_EQ(routed(hook_event("codedeploy"), {"web", {}}, {narrow}), "foreign");
}

TEST(route, a_group_without_a_list_for_the_event_leaves_it_unanswered) {
  auto silent = named("web", {"web"});
  silent.plans.erase(event_kind::terminating);

  EXPECT_EQ(routed(hook_event(), {"web", {}}, {silent, named("rest", {"*"})}), "unanswered by web");
}

TEST(route, an_instance_in_no_group_matches_no_name) {
  EXPECT_EQ(routed(spot(), {std::nullopt, {}}, {named("rest", {"*"})}), "foreign");
  EXPECT_EQ(routed(spot(), {std::nullopt, tags{}}, {tagged("web", {{"Team", "web"}})}), "foreign");
}

event task_event(std::string cluster, std::string task_group) {
  event made;
  made.kind = event_kind::task_interruption;
  made.cluster_arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/" + std::move(cluster);
  made.task_group = std::move(task_group);
  return made;
}

TEST(route, a_task_goes_by_its_cluster_and_family) {
  auto reports = named("reports", {});
  reports.match_clusters = {"prod"};
  reports.families = {"report-*"};
  auto rest = named("rest", {});
  rest.match_clusters = {"*"};
  const std::vector<group> groups{reports, rest};

  EXPECT_EQ(routed(task_event("prod", "family:report-daily"), {}, groups), "reports");
  EXPECT_EQ(routed(task_event("prod", "family:import"), {}, groups), "rest");
  EXPECT_EQ(routed(task_event("test", "family:report-daily"), {}, groups), "rest");
}

TEST(route, tasks_and_instances_never_meet) {
  auto tasks = named("tasks", {});
  tasks.match_clusters = {"*"};

  EXPECT_EQ(routed(spot(), {"web-1", {}}, {tasks}), "foreign");
  EXPECT_EQ(routed(task_event("prod", "family:x"), {"web-1", {}}, {named("web", {"*"})}), "foreign");
}

TEST(route, says_why_an_event_is_foreign) {
  const std::vector<group> groups{named("web", {"web-*"}, {"drain"})};

  EXPECT_EQ(route(hook_event("warmup"), {"web-1", {}}, groups).why,
            "a group matches, but does not answer a hook of this name");
  EXPECT_EQ(route(hook_event("drain"), {"api-1", {}}, groups).why,
            "no group matches its Auto Scaling group, and its tags where a group asks for some");
  EXPECT_EQ(route(hook_event(std::string(ecs_managed_hook)), {"web-1", {}}, groups).why,
            "ECS completes this hook itself");
  EXPECT_EQ(route(spot(), {}, groups).why.substr(0, 34), "its instance is in no Auto Scaling");
  EXPECT_EQ(route(task_event("prod", "family:x"), {}, groups).why, "no group matches its cluster and family");
}

TEST(route, says_what_would_match) {
  auto web = named("web", {"web-*", "api"}, {"drain"});
  auto batch = tagged("batch", {{"Stage", "prod*"}, {"Team", "batch"}});
  auto reports = named("reports", {});
  reports.match_clusters = {"prod"};
  reports.families = {"report-*"};
  const std::vector<group> groups{web, batch, reports};

  EXPECT_THAT(
      wanted_for(hook_event("warmup"), groups),
      testing::HasSubstr("group web: an instance of an Auto Scaling group named web-* or api, by a hook named drain"));
  EXPECT_THAT(wanted_for(spot(), groups),
              testing::HasSubstr("; group batch: an instance tagged Stage=prod* and Team=batch, itself or its group"));
  EXPECT_THAT(wanted_for(task_event("prod", "family:x"), groups),
              testing::HasSubstr("group reports: a task of cluster prod and family report-*"));
}

TEST(route, does_not_say_that_a_group_would_match_which_an_earlier_one_leaves_nothing) {
  auto tasks = named("tasks", {});
  tasks.match_clusters = {"*"};
  auto reports = named("reports", {});
  reports.match_clusters = {"prod"};
  reports.families = {"report-*"};
  const std::vector<group> groups{named("web", {"web-*"}, {"drain*"}), named("blue", {"web-blue"}, {"drain-ecs"}),
                                  named("warm", {"web-blue"}, {"warm"}), tasks, reports};
  using testing::HasSubstr;
  using testing::Not;

  EXPECT_THAT(wanted_for(hook_event(), groups),
              testing::AllOf(HasSubstr("group web: "), Not(HasSubstr("group blue: ")), HasSubstr("; group warm: ")));
  EXPECT_THAT(wanted_for(spot(), groups), testing::AllOf(HasSubstr("group web: "), Not(HasSubstr("group warm: "))));
  EXPECT_THAT(wanted_for(task_event("test", "family:x"), groups),
              testing::AllOf(HasSubstr("group tasks: "), Not(HasSubstr("group reports: "))));
}

TEST(route, a_group_without_a_list_shadows_all_the_same) {
  auto silent = named("web", {"web-*"});
  silent.plans.clear();

  EXPECT_EQ(wanted_for(spot(), std::vector<group>{silent, named("blue", {"web-blue"})}),
            "a group with a list named spot_interruption");
}

TEST(route, a_group_by_tags_leaves_what_is_tagged_otherwise_to_later_ones) {
  auto tagged_web = tagged("tagged", {{"Team", "web"}});
  tagged_web.match = {"web-*"};

  EXPECT_THAT(wanted_for(spot(), std::vector<group>{tagged_web, named("blue", {"web-blue"})}),
              testing::HasSubstr("group blue: "));
}

TEST(route, says_that_a_list_is_needed_where_there_is_none) {
  auto silent = named("web", {"web"});
  silent.plans.clear();

  EXPECT_EQ(wanted_for(spot(), std::vector<group>{silent}), "a group with a list named spot_interruption");
}

TEST(route, a_task_in_a_group_of_its_own_goes_by_the_family_of_its_definition) {
  auto reports = named("reports", {});
  reports.match_clusters = {"prod"};
  reports.families = {"report-*"};
  auto task = task_event("prod", "nightly");
  task.definition_family = "report-daily";

  EXPECT_EQ(routed(task, {}, {reports}), "reports");
  task.task_group = "service:web";
  EXPECT_EQ(routed(task, {}, {reports}), "foreign");
}

}  // namespace
}  // namespace lifehook::handlers
