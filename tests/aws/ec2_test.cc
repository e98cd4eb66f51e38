#include "aws/ec2.h"

#include "base/time_text.h"
#include "tests/support/client_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

std::string answer_of(const std::string& operation, const std::string& content) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + operation +
         "Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>" + content + "</" +
         operation + "Response>";
}

std::string refusal(const std::string& code, const std::string& message = "m") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>" + code + "</Code><Message>" +
         message + "</Message></Error></Errors><RequestID>r</RequestID></Response>";
}

std::string next(const std::string& token) { return "<nextToken>" + token + "</nextToken>"; }

std::string image_xml(const std::string& id, const std::string& more = {}) {
  return "<item><imageId>" + id +
         "</imageId><imageState>available</imageState><creationDate>2026-03-02T10:15:30.000Z</creationDate>" + more +
         "</item>";
}

std::string images_page(const std::string& items) { return "<imagesSet>" + items + "</imagesSet>"; }

TEST(ec2, asks_for_instances_by_filter_as_botocore_writes_it) {
  client_stage stage;
  stage.wire.answer(200, answer_of("DescribeInstances", "<reservationSet/>"));

  const auto found = stage.play(ec2(stage.with).instances({"i-1", "i-2"}));

  ASSERT_TRUE(found);
  EXPECT_THAT(*found, IsEmpty());
  const auto& asked = stage.wire.requests().at(0);
  EXPECT_EQ(asked.url, "https://ec2.eu-west-1.amazonaws.com/");
  EXPECT_EQ(header_of(asked, "content-type"), "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(header_of(asked, "x-amz-target"), "");
  EXPECT_THAT(std::string(header_of(asked, "authorization")), HasSubstr("/eu-west-1/ec2/aws4_request"));
  EXPECT_EQ(asked.body,
            "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=instance-id&Filter.1.Value.1=i-1&"
            "Filter.1.Value.2=i-2&MaxResults=1000");
}

TEST(ec2, finds_the_instances_of_all_reservations_on_all_pages) {
  client_stage stage;
  stage.wire.answer(
      200,
      answer_of(
          "DescribeInstances",
          "<reservationSet><item><reservationId>r-1</reservationId><instancesSet><item><instanceId>i-1</instanceId>"
          "<instanceState><code>16</code><name>running</name></instanceState><tagSet><item><key>Team</key>"
          "<value>web</value></item><item><key>Empty</key><value/></item></tagSet></item><item>"
          "<instanceId>i-2</instanceId><instanceState><code>0</code><name>pending</name></instanceState></item>"
          "</instancesSet></item></reservationSet>" +
              next("a+b")));
  stage.wire.answer(200,
                    answer_of("DescribeInstances",
                              "<reservationSet><item><instancesSet><item><instanceId>i-3</instanceId><instanceState>"
                              "<name>terminated</name></instanceState></item></instancesSet></item></reservationSet>" +
                                  next("")));

  const auto found = stage.play(ec2(stage.with).instances({"i-1", "i-2", "i-3"}));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3U);
  EXPECT_EQ(found->at(0).id, "i-1");
  EXPECT_EQ(found->at(0).state, "running");
  EXPECT_THAT(found->at(0).tags, ElementsAre(Pair("Empty", ""), Pair("Team", "web")));
  EXPECT_EQ(found->at(1).state, "pending");
  EXPECT_EQ(found->at(2).state, "terminated");
  ASSERT_EQ(stage.wire.requests().size(), 2U);
  EXPECT_THAT(stage.wire.requests().at(1).body, HasSubstr("&MaxResults=1000&NextToken=a%2Bb"));
}

TEST(ec2, stops_after_a_thousand_pages) {
  client_stage stage;
  for (int i = 0; i < 1001; ++i)
    stage.wire.answer(200, answer_of("DescribeInstances", "<reservationSet/>" + next("t")));

  const auto found = stage.play(ec2(stage.with).instances({"i-1"}));

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::unreachable);
  EXPECT_EQ(stage.wire.requests().size(), 1000U);
}

TEST(ec2, does_not_ask_for_everything_when_asked_for_nothing) {
  client_stage stage;

  EXPECT_TRUE(stage.play(ec2(stage.with).instances({})));
  EXPECT_TRUE(stage.play(ec2(stage.with).images({})));
  EXPECT_TRUE(stage.play(ec2(stage.with).images_tagged({})));
  EXPECT_TRUE(stage.play(ec2(stage.with).snapshots_tagged({}, "k", "v")));

  EXPECT_TRUE(stage.wire.requests().empty());
}

TEST(ec2, does_not_take_an_answer_it_cannot_read_for_an_empty_one) {
  for (const std::string content :
       {"", "<reservationSet><item/></reservationSet>",
        "<reservationSet><item><instancesSet><item/></instancesSet></item></reservationSet>",
        "<reservationSet><item><instancesSet><item><instanceId>i-1</instanceId></item></instancesSet></item>"
        "</reservationSet>"}) {
    client_stage stage;
    stage.wire.answer(200, answer_of("DescribeInstances", content));

    const auto found = stage.play(ec2(stage.with).instances({"i-1"}));

    ASSERT_FALSE(found) << content;
    EXPECT_EQ(found.error().code(), errc::unreachable) << content;
  }
}

TEST(ec2, creates_an_image_with_tags_for_it_and_its_snapshots) {
  client_stage stage;
  stage.wire.answer(200, answer_of("CreateImage", "<imageId>ami-1</imageId>"));

  const auto id = stage.play(
      ec2(stage.with).create_image({.instance = "i-1", .name = "nnn", .description = "d", .tags = {{"k", "v"}}}));

  ASSERT_TRUE(id);
  EXPECT_EQ(*id, "ami-1");
  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=CreateImage&Version=2016-11-15&InstanceId=i-1&Name=nnn&Description=d&NoReboot=true&"
            "TagSpecification.1.ResourceType=image&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v&"
            "TagSpecification.2.ResourceType=snapshot&TagSpecification.2.Tag.1.Key=k&"
            "TagSpecification.2.Tag.1.Value=v");
}

TEST(ec2, reboots_only_when_told_to_and_leaves_out_what_is_empty) {
  client_stage stage;
  stage.wire.answer(200, answer_of("CreateImage", "<imageId>ami-1</imageId>"));

  EXPECT_TRUE(stage.play(
      ec2(stage.with).create_image({.instance = "i-1", .name = "nnn", .description = {}, .reboot = true, .tags = {}})));

  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=CreateImage&Version=2016-11-15&InstanceId=i-1&Name=nnn&NoReboot=false");
}

TEST(ec2, does_not_take_an_answer_without_an_id_for_an_image) {
  client_stage stage;
  stage.wire.answer(200, answer_of("CreateImage", ""));

  const auto id = stage.play(ec2(stage.with).create_image({.instance = "i-1", .name = "nnn"}));

  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code(), errc::unreachable);
}

TEST(ec2, tells_a_name_that_is_taken_from_an_instance_that_is_gone) {
  for (const std::string code : {"InvalidAMIName.Duplicate", "InvalidInstanceID.NotFound", "IncorrectInstanceState",
                                 "IncorrectState", "InvalidAMIName.Malformed", "ResourceLimitExceeded"}) {
    client_stage stage;
    stage.wire.answer(400, refusal(code, "AMI name nnn is already in use by AMI ami-1"));

    const auto id = stage.play(ec2(stage.with).create_image({.instance = "i-1", .name = "nnn"}));

    ASSERT_FALSE(id) << code;
    EXPECT_EQ(is_image_name_taken(id.error()), code == "InvalidAMIName.Duplicate") << code;
    EXPECT_EQ(is_too_late_to_image(id.error()), code.starts_with("I") && !code.starts_with("InvalidAMI")) << code;
    EXPECT_EQ(stage.wire.requests().size(), 1U) << code;
  }
}

TEST(ec2, waits_and_asks_again_when_it_is_throttled) {
  client_stage stage;
  stage.wire.answer(503, refusal("RequestLimitExceeded", "Request limit exceeded."));
  stage.wire.answer(200, answer_of("CreateImage", "<imageId>ami-1</imageId>"));

  EXPECT_TRUE(stage.play(ec2(stage.with).create_image({.instance = "i-1", .name = "nnn"})));

  EXPECT_EQ(stage.wire.requests().size(), 2U);
}

TEST(ec2, reads_all_of_an_image) {
  client_stage stage;
  stage.wire.answer(
      200, answer_of(
               "DescribeImages",
               images_page(
                   "<item><imageId>ami-1</imageId><imageState>failed</imageState><name>lifehook-web-i-1</name>"
                   "<creationDate>2026-03-02T10:15:30.000Z</creationDate><stateReason><code>Client.InternalError</code>"
                   "<message>Client error on launch</message></stateReason><blockDeviceMapping><item>"
                   "<deviceName>/dev/xvda</deviceName><ebs><snapshotId>snap-1</snapshotId></ebs></item><item>"
                   "<deviceName>/dev/sdb</deviceName><virtualName>ephemeral0</virtualName></item><item><ebs>"
                   "<snapshotId>snap-2</snapshotId></ebs></item></blockDeviceMapping><tagSet><item><key>k</key>"
                   "<value>v</value></item></tagSet></item>")));

  const auto found = stage.play(ec2(stage.with).images({"ami-1", "ami-2"}));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  const auto& image = found->front();
  EXPECT_EQ(image.id, "ami-1");
  EXPECT_EQ(image.state, "failed");
  EXPECT_EQ(image.name, "lifehook-web-i-1");
  EXPECT_EQ(image.reason, "Client error on launch");
  EXPECT_EQ(image.created, std::chrono::sys_days(std::chrono::March / 2 / 2026) + 10h + 15min + 30s);
  EXPECT_THAT(image.snapshots, ElementsAre("snap-1", "snap-2"));
  EXPECT_THAT(image.tags, ElementsAre(Pair("k", "v")));
}

TEST(ec2, looks_for_images_among_the_accounts_own) {
  client_stage stage;
  for (int i = 0; i < 3; ++i) stage.wire.answer(200, answer_of("DescribeImages", images_page("")));

  EXPECT_TRUE(stage.play(ec2(stage.with).images({"ami-1", "ami-2"})));
  EXPECT_TRUE(stage.play(ec2(stage.with).images_named({"lifehook-web-i-1", "lifehook-web-i-2"})));
  EXPECT_TRUE(stage.play(ec2(stage.with).images_tagged({{"a", "1"}, {"b", "2"}})));

  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=DescribeImages&Version=2016-11-15&Owner.1=self&Filter.1.Name=image-id&Filter.1.Value.1=ami-1&"
            "Filter.1.Value.2=ami-2&MaxResults=1000");
  EXPECT_EQ(stage.wire.requests().at(1).body,
            "Action=DescribeImages&Version=2016-11-15&Owner.1=self&Filter.1.Name=name&"
            "Filter.1.Value.1=lifehook-web-i-1&Filter.1.Value.2=lifehook-web-i-2&MaxResults=1000");
  EXPECT_EQ(stage.wire.requests().at(2).body,
            "Action=DescribeImages&Version=2016-11-15&Owner.1=self&Filter.1.Name=tag%3Aa&Filter.1.Value.1=1&"
            "Filter.2.Name=tag%3Ab&Filter.2.Value.1=2&MaxResults=1000");
}

TEST(ec2, means_stars_and_question_marks_as_they_are) {
  client_stage stage;
  stage.wire.answer(200, answer_of("DescribeImages", images_page("")));

  EXPECT_TRUE(stage.play(ec2(stage.with).images_tagged({{"Team", R"(w*b?\)"}})));

  EXPECT_THAT(stage.wire.requests().at(0).body, HasSubstr(R"(Filter.1.Value.1=w%5C%2Ab%5C%3F%5C%5C&)"));
}

TEST(ec2, follows_the_pages_of_images_even_through_empty_ones) {
  client_stage stage;
  stage.wire.answer(200, answer_of("DescribeImages", images_page(image_xml("ami-1")) + next("1")));
  stage.wire.answer(200, answer_of("DescribeImages", images_page("") + next("2")));
  stage.wire.answer(200, answer_of("DescribeImages", images_page(image_xml("ami-2"))));

  const auto found = stage.play(ec2(stage.with).images_tagged({{"k", "v"}}));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(found->at(1).id, "ami-2");
}

TEST(ec2, does_not_guess_the_age_of_an_image) {
  for (const std::string item :
       {"<item><imageId>ami-1</imageId><imageState>available</imageState></item>",
        "<item><imageId>ami-1</imageId><imageState>available</imageState><creationDate>soon</creationDate></item>",
        "<item><imageId>ami-1</imageId><creationDate>2026-03-02T10:15:30.000Z</creationDate></item>",
        "<item><imageState>available</imageState><creationDate>2026-03-02T10:15:30.000Z</creationDate></item>"}) {
    client_stage stage;
    stage.wire.answer(200, answer_of("DescribeImages", images_page(image_xml("ami-0") + item)));

    const auto found = stage.play(ec2(stage.with).images_tagged({{"k", "v"}}));

    ASSERT_FALSE(found) << item;
    EXPECT_EQ(found.error().code(), errc::unreachable) << item;
  }
}

TEST(ec2, deregisters_an_image_once_and_is_content_when_it_is_not_there) {
  client_stage stage;
  stage.wire.answer(200, answer_of("DeregisterImage", "<return>true</return>"));
  stage.wire.answer(400, refusal("InvalidAMIID.NotFound"));
  stage.wire.answer(400, refusal("InvalidAMIID.Unavailable"));
  stage.wire.answer(403, refusal("UnauthorizedOperation"));

  EXPECT_TRUE(stage.play(ec2(stage.with).deregister_image("ami-1", false)).value());
  EXPECT_FALSE(stage.play(ec2(stage.with).deregister_image("ami-1", false)).value()) << "somebody else's doing";
  EXPECT_FALSE(stage.play(ec2(stage.with).deregister_image("ami-1", false)).value());
  const auto refused = stage.play(ec2(stage.with).deregister_image("ami-1", true));

  EXPECT_EQ(stage.wire.requests().at(0).body, "Action=DeregisterImage&Version=2016-11-15&ImageId=ami-1");
  EXPECT_EQ(stage.wire.requests().at(3).body,
            "Action=DeregisterImage&Version=2016-11-15&ImageId=ami-1&DeleteAssociatedSnapshots=true");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::denied);
}

TEST(ec2, names_the_snapshots_that_are_ours) {
  client_stage stage;
  stage.wire.answer(200, answer_of("DescribeSnapshots",
                                   "<snapshotSet><item><snapshotId>snap-1</snapshotId><status>completed</status></item>"
                                   "</snapshotSet>"));

  const auto ours = stage.play(ec2(stage.with).snapshots_tagged({"snap-1", "snap-2"}, "lifehook:service", "web"));

  ASSERT_TRUE(ours);
  EXPECT_THAT(*ours, ElementsAre("snap-1"));
  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self&Filter.1.Name=snapshot-id&"
            "Filter.1.Value.1=snap-1&Filter.1.Value.2=snap-2&Filter.2.Name=tag%3Alifehook%3Aservice&"
            "Filter.2.Value.1=web&MaxResults=1000");
}

TEST(ec2, does_not_take_snapshots_it_cannot_read_for_none) {
  for (const std::string content : {"", "<snapshotSet><item/></snapshotSet>"}) {
    client_stage stage;
    stage.wire.answer(200, answer_of("DescribeSnapshots", content));

    const auto ours = stage.play(ec2(stage.with).snapshots_tagged({"snap-1"}, "k", "v"));

    ASSERT_FALSE(ours) << content;
    EXPECT_EQ(ours.error().code(), errc::unreachable) << content;
  }
}

TEST(ec2, deletes_a_snapshot_unless_an_image_still_uses_it) {
  client_stage stage;
  stage.wire.answer(200, answer_of("DeleteSnapshot", "<return>true</return>"));
  stage.wire.answer(400, refusal("InvalidSnapshot.NotFound"));
  stage.wire.answer(400, refusal("InvalidSnapshot.InUse"));

  EXPECT_TRUE(stage.play(ec2(stage.with).delete_snapshot("snap-1")));
  EXPECT_TRUE(stage.play(ec2(stage.with).delete_snapshot("snap-1")));
  const auto refused = stage.play(ec2(stage.with).delete_snapshot("snap-1"));

  EXPECT_EQ(stage.wire.requests().at(0).body, "Action=DeleteSnapshot&Version=2016-11-15&SnapshotId=snap-1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::rejected);
}

TEST(ec2, reads_the_network_of_an_interface) {
  client_stage stage;
  stage.wire.answer(200,
                    answer_of("DescribeNetworkInterfaces",
                              "<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId>"
                              "<subnetId>subnet-1</subnetId><privateIpAddress>10.0.0.7</privateIpAddress><groupSet>"
                              "<item><groupId>sg-1</groupId><groupName>a</groupName></item><item>"
                              "<groupId>sg-2</groupId></item></groupSet><association><publicIp>203.0.113.9</publicIp>"
                              "</association></item></networkInterfaceSet>"));

  const auto found = stage.play(ec2(stage.with).interface_of("eni-1"));

  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->subnet, "subnet-1");
  EXPECT_EQ((*found)->private_address, "10.0.0.7");
  EXPECT_THAT((*found)->security_groups, ElementsAre("sg-1", "sg-2"));
  EXPECT_TRUE((*found)->has_public_address);
  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=DescribeNetworkInterfaces&Version=2016-11-15&Filter.1.Name=network-interface-id&"
            "Filter.1.Value.1=eni-1&MaxResults=1000");
}

TEST(ec2, knows_an_interface_without_a_public_address_from_one_that_is_gone) {
  client_stage stage;
  stage.wire.answer(200, answer_of("DescribeNetworkInterfaces",
                                   "<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId>"
                                   "<subnetId>subnet-1</subnetId></item></networkInterfaceSet>"));
  stage.wire.answer(200, answer_of("DescribeNetworkInterfaces", "<networkInterfaceSet/>"));
  stage.wire.answer(200, answer_of("DescribeNetworkInterfaces", ""));

  const auto without_address = stage.play(ec2(stage.with).interface_of("eni-1"));
  const auto gone = stage.play(ec2(stage.with).interface_of("eni-1"));
  const auto unreadable = stage.play(ec2(stage.with).interface_of("eni-1"));

  ASSERT_TRUE(without_address && gone);
  ASSERT_TRUE(*without_address);
  EXPECT_FALSE((*without_address)->has_public_address);
  EXPECT_FALSE(*gone);
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().code(), errc::unreachable);
}

// As EC2 answers for a running instance; without an `events` there is no such set.
std::string status_of(const std::string& events) {
  return "<instanceStatusSet><item><instanceId>i-1</instanceId><availabilityZone>eu-west-1a</availabilityZone>" +
         events +
         "<instanceState><code>16</code><name>running</name></instanceState><systemStatus><status>ok</status>"
         "<details><item><name>reachability</name><status>passed</status></item></details></systemStatus></item>"
         "</instanceStatusSet>";
}

std::string event_xml(const std::string& description) {
  return "<item><code>system-reboot</code><description>" + description + "</description></item>";
}

TEST(ec2, reads_the_scheduled_events_of_an_instance_whether_it_runs_or_not) {
  client_stage stage;
  stage.wire.answer(
      200, answer_of("DescribeInstanceStatus",
                     status_of("<eventsSet><item><instanceEventId>instance-event-0d59937288b749b32"
                               "</instanceEventId><code>system-reboot</code><description>The instance is "
                               "scheduled for a reboot</description><notAfter>2026-03-12T15:19:03.000Z"
                               "</notAfter><notBefore>2026-03-12T13:19:03.000Z</notBefore></item></eventsSet>")));

  const auto found = stage.play(ec2(stage.with).scheduled_events("i-1"));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  const auto& event = found->at(0);
  EXPECT_EQ(event.code, "system-reboot");
  EXPECT_FALSE(event.completed);
  EXPECT_EQ(event.not_before, parse_rfc3339("2026-03-12T13:19:03Z"));
  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=DescribeInstanceStatus&Version=2016-11-15&InstanceId.1=i-1&IncludeAllInstances=true");
}

TEST(ec2, takes_an_event_for_completed_when_its_description_begins_so_and_for_planned_without_one) {
  client_stage stage;
  stage.wire.answer(
      200, answer_of("DescribeInstanceStatus", status_of("<eventsSet>" + event_xml("[Completed] scheduled reboot") +
                                                         event_xml("[Canceled] scheduled reboot") +
                                                         event_xml("scheduled reboot, not [Completed]") +
                                                         "<item><code>instance-reboot</code></item></eventsSet>")));

  const auto found = stage.play(ec2(stage.with).scheduled_events("i-1"));

  ASSERT_TRUE(found);
  std::vector<bool> completed;
  for (const auto& each : *found) completed.push_back(each.completed);
  EXPECT_THAT(completed, ElementsAre(true, true, false, false));
  EXPECT_FALSE(found->at(3).not_before);
}

TEST(ec2, finds_no_scheduled_events_of_an_instance_without_any_and_of_one_that_is_unknown) {
  client_stage stage;
  stage.wire.answer(200, answer_of("DescribeInstanceStatus", status_of("")));
  stage.wire.answer(200, answer_of("DescribeInstanceStatus", status_of("<eventsSet/>")));
  stage.wire.answer(200, answer_of("DescribeInstanceStatus", "<instanceStatusSet/>"));
  stage.wire.answer(400, refusal("InvalidInstanceID.NotFound"));
  stage.wire.answer(400, refusal("InvalidInstanceID.Malformed"));

  for (std::size_t asked = 0; asked < 5; ++asked) {
    const auto found = stage.play(ec2(stage.with).scheduled_events("i-1"));

    ASSERT_TRUE(found) << asked;
    EXPECT_THAT(*found, IsEmpty()) << asked;
  }
}

TEST(ec2, does_not_take_events_it_cannot_read_nor_a_refusal_for_none) {
  client_stage stage;
  const std::vector<std::string> unreadable = {
      "", "<instanceStatusSet><item/></instanceStatusSet>", status_of("<eventsSet><item/></eventsSet>"),
      status_of("<eventsSet><item><code>system-reboot</code><notBefore>soon</notBefore></item></eventsSet>")};
  for (const auto& content : unreadable) stage.wire.answer(200, answer_of("DescribeInstanceStatus", content));
  stage.wire.answer(403, refusal("UnauthorizedOperation"));

  for (const auto& content : unreadable) {
    const auto found = stage.play(ec2(stage.with).scheduled_events("i-1"));

    ASSERT_FALSE(found) << content;
    EXPECT_EQ(found.error().code(), errc::unreachable) << content;
  }
  const auto refused = stage.play(ec2(stage.with).scheduled_events("i-1"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::denied);
}

}  // namespace
}  // namespace lifehook::aws
