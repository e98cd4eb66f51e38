#include "aws/fault.h"

#include "aws/xml.h"

#include <boost/algorithm/string/find.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace lifehook::aws {

namespace {

namespace json = boost::json;
using boost::algorithm::icontains;
using boost::algorithm::istarts_with;

struct row {
  std::string_view code;
  errc meaning;
};

// Sorted by code in bytes.
constexpr std::array rows = std::to_array<row>({
    {"AWS.SimpleQueueService.NonExistentQueue", errc::denied},
    {"AccessDenied", errc::denied},
    {"AccessDeniedException", errc::denied},
    {"AuthFailure", errc::denied},
    {"AuthorizationError", errc::denied},
    {"BandwidthLimitExceeded", errc::throttled},
    {"Blocked", errc::denied},
    {"BlockedException", errc::denied},
    {"ClusterNotFound", errc::denied},
    {"ClusterNotFoundException", errc::denied},
    {"ConcurrentSnapshotLimitExceeded", errc::unreachable},  // passes as the volume's snapshots end: not our call rate
    {"EC2ThrottledException", errc::throttled},
    {"ExpiredToken", errc::denied},
    {"ExpiredTokenException", errc::denied},
    {"HealthUnavailable", errc::unreachable},
    {"IDPCommunicationError", errc::unreachable},
    {"IDPRejectedClaim", errc::denied},
    {"IncompleteSignature", errc::denied},
    {"InternalError", errc::unreachable},
    {"InternalFailure", errc::unreachable},
    {"InternalServerError", errc::unreachable},
    {"InvalidAccessKeyId", errc::denied},
    {"InvalidClientTokenId", errc::denied},
    {"InvalidIdentityToken", errc::denied},
    {"InvalidInstanceId", errc::not_found},  // SSM's, of an instance whose agent it does not hear
    {"InvalidSecurity", errc::denied},
    {"InvalidSignatureException", errc::denied},
    {"InvalidTarget", errc::not_found},
    {"InvocationDoesNotExist", errc::not_found},
    {"KMSThrottling", errc::throttled},
    {"KmsThrottled", errc::throttled},
    {"LimitExceededException", errc::throttled},
    {"MessageNotInflight", errc::not_found},
    {"MissingAuthenticationToken", errc::denied},
    {"MissingAuthenticationTokenException", errc::denied},
    {"NotFound", errc::denied},  // SNS's unknown topic
    {"OptInRequired", errc::denied},
    {"OverLimit", errc::throttled},  // too many messages in flight: passes as others settle theirs
    {"PendingSnapshotLimitExceeded", errc::unreachable},
    {"PendingVerification", errc::denied},
    {"PriorRequestNotComplete", errc::throttled},
    {"ProvisionedThroughputExceededException", errc::throttled},
    {"QueueDoesNotExist", errc::denied},
    {"ReceiptHandleIsInvalid", errc::not_found},
    {"RegionDisabledException", errc::denied},
    {"ReplicatedWriteConflictException", errc::unreachable},
    {"RequestExpired", errc::denied},
    {"RequestLimitExceeded", errc::throttled},
    {"RequestThrottled", errc::throttled},
    {"RequestThrottledException", errc::throttled},
    {"RequestTimeTooSkewed", errc::denied},
    {"RequestTimeout", errc::unreachable},
    {"RequestTimeoutException", errc::unreachable},
    {"ResourceContention", errc::unreachable},
    {"ResourceNotFoundException", errc::denied},       // DynamoDB's unknown table
    {"ScalingActivityInProgress", errc::unreachable},  // passes when the group's activity ends: not our call rate
    {"ServerException", errc::unreachable},
    {"ServiceUnavailable", errc::unreachable},
    {"SignatureDoesNotMatch", errc::denied},
    {"SlowDown", errc::throttled},
    {"SnapshotCreationPerVolumeRateExceeded", errc::unreachable},
    {"SubscriptionRequiredException", errc::denied},
    {"ThrottledException", errc::throttled},
    {"Throttling", errc::throttled},
    {"ThrottlingException", errc::throttled},
    {"TooManyRequestsException", errc::throttled},
    {"TooManyUpdates", errc::throttled},
    {"TransactionConflictException", errc::unreachable},
    {"TransactionInProgressException", errc::throttled},
    {"UnauthorizedOperation", errc::denied},
    {"Unavailable", errc::unreachable},
    {"UnrecognizedClientException", errc::denied},
});

static_assert(std::is_sorted(rows.begin(), rows.end(), [](const row& a, const row& b) { return a.code < b.code; }));

const row* find(std::string_view code) {
  const auto place = std::lower_bound(rows.begin(), rows.end(), code,
                                      [](const row& each, std::string_view wanted) { return each.code < wanted; });
  return place != rows.end() && place->code == code ? &*place : nullptr;
}

// Auto Scaling refuses everything with one code. A group that is not there, an instance that is not (or no longer) its.
bool group_says_it_is_gone(const std::string& message) {
  return istarts_with(message, "No active Lifecycle Action found") ||
         istarts_with(message, "AutoScalingGroup name not found") ||
         istarts_with(message, "AutoScalingGroup not found") || istarts_with(message, "Instance Id not found") ||
         icontains(message, "is not part of Auto Scaling group") ||
         icontains(message, "is not in InService or Standby");
}

// AWS has codes that mean several things; then only the message tells.
bool says_it_is_gone(const fault& of) {
  if (of.code == "ValidationError") return group_says_it_is_gone(of.message);
  if (of.code == "InvalidParameterValue")
    return (icontains(of.message, "receipt handle") && icontains(of.message, "expired")) ||
           icontains(of.message, "does not exist or is not available");
  if (of.code == "InvalidParameterException" || of.code == "ClientException")
    return icontains(of.message, "was not found") || icontains(of.message, "not found.") ||
           icontains(of.message, "Unable to describe task definition");
  return false;
}

// DynamoDB's words for a table whose key is not the one we write: a person must make another table.
bool says_the_table_is_of_another_kind(const fault& of) {
  return of.code == "ValidationException" &&
         (icontains(of.message, "does not match the schema") || icontains(of.message, "Missing the key") ||
          icontains(of.message, "Type mismatch for key") || icontains(of.message, "number of conditions on the keys"));
}

bool names_something_missing(std::string_view code) {
  return code.ends_with("NotFound") || code.ends_with("NotFoundException") || code.ends_with("NotFoundFault");
}

errc meaning_of_status(int status) {
  if (status == 401 || status == 403 || status == 407) return errc::denied;
  return status == 429 ? errc::throttled : errc::unreachable;
}

// "com.amazonaws.sqs#QueueDoesNotExist:http://..." carries the code in the middle.
std::string short_code(std::string_view text) {
  if (const auto hash = text.find('#'); hash != std::string_view::npos) text.remove_prefix(hash + 1);
  return std::string(text.substr(0, text.find(':')));
}

std::string first_text(const json::object& in, std::initializer_list<std::string_view> names) {
  for (const auto name : names)
    if (const auto* const value = in.if_contains(name); value != nullptr && value->is_string())
      return std::string(value->get_string());
  return {};
}

fault read_json(const http_response& answer) {
  boost::system::error_code failed;
  const auto body = json::parse(answer.body, failed);
  if (failed || !body.is_object()) return {};
  const auto& fields = body.get_object();
  return {short_code(first_text(fields, {"__type", "code"})), first_text(fields, {"message", "Message"})};
}

fault read_xml(const http_response& answer) {
  const auto document = xml_document::parse(answer.body);
  if (!document) return {};
  const auto root = document->root();
  const auto of_query = root.child("Error");
  const auto found = of_query ? of_query : root.child("Errors").child("Error");
  return {short_code(found.text("Code")), std::string(found.text("Message"))};
}

// The word that begins at `start`, cut to what may be shown of a token.
void cut(std::string& message, std::size_t start, const char* ends) {
  constexpr std::size_t shown = 8;
  const auto end = std::min(message.find_first_of(ends, start), message.size());
  if (end > start + shown) message.replace(start + shown, end - start - shown, "...");
}

// "... with token 87654321-..." and "Value '87654321-...' at 'lifecycleActionToken' failed ...".
std::string without_tokens(std::string message) {
  constexpr std::string_view value = "'";
  if (const auto named = boost::algorithm::ifind_first(message, "' at 'lifecycleActionToken'"); !named.empty()) {
    const auto end = static_cast<std::size_t>(named.begin() - message.begin());
    if (const auto open = message.substr(0, end).rfind(value); open != std::string::npos)
      cut(message, open + value.size(), "'");
  }
  const auto found = boost::algorithm::ifind_first(message, "token ");
  if (!found.empty()) cut(message, static_cast<std::size_t>(found.end() - message.begin()), " .,;)");
  return message;
}

// A refused signature comes with the request as AWS saw it, session token and all, or with the header it could not
// read.
std::string without_request(std::string message) {
  for (const auto* const echo : {"The Canonical String", "The String-to-Sign", "Authorization="}) {
    const auto found = boost::algorithm::ifind_first(message, echo);
    if (!found.empty()) message.erase(found.begin(), message.end());
  }
  message.erase(message.find_last_not_of(" \t\r\n") + 1);
  return message;
}

std::string shown(const std::string& message) {
  constexpr std::size_t longest = 500;
  return without_tokens(without_request(message)).substr(0, longest);
}

}  // namespace

fault read_fault(const http_response& answer) {
  const auto start = answer.body.find_first_not_of(" \t\r\n");
  const char first = start == std::string::npos ? '\0' : answer.body[start];
  fault found;
  if (first == '{') found = read_json(answer);
  if (first == '<') found = read_xml(answer);
  if (const auto header = answer.header("x-amzn-errortype"); !header.empty()) found.code = short_code(header);
  return found;
}

errc meaning(const fault& of, int status) {
  if (const auto* const known = find(of.code)) return known->meaning;
  if (of.code.starts_with("Kms") || of.code.starts_with("KMS")) return errc::denied;
  if (status >= 500) return errc::unreachable;
  if (of.code.empty()) return meaning_of_status(status);
  if (says_the_table_is_of_another_kind(of)) return errc::denied;
  if (says_it_is_gone(of) || names_something_missing(of.code)) return errc::not_found;
  if (status == 401 || status == 403 || status == 407) return errc::denied;
  return status == 429 ? errc::throttled : errc::rejected;
}

std::string_view word_for(const error& why) {
  const bool is_missing = why.code() == errc::denied && names_something_missing(why.aws_code());
  return is_missing ? "not_there" : name(why.code());
}

error to_error(const fault& of, int status) {
  std::string what = of.code.empty() ? "HTTP " + std::to_string(status) : of.code;
  if (const auto message = shown(of.message); !message.empty()) what.append(": ").append(message);
  return {meaning(of, status), std::move(what), of.code};
}

error unreadable_answer(std::string_view what, std::string_view missing) {
  return {errc::unreachable, std::string(what).append(" without ").append(missing), {}};
}

std::string code_label(std::string_view code, int status) {
  constexpr std::size_t longest = 64;
  if (code.empty()) return std::to_string(status);
  const bool plain = std::all_of(code.begin(), code.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
  return plain && code.size() <= longest ? std::string(code) : "other";
}

}  // namespace lifehook::aws
