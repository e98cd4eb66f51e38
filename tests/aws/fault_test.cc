#include "aws/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lifehook::aws {
namespace {

using testing::HasSubstr;
using testing::Not;

fault read(int status, std::string body, http_headers headers = {}) {
  return read_fault({status, std::move(headers), std::move(body)});
}

errc meaning_of(std::string code, int status = 400, std::string message = {}) {
  return meaning({std::move(code), std::move(message)}, status);
}

TEST(fault, is_read_from_the_type_of_a_json_body_without_its_namespace) {
  const auto found =
      read(400, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."})");

  EXPECT_EQ(found.code, "QueueDoesNotExist");
  EXPECT_EQ(found.message, "The specified queue does not exist.");
}

TEST(fault, is_read_from_the_header_first_without_the_address_behind_the_colon) {
  const auto found = read(400, R"({"Message":"Cluster not found."})",
                          {{"x-amzn-errortype", "ClusterNotFoundException:http://internal.amazon.com/coral/"}});

  EXPECT_EQ(found.code, "ClusterNotFoundException");
  EXPECT_EQ(found.message, "Cluster not found.");
}

TEST(fault, is_read_from_the_xml_of_a_query_service) {
  const auto found =
      read(400,
           "<ErrorResponse xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\"><Error><Type>Sender</Type>"
           "<Code>ValidationError</Code><Message>1 &lt; 2</Message></Error><RequestId>r</RequestId></ErrorResponse>");

  EXPECT_EQ(found.code, "ValidationError");
  EXPECT_EQ(found.message, "1 < 2");
}

TEST(fault, is_read_from_the_xml_of_ec2) {
  const auto found =
      read(503,
           "<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>m</Message>"
           "</Error></Errors><RequestID>r</RequestID></Response>");

  EXPECT_EQ(found.code, "RequestLimitExceeded");
}

TEST(fault, of_html_or_nothing_or_nonsense_has_no_code) {
  for (const auto* const body :
       {"", "<html><body><h1>503</h1><p>no slot<p></body></html>", "{\"__type\":", "[]", "oops", "{}"}) {
    EXPECT_EQ(read(503, body).code, "") << body;
    EXPECT_EQ(to_error(read(503, body), 503).code(), errc::unreachable) << body;
  }
}

TEST(fault, that_asks_for_less_is_throttled_whatever_its_status) {
  for (const auto* const code :
       {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
        "TooManyRequestsException", "RequestLimitExceeded", "SlowDown", "BandwidthLimitExceeded",
        "PriorRequestNotComplete", "EC2ThrottledException", "ProvisionedThroughputExceededException",
        "TransactionInProgressException", "LimitExceededException", "KmsThrottled"})
    for (const int status : {400, 403, 429, 503}) EXPECT_EQ(meaning_of(code, status), errc::throttled) << code;
  EXPECT_EQ(meaning_of("", 429), errc::throttled);
}

TEST(fault, of_the_server_means_that_aws_did_not_answer) {
  for (const auto* const code :
       {"RequestTimeout", "InternalFailure", "InternalError", "ServiceUnavailable", "ServerException"})
    EXPECT_EQ(meaning_of(code, 400), errc::unreachable) << code;
  EXPECT_EQ(meaning_of("SomethingNew", 500), errc::unreachable);
  EXPECT_EQ(meaning_of("SomethingNotFound", 502), errc::unreachable);
  EXPECT_EQ(meaning_of("ResourceContention", 500), errc::unreachable);
}

TEST(fault, of_snapshots_under_way_passes_and_asks_for_no_fewer_calls) {
  for (const auto* const code :
       {"ConcurrentSnapshotLimitExceeded", "PendingSnapshotLimitExceeded", "SnapshotCreationPerVolumeRateExceeded"})
    EXPECT_EQ(meaning_of(code), errc::unreachable) << code;
  EXPECT_EQ(meaning_of("SnapshotLimitExceeded"), errc::rejected) << "which stays until somebody deletes some";
}

TEST(fault, of_a_scaling_activity_under_way_passes_and_asks_for_no_fewer_calls) {
  EXPECT_EQ(meaning_of("ScalingActivityInProgress"), errc::unreachable);
}

TEST(fault, that_a_person_must_mend_is_denied) {
  for (const auto* const code : {"AccessDenied",
                                 "AccessDeniedException",
                                 "UnauthorizedOperation",
                                 "AuthorizationError",
                                 "UnrecognizedClientException",
                                 "InvalidClientTokenId",
                                 "InvalidAccessKeyId",
                                 "AuthFailure",
                                 "SignatureDoesNotMatch",
                                 "InvalidSignatureException",
                                 "ExpiredToken",
                                 "ExpiredTokenException",
                                 "RequestExpired",
                                 "OptInRequired",
                                 "BlockedException",
                                 "ClusterNotFound",
                                 "ClusterNotFoundException",
                                 "QueueDoesNotExist",
                                 "AWS.SimpleQueueService.NonExistentQueue",
                                 "KmsAccessDenied",
                                 "KmsNotFound",
                                 "KMSDisabled",
                                 "NotFound",
                                 "ResourceNotFoundException"})
    EXPECT_EQ(meaning_of(code), errc::denied) << code;
  EXPECT_EQ(meaning_of("", 403), errc::denied);
  for (const auto status : {401, 403, 407}) EXPECT_EQ(meaning_of("SomethingNew", status), errc::denied) << status;
}

TEST(fault, no_active_lifecycle_action_is_not_found_but_other_validation_errors_are_rejected) {
  EXPECT_EQ(meaning_of("ValidationError", 400, "No active Lifecycle Action found with token 1"), errc::not_found);
  EXPECT_EQ(meaning_of("ValidationError", 400, "no active lifecycle action found with instance ID i-1"),
            errc::not_found);
  EXPECT_EQ(meaning_of("ValidationError", 400, "1 validation error detected"), errc::rejected);
}

TEST(fault, of_a_group_or_an_instance_auto_scaling_does_not_have_is_not_found) {
  for (const auto* const words :
       {"AutoScalingGroup name not found - null", "AutoScalingGroup name not found - AutoScalingGroup 'web' not found",
        "AutoScalingGroup not found - AutoScaling Group web not found",
        "Instance Id not found - No managed instance found for instance ID i-1",
        "Instance Id not found - No managed instance found for instance ID: i-1",
        "The instance i-1 is not part of Auto Scaling group web.", "The instance i-1 is not in InService or Standby."})
    EXPECT_EQ(meaning_of("ValidationError", 400, words), errc::not_found) << words;
}

TEST(fault, of_a_capacity_out_of_bounds_is_rejected) {
  for (const auto* const words :
       {"New SetDesiredCapacity value 9 is above max value 5 for the AutoScalingGroup.",
        "New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.",
        "Currently, desiredSize equals minSize (1). Terminating instance without replacement will violate group's min "
        "size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size."})
    EXPECT_EQ(meaning_of("ValidationError", 400, words), errc::rejected) << words;
}

TEST(fault, of_a_table_with_another_key_is_denied_but_other_validation_exceptions_are_rejected) {
  EXPECT_EQ(meaning_of("ValidationException", 400, "The provided key element does not match the schema"), errc::denied);
  EXPECT_EQ(meaning_of("ValidationException", 400, "The number of conditions on the keys is invalid"), errc::denied);
  EXPECT_EQ(meaning_of("ValidationException", 400,
                       "One or more parameter values were invalid: Missing the key id in the item"),
            errc::denied);
  EXPECT_EQ(meaning_of("ValidationException", 400,
                       "One or more parameter values were invalid: Type mismatch for key key expected: N actual: S"),
            errc::denied);
  EXPECT_EQ(meaning_of("ValidationException", 400, "Item size has exceeded the maximum allowed size"), errc::rejected);
}

TEST(fault, of_a_lost_receipt_handle_is_not_found) {
  EXPECT_EQ(meaning_of("ReceiptHandleIsInvalid"), errc::not_found);
  EXPECT_EQ(meaning_of("MessageNotInflight"), errc::not_found);
  EXPECT_EQ(meaning_of("InvalidParameterValue", 400,
                       "Value AQ for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."),
            errc::not_found);
  EXPECT_EQ(meaning_of("InvalidParameterValue", 400,
                       "Value AQ for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
                       "available for visibility timeout change."),
            errc::not_found);
  EXPECT_EQ(meaning_of("InvalidParameterValue", 400, "Total VisibilityTimeout is beyond the limit [43200 seconds]"),
            errc::rejected);
}

TEST(fault, of_a_thing_that_is_gone_is_not_found) {
  EXPECT_EQ(meaning_of("InvalidInstanceID.NotFound"), errc::not_found);
  EXPECT_EQ(meaning_of("ServiceNotFoundException"), errc::not_found);
  EXPECT_EQ(meaning_of("TargetGroupNotFound"), errc::not_found);
  EXPECT_EQ(meaning_of("InvalidTarget"), errc::not_found);
  EXPECT_EQ(meaning_of("InvalidAMIID.NotFound"), errc::not_found);
  EXPECT_EQ(meaning_of("InvalidSnapshot.NotFound"), errc::not_found);
  EXPECT_EQ(meaning_of("ParameterNotFound"), errc::not_found);
  EXPECT_EQ(meaning_of("InvocationDoesNotExist"), errc::not_found);
  EXPECT_EQ(meaning_of("InvalidInstanceId"), errc::not_found);
  EXPECT_EQ(meaning_of("ClientException", 400, "Unable to describe task definition."), errc::not_found);
  EXPECT_EQ(meaning_of("InvalidParameterException", 400, "The referenced container instance was not found."),
            errc::not_found);
  EXPECT_EQ(meaning_of("InvalidParameterException", 400, "The referenced task was not found."), errc::not_found);
}

TEST(fault, of_what_passes_as_others_end_theirs_is_an_outage) {
  EXPECT_EQ(meaning_of("OverLimit"), errc::throttled);
  EXPECT_EQ(meaning_of("TransactionConflictException"), errc::unreachable);
}

TEST(fault, of_any_other_kind_is_rejected) {
  EXPECT_EQ(meaning_of("ClientException"), errc::rejected);
  EXPECT_EQ(meaning_of("InvalidParameterException", 400, "tasks are running"), errc::rejected);
  for (const auto* const code :
       {"InvalidAMIName.Duplicate", "IncorrectInstanceState", "IncorrectState", "InvalidAMIID.Unavailable",
        "InvalidSnapshot.InUse", "ConditionalCheckFailedException", "ConflictException", "InvalidDocument"})
    EXPECT_EQ(meaning_of(code), errc::rejected) << code;
  EXPECT_EQ(meaning_of("SomethingNew", 409), errc::rejected);
}

TEST(fault, without_a_code_did_not_come_from_aws) { EXPECT_EQ(meaning_of("", 404), errc::unreachable); }

TEST(fault, becomes_an_error_that_keeps_the_code_and_says_why) {
  const auto made = to_error({"ValidationError", "bad name"}, 400);

  EXPECT_EQ(made.code(), errc::rejected);
  EXPECT_EQ(made.aws_code(), "ValidationError");
  EXPECT_EQ(made.what(), "ValidationError: bad name");
}

TEST(fault, shows_only_the_beginning_of_a_token) {
  const auto made = to_error(
      {"ValidationError", "No active Lifecycle Action found with token 87654321-1111-2222-3333-444455556666"}, 400);

  EXPECT_THAT(made.what(), HasSubstr("with token 87654321..."));
  EXPECT_THAT(made.what(), Not(HasSubstr("1111")));
}

TEST(fault, shows_only_the_beginning_of_a_token_that_is_no_token) {
  const auto made = to_error({"ValidationError",
                              "1 validation error detected: Value '87654321-1111-2222-3333-444455556666-x' at "
                              "'lifecycleActionToken' failed to satisfy constraint"},
                             400);

  EXPECT_THAT(made.what(), HasSubstr("Value '87654321...' at 'lifecycleActionToken' failed"));
  EXPECT_THAT(made.what(), Not(HasSubstr("1111")));
}

TEST(fault, of_a_refused_signature_does_not_repeat_the_request) {
  const std::string advice =
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
      "and signing method. Consult the service documentation for details.";
  const std::string canonical =
      "\n\nThe Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:IQoJb3JpZ2lu\n'";
  const std::string to_sign = "\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260115T120000Z'\n";

  for (const auto& echo : {canonical + to_sign, canonical, to_sign}) {
    const auto made = to_error({"SignatureDoesNotMatch", advice + echo}, 403);

    EXPECT_EQ(made.what(), "SignatureDoesNotMatch: " + advice);
  }
  EXPECT_EQ(to_error({"SignatureDoesNotMatch", canonical}, 403).what(), "SignatureDoesNotMatch");
}

TEST(fault, of_an_authorization_header_that_aws_cannot_read_does_not_repeat_it) {
  const auto made = to_error({"IncompleteSignature",
                              "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 "
                              "Credential=AKIDEXAMPLE/20260115/eu-west-1/sqs/aws4_request"},
                             400);

  EXPECT_EQ(made.what(), "IncompleteSignature: Authorization header requires 'Signature' parameter.");
}

TEST(fault, has_a_label_that_cannot_grow_without_bound) {
  EXPECT_EQ(code_label("InvalidInstanceID.NotFound", 400), "InvalidInstanceID.NotFound");
  EXPECT_EQ(code_label("", 503), "503");
  EXPECT_EQ(code_label(std::string(65, 'x'), 400), "other");
  EXPECT_EQ(code_label("what is this", 400), "other");
}

}  // namespace
}  // namespace lifehook::aws
