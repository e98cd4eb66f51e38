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
using testing::SizeIs;

using parameters = std::map<std::string, std::string>;

struct ec2_images : fleet_scene {
  answered create(const std::string& instance, std::string name, parameters more = {}) {
    more.insert({{"InstanceId", instance}, {"Name", std::move(name)}, {"NoReboot", "true"}});
    return ec2_query("CreateImage", std::move(more));
  }
  std::string made(const std::string& instance, std::string name, parameters more = {}) {
    return element(create(instance, std::move(name), std::move(more)).value().xml, "imageId");
  }
  std::string describe(parameters asked = {{"Owner.1", "self"}}) {
    return ec2_query("DescribeImages", std::move(asked)).value().xml;
  }
  std::string named(const std::string& name) {
    return describe({{"Owner.1", "self"}, {"Filter.1.Name", "name"}, {"Filter.1.Value.1", name}});
  }
  std::string state(const std::string& name) { return element(named(name), "imageState"); }
  std::string refused_name(std::string name) { return create(box, std::move(name)).error().code; }

  std::string box = machines->launch();
};

TEST_F(ec2_images, take_their_time_to_be_available) {
  made(box, "backup");

  EXPECT_EQ(state("backup"), "pending");
  EXPECT_EQ(machines->snapshots().at(0).state, "pending");
  time.advance(179s);
  EXPECT_EQ(state("backup"), "pending");
  time.advance(1s);

  EXPECT_EQ(state("backup"), "available");
  EXPECT_EQ(machines->snapshots().at(0).state, "completed");
  EXPECT_EQ(machines->images().at(0).settled, time.now());
}

TEST_F(ec2_images, take_the_time_that_is_set) {
  machines->set_image_time(1h);
  made(box, "backup");

  time.advance(59min);
  EXPECT_EQ(state("backup"), "pending");
  time.advance(1min);

  EXPECT_EQ(state("backup"), "available");
}

TEST_F(ec2_images, carry_what_was_asked_and_one_snapshot_with_tags_of_its_own) {
  const auto id = made(box, "backup",
                       {{"Description", "before the end"},
                        {"TagSpecification.1.ResourceType", "image"},
                        {"TagSpecification.1.Tag.1.Key", "Cause"},
                        {"TagSpecification.1.Tag.1.Value", "spot"},
                        {"TagSpecification.2.ResourceType", "snapshot"},
                        {"TagSpecification.2.Tag.1.Key", "Of"},
                        {"TagSpecification.2.Tag.1.Value", "backup"}});

  const auto& image = machines->images().at(0);
  EXPECT_EQ(image.id, id);
  EXPECT_EQ(image.instance, box);
  EXPECT_FALSE(image.reboots);
  EXPECT_THAT(named("backup"), AllOf(HasSubstr("<description>before the end</description>"),
                                     HasSubstr("<tagSet><item><key>Cause</key><value>spot</value></item></tagSet>"),
                                     HasSubstr("<ebs><snapshotId>" + image.snapshot + "</snapshotId>")));
  ASSERT_THAT(machines->snapshots(), SizeIs(1));
  const auto snapshot = machines->snapshots().at(0);
  EXPECT_EQ(snapshot.id, image.snapshot);
  EXPECT_EQ(snapshot.image, id);
  EXPECT_THAT(snapshot.tags, ElementsAre(Pair("Of", "backup")));
  EXPECT_EQ(snapshot.description, "Created by CreateImage(" + box + ") for " + id);
}

TEST_F(ec2_images, have_names_no_other_has_until_they_are_deregistered) {
  const auto id = made(box, "backup");

  const auto refused = create(box, "backup").error();
  EXPECT_EQ(refused.code, "InvalidAMIName.Duplicate");
  EXPECT_EQ(refused.message, "AMI name backup is already in use by AMI " + id);
  ec2_query("DeregisterImage", {{"ImageId", id}}).value();

  EXPECT_NE(made(box, "backup"), id);
}

TEST_F(ec2_images, keep_a_name_even_when_they_failed) {
  machines->fail_next_image(box);
  made(box, "backup");
  time.advance(3min);

  EXPECT_EQ(refused_name("backup"), "InvalidAMIName.Duplicate");
}

TEST_F(ec2_images, refuse_names_that_are_short_or_long_or_have_other_characters) {
  EXPECT_EQ(refused_name("ab"), "InvalidAMIName.Malformed");
  EXPECT_EQ(refused_name(std::string(129, 'x')), "InvalidAMIName.Malformed");
  EXPECT_EQ(refused_name("web:1"), "InvalidAMIName.Malformed");
  EXPECT_EQ(refused_name("h\xc3\xb6k"), "InvalidAMIName.Malformed");
  EXPECT_TRUE(create(box, "Web (1) [a] b/c.d-e'f@g_h"));
  EXPECT_TRUE(create(box, std::string(128, 'x')));
}

TEST_F(ec2_images, of_an_instance_that_ends_or_never_was_are_refused) {
  const auto refused = [this](const std::string& instance) { return create(instance, "backup").error().code; };
  machines->terminate(box);

  EXPECT_EQ(refused(box), "IncorrectInstanceState");
  time.advance(5s);
  EXPECT_EQ(refused(box), "IncorrectInstanceState");
  time.advance(1h);
  EXPECT_EQ(refused(box), "InvalidInstanceID.NotFound");
  EXPECT_EQ(refused("box"), "InvalidInstanceID.Malformed");
  EXPECT_THAT(machines->images(), IsEmpty());
}

TEST_F(ec2_images, become_available_though_their_instance_ends_meanwhile) {
  made(box, "backup");

  machines->terminate(box);
  time.advance(3min);

  EXPECT_EQ(state("backup"), "available");
}

TEST_F(ec2_images, fail_when_told_to_once_with_a_reason) {
  machines->fail_next_image(box);
  made(box, "first");
  made(box, "second");

  time.advance(3min);

  EXPECT_EQ(state("first"), "failed");
  EXPECT_THAT(named("first"), HasSubstr("<stateReason><code>Server.InternalError</code><message>"));
  EXPECT_EQ(state("second"), "available");
}

TEST_F(ec2_images, reboot_their_instance_unless_told_not_to_and_what_ran_on_it_is_lost) {
  containers->create_cluster("prod");
  containers->register_instance("prod", box);
  containers->run_task("prod", "report", box);
  time.advance(3s);
  made(box, "gentle");
  EXPECT_FALSE(containers->tasks("prod").at(0).lost);

  ec2_query("CreateImage", {{"InstanceId", box}, {"Name", "rough"}}).value();

  EXPECT_TRUE(machines->images().at(1).reboots);
  EXPECT_TRUE(containers->tasks("prod").at(0).lost);
  EXPECT_EQ(containers->instance_status(box), "ACTIVE");
  EXPECT_EQ(machines->state(box), "running");
}

TEST_F(ec2_images, are_listed_only_after_a_delay_when_there_is_one) {
  machines->set_listing_delay(10s);

  const auto id = made(box, "backup");
  const parameters by_id{{"ImageId.1", id}};
  EXPECT_EQ(state("backup"), "");
  EXPECT_EQ(ec2_query("DescribeImages", by_id).error().code, "InvalidAMIID.NotFound");
  EXPECT_EQ(ec2_query("CreateTags", {{"ResourceId.1", id}, {"Tag.1.Key", "k"}}).error().code, "InvalidAMIID.NotFound");
  EXPECT_EQ(refused_name("backup"), "InvalidAMIName.Duplicate");
  time.advance(10s);

  EXPECT_EQ(state("backup"), "pending");
  EXPECT_TRUE(ec2_query("DescribeImages", by_id));
}

TEST_F(ec2_images, of_other_owners_are_none) {
  made(box, "backup");

  EXPECT_EQ(occurrences(describe({}), "<imageId>"), 1U);
  EXPECT_EQ(occurrences(describe({{"Owner.1", "111122223333"}}), "<imageId>"), 1U);
  EXPECT_EQ(occurrences(describe({{"Owner.1", "amazon"}}), "<imageId>"), 0U);
}

TEST_F(ec2_images, when_deregistered_are_listed_no_more_and_leave_their_snapshot) {
  const auto id = made(box, "backup");

  EXPECT_THAT(ec2_query("DeregisterImage", {{"ImageId", id}}).value().xml, HasSubstr("<return>true</return>"));
  time.advance(3min);

  EXPECT_EQ(state("backup"), "");
  EXPECT_EQ(machines->images().at(0).state, "deregistered");
  EXPECT_EQ(machines->snapshots().at(0).state, "completed");
  EXPECT_EQ(ec2_query("DeregisterImage", {{"ImageId", id}}).error().code, "InvalidAMIID.Unavailable");
  EXPECT_EQ(ec2_query("DeregisterImage", {{"ImageId", "ami-00000000000000000"}}).error().code, "InvalidAMIID.NotFound");
}

TEST_F(ec2_images, take_their_snapshot_along_when_asked_to) {
  const auto id = made(box, "backup");
  const auto snapshot = machines->images().at(0).snapshot;

  const auto said = ec2_query("DeregisterImage", {{"ImageId", id}, {"DeleteAssociatedSnapshots", "true"}}).value().xml;

  EXPECT_THAT(said, HasSubstr("<deleteSnapshotResultSet><item><snapshotId>" + snapshot));
  EXPECT_THAT(machines->snapshots(), IsEmpty());
}

TEST_F(ec2_images, protect_their_snapshot_as_long_as_they_are_registered) {
  const auto id = made(box, "backup");
  const auto snapshot = machines->images().at(0).snapshot;
  const parameters by_id{{"SnapshotId", snapshot}};

  const auto refused = ec2_query("DeleteSnapshot", by_id).error();
  EXPECT_EQ(refused.code, "InvalidSnapshot.InUse");
  EXPECT_EQ(refused.message, "The snapshot " + snapshot + " is currently in use by " + id);
  ec2_query("DeregisterImage", {{"ImageId", id}}).value();

  EXPECT_TRUE(ec2_query("DeleteSnapshot", by_id));
  EXPECT_EQ(ec2_query("DeleteSnapshot", by_id).error().code, "InvalidSnapshot.NotFound");
  EXPECT_EQ(ec2_query("DeleteSnapshot", {{"SnapshotId", "snap"}}).error().code, "InvalidSnapshotID.Malformed");
}

TEST_F(ec2_images, have_snapshots_that_are_found_by_id_and_by_tag) {
  made(box, "one");
  made(box, "two");
  const auto mine = machines->images().at(0).snapshot;
  machines->tag(mine, "lifehook:group", "web");
  const auto find = [this](parameters asked) { return ec2_query("DescribeSnapshots", std::move(asked)).value().xml; };

  EXPECT_EQ(occurrences(find({{"Owner.1", "self"}}), "<snapshotId>"), 2U);
  const auto by_tag = find({{"Filter.1.Name", "snapshot-id"},
                            {"Filter.1.Value.1", mine},
                            {"Filter.1.Value.2", machines->images().at(1).snapshot},
                            {"Filter.2.Name", "tag:lifehook:group"},
                            {"Filter.2.Value.1", "web"}});
  EXPECT_EQ(element(by_tag, "snapshotId"), mine);
  EXPECT_EQ(occurrences(by_tag, "<snapshotId>"), 1U);
  EXPECT_EQ(ec2_query("DescribeSnapshots", {{"SnapshotId.1", "snap-00000000"}}).error().code,
            "InvalidSnapshot.NotFound");
}

}  // namespace
}  // namespace lifehook::simulator
