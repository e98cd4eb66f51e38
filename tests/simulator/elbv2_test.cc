#include "tests/simulator/fleet_scene.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using parameters = std::map<std::string, std::string>;

struct elbv2_targets : fleet_scene {
  std::string state(const std::string& id) {
    for (const auto& each : balancers->targets(web))
      if (each.id == id) return each.state;
    return "";
  }
  parameters of_web(parameters more) {
    more.insert({"TargetGroupArn", web});
    return more;
  }
  std::string health(parameters more = {}) {
    return elb_query("DescribeTargetHealth", of_web(std::move(more))).value().xml;
  }

  std::string web = balancers->create_target_group({.name = "web"});
};

TEST_F(elbv2_targets, are_initial_then_healthy) {
  elb_query("RegisterTargets", of_web({{"Targets.member.1.Id", "i-a"}})).value();

  EXPECT_EQ(state("i-a"), "initial");
  EXPECT_THAT(health(), HasSubstr("<Target><Id>i-a</Id><Port>80</Port></Target><HealthCheckPort>80</HealthCheckPort>"
                                  "<TargetHealth><State>initial</State><Reason>Elb.RegistrationInProgress</Reason>"));
  time.advance(10s);

  EXPECT_EQ(state("i-a"), "healthy");
  EXPECT_THAT(health(), HasSubstr("<TargetHealth><State>healthy</State></TargetHealth>"));
}

TEST_F(elbv2_targets, drain_for_the_delay_and_are_gone) {
  balancers->register_target(web, "i-a");
  time.advance(10s);
  const auto asked_at = time.now();

  elb_query("DeregisterTargets", of_web({{"Targets.member.1.Id", "i-a"}})).value();
  EXPECT_THAT(health(), HasSubstr("<State>draining</State><Reason>Target.DeregistrationInProgress</Reason>"));
  time.advance(299s);
  EXPECT_EQ(state("i-a"), "draining");
  time.advance(1s);

  EXPECT_THAT(balancers->targets(web), IsEmpty());
  ASSERT_THAT(balancers->deregistrations(), SizeIs(1));
  const auto& told = balancers->deregistrations().front();
  EXPECT_EQ(told.id, "i-a");
  EXPECT_EQ(told.target_group, web);
  EXPECT_EQ(told.when, asked_at);
  EXPECT_TRUE(told.was_registered);
  EXPECT_TRUE(told.by_call);
}

TEST_F(elbv2_targets, asked_to_leave_again_go_on_draining_as_they_did) {
  balancers->register_target(web, "i-a");

  EXPECT_EQ(balancers->deregister_target(web, "i-a"), 300s);
  time.advance(100s);
  EXPECT_EQ(balancers->deregister_target(web, "i-a"), 200s);
  time.advance(200s);

  EXPECT_THAT(balancers->targets(web), IsEmpty());
}

TEST_F(elbv2_targets, that_never_came_leave_with_success) {
  EXPECT_TRUE(elb_query("DeregisterTargets", of_web({{"Targets.member.1.Id", "i-none"}})));

  EXPECT_THAT(balancers->deregistrations(), ElementsAre(Field(&deregistration::was_registered, false)));
}

TEST_F(elbv2_targets, with_a_port_of_their_own_leave_only_by_that_port) {
  elb_query("RegisterTargets", of_web({{"Targets.member.1.Id", "i-a"}, {"Targets.member.1.Port", "8080"}})).value();
  time.advance(10s);

  elb_query("DeregisterTargets", of_web({{"Targets.member.1.Id", "i-a"}})).value();
  EXPECT_EQ(state("i-a"), "healthy");
  elb_query("DeregisterTargets", of_web({{"Targets.member.1.Id", "i-a"}, {"Targets.member.1.Port", "8080"}})).value();

  EXPECT_EQ(state("i-a"), "draining");
}

TEST_F(elbv2_targets, may_be_one_instance_on_several_ports) {
  balancers->register_target(web, "i-a", 8080);
  balancers->register_target(web, "i-a", 8081);

  balancers->deregister_target(web, "i-a", 8080);

  EXPECT_THAT(balancers->targets(web),
              ElementsAre(AllOf(Field(&target_record::port, 8080), Field(&target_record::state, "draining")),
                          AllOf(Field(&target_record::port, 8081), Field(&target_record::state, "initial"))));
}

TEST_F(elbv2_targets, registered_while_they_drain_serve_again) {
  balancers->register_target(web, "i-a");
  balancers->deregister_target(web, "i-a");
  time.advance(200s);

  balancers->register_target(web, "i-a");
  time.advance(100s);

  EXPECT_EQ(state("i-a"), "healthy");
}

TEST_F(elbv2_targets, registered_twice_are_as_healthy_as_they_were) {
  balancers->register_target(web, "i-a");
  time.advance(10s);

  balancers->register_target(web, "i-a");

  EXPECT_EQ(state("i-a"), "healthy");
}

TEST_F(elbv2_targets, asked_for_by_name_are_unused_when_they_are_not_registered) {
  balancers->register_target(web, "i-a");

  const auto told = health({{"Targets.member.1.Id", "i-a"}, {"Targets.member.2.Id", "i-b"}});

  EXPECT_EQ(occurrences(told, "<Id>"), 2U);
  EXPECT_THAT(told, HasSubstr("<Id>i-b</Id><Port>80</Port></Target><HealthCheckPort>80</HealthCheckPort><TargetHealth>"
                              "<State>unused</State><Reason>Target.NotRegistered</Reason><Description>Target is not "
                              "registered to the target group</Description>"));
  EXPECT_THAT(health(), Not(HasSubstr("i-b")));
}

TEST_F(elbv2_targets, have_the_health_that_is_set) {
  balancers->register_target(web, "i-a");

  balancers->set_health(web, "i-a", "unhealthy", "Target.FailedHealthChecks");
  time.advance(1h);

  EXPECT_THAT(health(), HasSubstr("<State>unhealthy</State><Reason>Target.FailedHealthChecks</Reason>"));
}

TEST_F(elbv2_targets, are_gone_with_their_instance) {
  const auto id = machines->launch();
  balancers->register_target(web, id);

  machines->terminate(id);

  EXPECT_THAT(balancers->targets(web), IsEmpty());
  EXPECT_THAT(balancers->deregistrations(), IsEmpty());
}

TEST_F(elbv2_targets, drain_as_long_as_the_attribute_says) {
  const auto set = [this](std::string seconds) {
    return elb_query("ModifyTargetGroupAttributes",
                     of_web({{"Attributes.member.1.Key", "deregistration_delay.timeout_seconds"},
                             {"Attributes.member.1.Value", std::move(seconds)}}));
  };
  EXPECT_THAT(set("5").value().xml, HasSubstr("<Key>deregistration_delay.timeout_seconds</Key><Value>5</Value>"));
  EXPECT_EQ(set("3601").error().code, "ValidationError");
  EXPECT_EQ(set("-1").error().code, "ValidationError");
  EXPECT_THAT(elb_query("DescribeTargetGroupAttributes", of_web({})).value().xml, HasSubstr("<Value>5</Value>"));

  balancers->register_target(web, "i-a");

  EXPECT_EQ(balancers->deregister_target(web, "i-a"), 5s);
}

TEST_F(elbv2_targets, of_the_wrong_type_are_refused) {
  const auto tasks = balancers->create_target_group({.name = "tasks", .target_type = "ip"});
  const auto add = [this](const std::string& arn, std::string id) {
    return elb_query("RegisterTargets", {{"TargetGroupArn", arn}, {"Targets.member.1.Id", std::move(id)}});
  };

  EXPECT_TRUE(add(tasks, "10.0.0.7"));
  EXPECT_EQ(add(tasks, "i-a").error().code, "ValidationError");
  EXPECT_EQ(add(web, "10.0.0.7").error().message, "Instance ID '10.0.0.7' is not valid");
  EXPECT_EQ(add(web, "i-a").value().xml, "");
}

TEST_F(elbv2_targets, of_a_target_group_that_is_not_there_are_not_found) {
  const parameters nowhere{{"TargetGroupArn", owner.arn("elasticloadbalancing", "targetgroup/none/0123456789abcdef")},
                           {"Targets.member.1.Id", "i-a"}};

  for (const auto* action : {"RegisterTargets", "DeregisterTargets", "DescribeTargetHealth"}) {
    const auto refused = elb_query(action, nowhere).error();
    EXPECT_EQ(refused.code, "TargetGroupNotFound") << action;
    EXPECT_EQ(refused.status, 400) << action;
  }
  EXPECT_EQ(elb_query("DescribeTargetHealth", {{"TargetGroupArn", "web"}}).error().code, "ValidationError");
  EXPECT_THROW(balancers->targets("web"), std::invalid_argument);
}

TEST_F(elbv2_targets, have_groups_made_found_and_deleted_by_calls) {
  const parameters api{{"Name", "api"}, {"Port", "8443"}, {"TargetType", "ip"}};
  const auto arn = element(elb_query("CreateTargetGroup", api).value().xml, "TargetGroupArn");
  EXPECT_THAT(arn, HasSubstr(":targetgroup/api/"));
  EXPECT_EQ(element(elb_query("CreateTargetGroup", api).value().xml, "TargetGroupArn"), arn);
  EXPECT_EQ(elb_query("CreateTargetGroup", {{"Name", "api"}, {"Port", "80"}}).error().code, "DuplicateTargetGroupName");

  const auto found = elb_query("DescribeTargetGroups", {{"Names.member.1", "api"}}).value().xml;
  EXPECT_THAT(found, AllOf(HasSubstr("<Port>8443</Port>"), HasSubstr("<TargetType>ip</TargetType>")));
  EXPECT_EQ(occurrences(elb_query("DescribeTargetGroups", {}).value().xml, "<TargetGroupArn>"), 2U);
  EXPECT_TRUE(elb_query("DeleteTargetGroup", {{"TargetGroupArn", arn}}));
  EXPECT_TRUE(elb_query("DeleteTargetGroup", {{"TargetGroupArn", arn}}));

  EXPECT_EQ(elb_query("DescribeTargetGroups", {{"Names.member.1", "api"}}).error().code, "TargetGroupNotFound");
  EXPECT_EQ(elb_query("DescribeTargetGroups", {{"TargetGroupArns.member.1", arn}}).error().code, "TargetGroupNotFound");
}

TEST_F(elbv2_targets, have_groups_that_are_listed_in_pages) {
  for (int i = 0; i < 4; ++i) balancers->create_target_group({.name = "more-" + std::to_string(i)});

  const auto first = elb_query("DescribeTargetGroups", {{"PageSize", "3"}}).value().xml;
  const auto second =
      elb_query("DescribeTargetGroups", {{"PageSize", "3"}, {"Marker", element(first, "NextMarker")}}).value().xml;

  EXPECT_EQ(occurrences(first, "<TargetGroupArn>"), 3U);
  EXPECT_EQ(occurrences(second, "<TargetGroupArn>"), 2U);
  EXPECT_EQ(element(second, "NextMarker"), "");
}

}  // namespace
}  // namespace lifehook::simulator
