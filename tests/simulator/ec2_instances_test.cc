#include "tests/simulator/fleet_scene.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

struct ec2_instances : fleet_scene {
  std::string web_instance() {
    group_settings with;
    with.name = "web";
    with.desired = 1;
    with.tags = {{"Team", "shop"}, {"Secret", "no"}};
    with.unpropagated = {"Secret"};
    scaling->create_group(with);
    return scaling->instances("web").front();
  }
  std::string describe(const std::string& id) {
    return ec2_query("DescribeInstances", {{"Filter.1.Name", "instance-id"}, {"Filter.1.Value.1", id}}).value().xml;
  }
  std::vector<std::string> states_told(const std::string& queue) {
    std::vector<std::string> states;
    for (const auto& body : queues->bodies(queue))
      states.emplace_back(boost::json::parse(body).at("detail").at("state").as_string());
    return states;
  }
};

// That a body is the sample but for the ids and the time.
void expect_like(const boost::json::object& body, std::string_view name, std::string_view instance) {
  auto expected = sample(name);
  EXPECT_EQ(body.at("id").as_string().size(), 36U);
  expected["id"] = body.at("id");
  expected["time"] = body.at("time");
  auto text = boost::json::serialize(expected);
  constexpr std::string_view sampled = "i-0a1b2c3d4e5f60718";
  for (auto at = text.find(sampled); at != std::string::npos; at = text.find(sampled, at))
    text.replace(at, sampled.size(), instance);
  EXPECT_EQ(boost::json::value(body), boost::json::parse(text));
}

TEST_F(ec2_instances, of_a_group_run_with_its_propagated_tags_and_its_name) {
  const auto id = web_instance();

  EXPECT_EQ(machines->state(id), "running");
  EXPECT_THAT(machines->tags(id), UnorderedElementsAre(Pair("Team", "shop"), Pair("aws:autoscaling:groupName", "web")));
  EXPECT_THAT(describe(id), AllOf(HasSubstr("<reservationSet><item><reservationId>r-0"),
                                  HasSubstr("<instancesSet><item><instanceId>" + id + "</instanceId>"),
                                  HasSubstr("<instanceState><code>16</code><name>running</name></instanceState>"),
                                  HasSubstr("<tagSet><item><key>Team</key><value>shop</value></item>")));
}

TEST_F(ec2_instances, launched_by_a_group_are_pending_until_they_have_booted) {
  web_instance();

  scaling->set_desired("web", 2);
  const auto id = scaling->instances("web").back();
  EXPECT_EQ(machines->state(id), "pending");
  time.advance(5s);

  EXPECT_EQ(machines->state(id), "running");
}

TEST_F(ec2_instances, ended_by_a_group_shut_down_and_are_seen_for_an_hour) {
  const auto id = web_instance();

  scaling->terminate(id, true);
  EXPECT_EQ(machines->state(id), "running");
  time.advance(1s);
  EXPECT_EQ(machines->state(id), "shutting-down");
  time.advance(5s);
  EXPECT_EQ(machines->state(id), "terminated");
  EXPECT_THAT(describe(id), HasSubstr("<code>Client.UserInitiatedShutdown</code>"));
  time.advance(1h);

  EXPECT_EQ(machines->state(id), "");
  EXPECT_EQ(ec2_query("DescribeInstances", {{"InstanceId.1", id}}).error().code, "InvalidInstanceID.NotFound");
}

TEST_F(ec2_instances, run_while_a_hook_holds_their_end) {
  const auto id = web_instance();
  scaling->put_hook("web", {.name = "drain"});

  scaling->terminate(id, true);
  time.advance(30min);

  EXPECT_EQ(scaling->lifecycle_state(id), "Terminating:Wait");
  EXPECT_EQ(machines->state(id), "running");
}

TEST_F(ec2_instances, of_a_warm_pool_are_stopped_in_it_and_start_when_they_leave_it) {
  web_instance();
  query("PutWarmPool", {{"AutoScalingGroupName", "web"}, {"MinSize", "1"}, {"MaxGroupPreparedCapacity", "1"}}).value();
  const auto id = scaling->instances("web").back();

  time.advance(5s);
  EXPECT_EQ(machines->state(id), "stopping");
  time.advance(5s);
  EXPECT_EQ(machines->state(id), "stopped");
  scaling->set_desired("web", 2);
  time.advance(5s);

  EXPECT_EQ(machines->state(id), "running");
}

TEST_F(ec2_instances, lose_their_groups_name_when_they_are_detached_and_live_on) {
  const auto id = web_instance();

  query("DetachInstances",
        {{"AutoScalingGroupName", "web"}, {"InstanceIds.member.1", id}, {"ShouldDecrementDesiredCapacity", "true"}})
      .value();
  time.advance(1h);

  EXPECT_EQ(machines->state(id), "running");
  EXPECT_THAT(machines->tags(id), ElementsAre(Pair("Team", "shop")));
}

TEST_F(ec2_instances, can_be_run_outside_of_any_group) {
  const auto said = ec2_query("RunInstances", {{"ImageId", "ami-0123456789abcdef0"},
                                               {"MinCount", "1"},
                                               {"MaxCount", "2"},
                                               {"InstanceType", "t3.micro"},
                                               {"TagSpecification.1.ResourceType", "instance"},
                                               {"TagSpecification.1.Tag.1.Key", "Name"},
                                               {"TagSpecification.1.Tag.1.Value", "box"}})
                        .value()
                        .xml;
  const auto id = element(said, "instanceId");

  EXPECT_EQ(occurrences(said, "<instanceId>"), 2U);
  EXPECT_THAT(said, HasSubstr("<instanceType>t3.micro</instanceType>"));
  EXPECT_EQ(machines->state(id), "pending");
  EXPECT_THAT(machines->tags(id), ElementsAre(Pair("Name", "box")));
  time.advance(5s);
  EXPECT_EQ(machines->state(id), "running");
}

TEST_F(ec2_instances, are_refused_without_an_image_or_a_sensible_count) {
  const auto run = [this](std::map<std::string, std::string> asked) {
    return ec2_query("RunInstances", std::move(asked)).error().code;
  };
  const std::string image = "ami-0123456789abcdef0";

  EXPECT_EQ(run({{"MinCount", "1"}, {"MaxCount", "1"}}), "MissingParameter");
  EXPECT_EQ(run({{"ImageId", image}, {"MinCount", "1"}}), "MissingParameter");
  EXPECT_EQ(run({{"ImageId", "ubuntu"}, {"MinCount", "1"}, {"MaxCount", "1"}}), "InvalidAMIID.Malformed");
  EXPECT_EQ(run({{"ImageId", image}, {"MinCount", "3"}, {"MaxCount", "2"}}), "InvalidParameterValue");
}

TEST_F(ec2_instances, ended_by_hand_tell_both_states_and_all_who_listen) {
  const auto id = machines->launch();
  containers->create_cluster("prod");
  containers->register_instance("prod", id);

  const auto said = ec2_query("TerminateInstances", {{"InstanceId.1", id}}).value().xml;

  EXPECT_THAT(said, AllOf(HasSubstr("<currentState><code>32</code><name>shutting-down</name></currentState>"),
                          HasSubstr("<previousState><code>16</code><name>running</name></previousState>")));
  EXPECT_EQ(containers->instance_status(id), "INACTIVE");
}

TEST_F(ec2_instances, can_be_ended_twice) {
  const auto id = machines->launch();
  machines->terminate(id);
  time.advance(5s);

  const auto said = ec2_query("TerminateInstances", {{"InstanceId.1", id}}).value().xml;

  EXPECT_THAT(said, HasSubstr("<currentState><code>48</code><name>terminated</name></currentState>"));
}

TEST_F(ec2_instances, are_none_of_them_ended_when_one_is_unknown) {
  const auto id = machines->launch();

  const auto refused =
      ec2_query("TerminateInstances", {{"InstanceId.1", id}, {"InstanceId.2", "i-00000000000000000"}}).error();

  EXPECT_EQ(refused.code, "InvalidInstanceID.NotFound");
  EXPECT_EQ(refused.message, "The instance ID 'i-00000000000000000' does not exist");
  EXPECT_EQ(machines->state(id), "running");
}

TEST_F(ec2_instances, tell_their_states_to_the_queues_that_asked) {
  const auto url = queues->create_queue("states");
  machines->bridge_state_changes(queues->queue_arn("states"));

  const auto id = web_instance();
  scaling->terminate(id, true);
  time.advance(1min);

  EXPECT_THAT(states_told(url), ElementsAre("pending", "running", "shutting-down", "terminated"));
  expect_like(body_of(url, 2), "eb-ec2-state-shutting-down", id);
}

TEST_F(ec2_instances, warned_of_a_spot_interruption_are_reclaimed_two_minutes_later) {
  const auto url = queues->create_queue("events");
  scaling->bridge(queues->queue_arn("events"));
  const auto id = machines->launch();

  machines->warn_spot(id);
  expect_like(body_of(url, 0), "eb-ec2-spot-interruption-warning-az-arn", id);
  time.advance(119s);
  EXPECT_EQ(machines->state(id), "running");
  time.advance(1s);

  EXPECT_EQ(machines->state(id), "shutting-down");
  EXPECT_THAT(describe(id), AllOf(HasSubstr("<instanceLifecycle>spot</instanceLifecycle>"),
                                  HasSubstr("<code>Server.SpotInstanceTermination</code>")));
}

TEST_F(ec2_instances, that_ended_before_their_interruption_are_not_reclaimed) {
  const auto id = machines->launch();
  machines->warn_spot(id);

  machines->terminate(id);
  time.advance(3min);

  EXPECT_THAT(describe(id), HasSubstr("<code>Client.UserInitiatedShutdown</code>"));
}

TEST_F(ec2_instances, recommended_for_rebalance_run_on) {
  const auto url = queues->create_queue("events");
  scaling->bridge(queues->queue_arn("events"));
  const auto id = machines->launch();

  machines->recommend_rebalance(id);
  time.advance(1h);

  expect_like(body_of(url, 0), "eb-ec2-rebalance-recommendation", id);
  EXPECT_EQ(machines->state(id), "running");
}

TEST_F(ec2_instances, of_a_spot_group_say_so) {
  group_settings with;
  with.name = "cheap";
  with.desired = 1;
  with.spot = true;
  scaling->create_group(with);

  EXPECT_THAT(describe(scaling->instances("cheap").front()), HasSubstr("<instanceLifecycle>spot</instanceLifecycle>"));
  EXPECT_THAT(describe(web_instance()), Not(HasSubstr("instanceLifecycle")));
}

TEST_F(ec2_instances, unknown_to_a_caller_in_cpp_are_its_bug) {
  EXPECT_THROW(machines->terminate("i-none"), std::invalid_argument);
  EXPECT_THROW(machines->tags("ami-none"), std::invalid_argument);
  EXPECT_EQ(machines->state("i-none"), "");
}

TEST_F(ec2_instances, get_tags_and_so_does_everything_else) {
  const auto id = machines->launch("", {{"Team", "old"}});
  const auto interface = machines->create_interface("subnet-1", {"sg-1"}, "10.0.0.7", false);

  ec2_query("CreateTags", {{"ResourceId.1", id},
                           {"ResourceId.2", interface},
                           {"Tag.1.Key", "Team"},
                           {"Tag.1.Value", "new"},
                           {"Tag.2.Key", "Empty"}})
      .value();

  EXPECT_THAT(machines->tags(id), ElementsAre(Pair("Empty", ""), Pair("Team", "new")));
  EXPECT_THAT(machines->tags(interface), ElementsAre(Pair("Empty", ""), Pair("Team", "new")));
}

TEST_F(ec2_instances, are_not_tagged_beyond_fifty_nor_with_names_that_are_aws_own) {
  const auto id = machines->launch();
  const auto tag = [this](const std::string& resource, std::string key) {
    return ec2_query("CreateTags", {{"ResourceId.1", resource}, {"Tag.1.Key", std::move(key)}});
  };
  for (int i = 0; i < 50; ++i) machines->tag(id, "k" + std::to_string(i), "v");

  EXPECT_EQ(tag(id, "one-more").error().code, "TagLimitExceeded");
  EXPECT_TRUE(tag(id, "k7"));
  EXPECT_EQ(tag(id, "aws:mine").error().code, "InvalidParameterValue");
  EXPECT_EQ(tag("i-00000000000000000", "k").error().code, "InvalidInstanceID.NotFound");
  EXPECT_EQ(tag("nonsense", "k").error().code, "InvalidID");
  EXPECT_EQ(ec2_query("CreateTags", {{"ResourceId.1", id}}).error().code, "MissingParameter");
}

TEST_F(ec2_instances, tell_that_a_call_would_succeed_when_it_is_a_dry_run) {
  const auto id = machines->launch();

  const auto said = ec2_query("TerminateInstances", {{"InstanceId.1", id}, {"DryRun", "true"}}).error();

  EXPECT_EQ(said.status, 412);
  EXPECT_EQ(said.code, "DryRunOperation");
  EXPECT_EQ(machines->state(id), "running");
}

TEST_F(ec2_instances, are_apart_from_interfaces_which_exist_until_they_are_deleted) {
  const auto open = machines->create_interface("subnet-1", {"sg-1", "sg-2"}, "10.0.0.7", true);
  const auto closed = machines->create_interface("subnet-2", {}, "10.0.0.8", false);
  const auto find = [this](const std::string& id) {
    return ec2_query("DescribeNetworkInterfaces", {{"Filter.1.Name", "network-interface-id"}, {"Filter.1.Value.1", id}})
        .value()
        .xml;
  };

  EXPECT_THAT(find(open), AllOf(HasSubstr("<networkInterfaceId>" + open), HasSubstr("<subnetId>subnet-1</subnetId>"),
                                HasSubstr("<privateIpAddress>10.0.0.7</privateIpAddress>"),
                                HasSubstr("<groupSet><item><groupId>sg-1</groupId></item><item><groupId>sg-2"),
                                HasSubstr("<association><publicIp>203.0.")));
  EXPECT_THAT(find(closed), Not(HasSubstr("association")));
  machines->delete_interface(open);

  EXPECT_EQ(machines->interfaces(), 1U);
  EXPECT_THAT(find(open), Not(HasSubstr("<item>")));
  EXPECT_EQ(ec2_query("DescribeNetworkInterfaces", {{"NetworkInterfaceId.1", open}}).error().code,
            "InvalidNetworkInterfaceID.NotFound");
}

}  // namespace
}  // namespace lifehook::simulator
