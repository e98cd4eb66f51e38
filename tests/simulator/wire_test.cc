#include "simulator/wire.h"

#include "simulator/form.h"

#include <boost/json/parse.hpp>

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using boost::json::object;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr time_point noon = time_point{} + std::chrono::days(20000) + std::chrono::hours(12);
const answer_stamp stamp{"0d8b1c8e-0000-4000-8000-00000000f001", noon};

std::string signature(std::string_view service) {
  return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260302/eu-west-1/" + std::string(service) +
         "/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
}

aws::http_request json_request(std::string target, std::string body) {
  aws::http_request made{"POST", "https://sqs.eu-west-1.amazonaws.com/", {}, std::move(body)};
  made.headers = {{"X-Amz-Target", std::move(target)}, {"Authorization", signature("sqs")}};
  return made;
}

aws::http_request form_request(std::string_view service, std::string body) {
  aws::http_request made{"POST", "https://autoscaling.eu-west-1.amazonaws.com/", {}, std::move(body)};
  if (!service.empty()) made.headers = {{"Authorization", signature(service)}};
  return made;
}

TEST(wire, a_json_request_is_found_by_its_target) {
  const auto read = read_request(json_request("AmazonSQS.SendMessage", R"({"QueueUrl":"u"})"));

  ASSERT_TRUE(read.asked.has_value());
  EXPECT_EQ(read.asked->service, "sqs");
  EXPECT_EQ(read.asked->action, "SendMessage");
  EXPECT_EQ(read.asked->body.at("QueueUrl"), "u");
}

TEST(wire, a_json_request_without_a_body_is_an_empty_object) {
  const auto read = read_request(json_request("AmazonEC2ContainerServiceV20141113.ListClusters", ""));

  ASSERT_TRUE(read.asked.has_value());
  EXPECT_EQ(read.asked->service, "ecs");
  EXPECT_TRUE(read.asked->body.empty());
}

TEST(wire, a_query_request_is_found_by_the_scope_of_its_credentials) {
  const auto read =
      read_request(form_request("autoscaling", "Action=DetachInstances&Version=2011-01-01&InstanceIds.member.1=i-1"));

  ASSERT_TRUE(read.asked.has_value());
  EXPECT_EQ(read.asked->service, "autoscaling");
  EXPECT_EQ(read.asked->action, "DetachInstances");
  EXPECT_THAT(read.asked->query, ElementsAre(Pair("InstanceIds.member.1", "i-1")));
}

TEST(wire, a_web_identity_is_assumed_without_a_signature) {
  const auto read = read_request(form_request("", "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r"));

  ASSERT_TRUE(read.asked.has_value());
  EXPECT_EQ(read.asked->service, "sts");
}

TEST(wire, any_other_request_without_a_signature_is_refused) {
  auto json = json_request("AmazonSQS.SendMessage", "{}");
  json.headers.pop_back();

  EXPECT_EQ(read_request(json).asked.error().code, "MissingAuthenticationToken");
  const auto query = read_request(form_request("", "Action=GetCallerIdentity&Version=2011-06-15"));
  EXPECT_EQ(query.asked.error().code, "MissingAuthenticationToken");
  EXPECT_EQ(query.asked.error().status, 403);
}

TEST(wire, a_signature_without_a_scope_is_incomplete) {
  auto asked = json_request("AmazonSQS.SendMessage", "{}");
  asked.headers.back().second = "AWS4-HMAC-SHA256 Credential=AKID";

  EXPECT_EQ(read_request(asked).asked.error().code, "IncompleteSignature");
}

TEST(wire, a_body_that_is_no_json_object_is_refused) {
  EXPECT_EQ(read_request(json_request("AmazonSQS.SendMessage", "{\"a\":")).asked.error().code,
            "SerializationException");
  EXPECT_EQ(read_request(json_request("AmazonSQS.SendMessage", "[]")).asked.error().code, "SerializationException");
}

TEST(wire, services_not_simulated_are_refused_in_their_own_dialect) {
  EXPECT_EQ(read_request(json_request("DynamoDBStreams_20120810.GetRecords", "{}")).asked.error().code,
            "UnknownOperationException");
  EXPECT_EQ(read_request(form_request("monitoring", "Action=PutMetricData&Version=2010-08-01")).asked.error().code,
            "InvalidAction");
}

TEST(wire, ec2_and_elb_are_found_by_the_scope_or_by_their_versions) {
  const auto by_scope = read_request(form_request("ec2", "Action=DescribeImages&Version=2016-11-15&Owner.1=self"));
  ASSERT_TRUE(by_scope.asked.has_value());
  EXPECT_EQ(by_scope.asked->service, "ec2");
  EXPECT_EQ(by_scope.asked->action, "DescribeImages");
  EXPECT_THAT(by_scope.asked->query, ElementsAre(Pair("Owner.1", "self")));
  const auto balancing = form_request("elasticloadbalancing", "Action=DescribeTargetHealth&Version=2015-12-01");
  EXPECT_EQ(read_request(balancing).asked->service, "elasticloadbalancing");

  const auto unsigned_one = read_request(form_request("", "Action=DescribeImages&Version=2016-11-15"));
  EXPECT_EQ(unsigned_one.spoken.speaks, wire_protocol::ec2_query);
  EXPECT_EQ(unsigned_one.asked.error().code, "MissingAuthenticationToken");
}

TEST(wire, an_ec2_answer_has_its_request_id_first_and_no_result_element) {
  const auto out = write_answer({wire_protocol::ec2_query, "ec2", "CreateImage", false},
                                answer{nullptr, "<imageId>ami-1</imageId>"}, stamp);

  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.header("content-type"), "text/xml;charset=UTF-8");
  EXPECT_EQ(out.body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<CreateImageResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>"
            "0d8b1c8e-0000-4000-8000-00000000f001</requestId><imageId>ami-1</imageId></CreateImageResponse>");
}

TEST(wire, an_ec2_error_has_a_shape_of_its_own) {
  const answered failed = fault{503, "RequestLimitExceeded", "a < b"};

  const auto out = write_answer({wire_protocol::ec2_query, "ec2", "CreateImage", false}, failed, stamp);

  EXPECT_EQ(out.status, 503);
  EXPECT_EQ(out.body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>a &lt; b</Message></Error></Errors>"
            "<RequestID>0d8b1c8e-0000-4000-8000-00000000f001</RequestID></Response>");
}

TEST(wire, forms_are_decoded) {
  EXPECT_THAT(read_form("a=b+c&d=%7B%22x%22%3a1%7D&e&=f&g=100%&h=%4"),
              ElementsAre(Pair("", "f"), Pair("a", "b c"), Pair("d", "{\"x\":1}"), Pair("e", ""), Pair("g", "100%"),
                          Pair("h", "%4")));
}

TEST(wire, a_json_answer_carries_id_date_and_type) {
  const auto out =
      write_answer({wire_protocol::json_1_0, "sqs", "SendMessage", false}, answer{object{{"a", 1}}, {}}, stamp);

  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.body, R"({"a":1})");
  EXPECT_EQ(out.header("content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(out.header("x-amzn-requestid"), stamp.request_id);
  EXPECT_EQ(out.header("date"), "Fri, 04 Oct 2024 12:00:00 GMT");
}

TEST(wire, a_json_answer_of_nothing_is_an_empty_body) {
  EXPECT_EQ(write_answer({wire_protocol::json_1_0, "sqs", "DeleteMessage", false}, answer{}, stamp).body, "");
}

TEST(wire, a_json_error_names_its_shape_in_header_and_body) {
  const answered failed = fault{400, "ClusterNotFoundException", "Cluster not found."};

  const auto out = write_answer({wire_protocol::json_1_1, "ecs", "ListTasks", false}, failed, stamp);

  EXPECT_EQ(out.status, 400);
  EXPECT_EQ(out.header("x-amzn-errortype"), "ClusterNotFoundException");
  EXPECT_EQ(out.body, R"({"__type":"ClusterNotFoundException","message":"Cluster not found."})");
}

TEST(wire, a_dynamodb_error_names_its_shape_in_the_body_only_with_what_belongs_to_it) {
  const answered failed =
      fault{400, "ConditionalCheckFailedException", "The conditional request failed", {{"Item", object{{"a", 1}}}}};

  const auto out = write_answer({wire_protocol::json_1_0, "dynamodb", "PutItem", false}, failed, stamp);

  EXPECT_EQ(out.header("x-amzn-errortype"), "");
  EXPECT_EQ(out.body, R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",)"
                      R"("message":"The conditional request failed","Item":{"a":1}})");
}

TEST(wire, a_dynamodb_answer_carries_the_checksum_of_its_body) {
  const auto out =
      write_answer({wire_protocol::json_1_0, "dynamodb", "GetItem", false}, answer{object{{"a", 1}}, {}}, stamp);

  EXPECT_EQ(out.body, R"({"a":1})");
  EXPECT_EQ(out.header("x-amz-crc32"), "1444654255");
}

TEST(wire, ssm_capitalises_the_message_of_its_own_errors) {
  const dialect spoken{wire_protocol::json_1_1, "ssm", "SendCommand", false};

  EXPECT_EQ(write_answer(spoken, fault{400, "InvalidInstanceId", "no"}, stamp).body,
            R"({"__type":"InvalidInstanceId","Message":"no"})");
  EXPECT_EQ(write_answer(spoken, fault{400, "ThrottlingException", "slow"}, stamp).body,
            R"({"__type":"ThrottlingException","message":"slow"})");
}

TEST(wire, sqs_tells_the_code_of_its_old_protocol_to_those_who_ask_for_it) {
  const answered failed = fault{400, "QueueDoesNotExist", "The specified queue does not exist."};

  const auto asked = write_answer({wire_protocol::json_1_0, "sqs", "SendMessage", true}, failed, stamp);
  const auto not_asked = write_answer({wire_protocol::json_1_0, "sqs", "SendMessage", false}, failed, stamp);

  EXPECT_EQ(asked.header("x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
  EXPECT_EQ(not_asked.header("x-amzn-query-error"), "");
  EXPECT_THAT(asked.body, HasSubstr("com.amazonaws.sqs#QueueDoesNotExist"));
}

TEST(wire, a_query_answer_wraps_its_result) {
  const auto out =
      write_answer({wire_protocol::query, "sts", "GetCallerIdentity", false}, answer{nullptr, "<Arn>a</Arn>"}, stamp);

  EXPECT_EQ(out.body,
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
            "<Arn>a</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>0d8b1c8e-0000-4000-8000-00000000f001"
            "</RequestId></ResponseMetadata></GetCallerIdentityResponse>");
}

TEST(wire, a_void_query_answer_has_metadata_only) {
  const auto out = write_answer({wire_protocol::query, "autoscaling", "SetDesiredCapacity", false}, answer{}, stamp);

  EXPECT_THAT(out.body, Not(HasSubstr("SetDesiredCapacityResult")));
  EXPECT_THAT(out.body, HasSubstr("<RequestId>"));
}

TEST(wire, a_query_error_tells_whose_fault_it_is_with_text_escaped) {
  const answered failed = fault{400, "ValidationError", "a < b"};

  const auto out = write_answer({wire_protocol::query, "autoscaling", "PutLifecycleHook", false}, failed, stamp);

  EXPECT_THAT(out.body,
              HasSubstr("<Error><Type>Sender</Type><Code>ValidationError</Code><Message>a &lt; b</Message></Error>"));
}

TEST(wire, paths_and_signing_times_are_read_from_a_request) {
  EXPECT_EQ(path_of("https://host:1/a/b"), "/a/b");
  EXPECT_EQ(path_of("https://host"), "/");
  EXPECT_EQ(path_of("/a"), "/a");
  aws::http_request asked;
  EXPECT_EQ(signing_time(asked), std::nullopt);
  asked.headers = {{"X-Amz-Date", "20241004T120000Z"}};
  EXPECT_EQ(signing_time(asked), noon);
}

}  // namespace
}  // namespace lifehook::simulator
