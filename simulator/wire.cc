#include "simulator/wire.h"

#include "base/time_text.h"
#include "simulator/crc32.h"
#include "simulator/form.h"
#include "simulator/query_xml.h"

#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace lifehook::simulator {
namespace {

struct wire_row {
  std::string_view service;
  wire_protocol speaks;
  std::string_view target_prefix;  // of JSON services
  std::string_view version;        // of Query services
  std::string_view xml_namespace;
};
constexpr std::array<wire_row, 10> rows{
    {{"sqs", wire_protocol::json_1_0, "AmazonSQS.", "", ""},
     {"ecs", wire_protocol::json_1_1, "AmazonEC2ContainerServiceV20141113.", "", ""},
     {"dynamodb", wire_protocol::json_1_0, "DynamoDB_20120810.", "", ""},
     {"ssm", wire_protocol::json_1_1, "AmazonSSM.", "", ""},
     {"events", wire_protocol::json_1_1, "AWSEvents.", "", ""},
     {"autoscaling", wire_protocol::query, "", "2011-01-01", "http://autoscaling.amazonaws.com/doc/2011-01-01/"},
     {"sns", wire_protocol::query, "", "2010-03-31", "http://sns.amazonaws.com/doc/2010-03-31/"},
     {"sts", wire_protocol::query, "", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"},
     {"elasticloadbalancing", wire_protocol::query, "", "2015-12-01",
      "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"},
     {"ec2", wire_protocol::ec2_query, "", "2016-11-15", "http://ec2.amazonaws.com/doc/2016-11-15/"}}};

// Query actions without a result element; all others have one, be it empty.
constexpr std::array<std::string_view, 7> void_actions{"CreateAutoScalingGroup",
                                                       "UpdateAutoScalingGroup",
                                                       "DeleteAutoScalingGroup",
                                                       "SetDesiredCapacity",
                                                       "CreateOrUpdateTags",
                                                       "SetInstanceHealth",
                                                       "DeleteTags"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view any_case, std::string_view lower_case) {
  return std::ranges::equal(any_case, lower_case, {}, lower);
}

const wire_row* row_named(std::string_view service) {
  const auto row = std::ranges::find(rows, service, &wire_row::service);
  return row == rows.end() ? nullptr : &*row;
}

// "sqs" of "AWS4-HMAC-SHA256 Credential=AKID/20260302/eu-west-1/sqs/aws4_request, ..."; empty when it does not read so.
std::string_view scope_service(std::string_view authorization) {
  constexpr std::string_view key = "Credential=", end = "/aws4_request";
  const auto begin = authorization.find(key);
  if (!authorization.starts_with("AWS4-") || begin == std::string_view::npos) return {};
  auto scope = authorization.substr(begin + key.size());
  scope = scope.substr(0, scope.find(','));
  if (!scope.ends_with(end)) return {};
  scope.remove_suffix(end.size());
  const auto slash = scope.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : scope.substr(slash + 1);
}

boost::system::result<void, fault> check_signed(std::string_view authorization) {
  if (authorization.empty()) return fault{403, "MissingAuthenticationToken", "Request is missing Authentication Token"};
  if (scope_service(authorization).empty())
    return fault{403, "IncompleteSignature", "Authorization header requires a Credential with the scope of a service"};
  return {};
}

arrival read_json(const aws::http_request& received, std::string_view target) {
  arrival outcome{{}, fault{400, "UnknownOperationException", "The operation is unknown"}};
  const auto row = std::ranges::find_if(
      rows, [&](const auto& each) { return !each.target_prefix.empty() && target.starts_with(each.target_prefix); });
  if (row == rows.end()) return outcome;
  outcome.spoken = {row->speaks, row->service, std::string(target.substr(row->target_prefix.size())),
                    same_name(header_of(received, "x-amzn-query-mode"), "true")};
  if (auto allowed = check_signed(header_of(received, "authorization")); allowed.has_error()) {
    outcome.asked = std::move(allowed).error();
    return outcome;
  }
  boost::system::error_code failed;
  auto body =
      boost::json::parse(received.body.empty() ? std::string_view("{}") : std::string_view(received.body), failed);
  if (failed || !body.is_object()) {
    outcome.asked = fault{400, "SerializationException", "The body is not a JSON object"};
    return outcome;
  }
  outcome.asked = request{std::string(row->service), outcome.spoken.action, std::move(body.get_object()), {}};
  return outcome;
}

const wire_row* query_row(std::string_view scope, std::string_view version) {
  if (const auto* row = row_named(scope)) return row;
  const auto row =
      std::ranges::find_if(rows, [&](const auto& each) { return !version.empty() && each.version == version; });
  return scope.empty() && row != rows.end() ? &*row : nullptr;
}

arrival read_query(const aws::http_request& received) {
  auto form = read_form(received.body);
  const auto authorization = header_of(received, "authorization");
  const auto action = std::exchange(form["Action"], {});
  const auto version = std::exchange(form["Version"], {});
  form.erase("Action");
  form.erase("Version");
  arrival outcome{
      {wire_protocol::query, "", action, false},
      fault{400, "InvalidAction", fmt::format("Could not find operation {} for version {}", action, version)}};
  const auto* row = query_row(scope_service(authorization), version);
  if (row) outcome.spoken.service = row->service;
  if (row && row->speaks == wire_protocol::ec2_query) outcome.spoken.speaks = row->speaks;
  const bool is_open = row && row->service == "sts" && action == "AssumeRoleWithWebIdentity";
  if (auto allowed = check_signed(authorization); allowed.has_error() && !is_open) {
    outcome.asked = std::move(allowed).error();
    return outcome;
  }
  if (!row || !row->target_prefix.empty() || action.empty()) return outcome;
  outcome.asked = request{std::string(row->service), action, {}, std::move(form)};
  return outcome;
}

// SQS callers of old compare on the codes its Query protocol had.
std::string query_code(std::string_view code) {
  constexpr std::string_view old = "AWS.SimpleQueueService.";
  constexpr std::array<std::string_view, 7> prefixed{
      "EmptyBatchRequest",   "TooManyEntriesInBatchRequest", "BatchEntryIdsNotDistinct", "InvalidBatchEntryId",
      "BatchRequestTooLong", "MessageNotInflight",           "PurgeQueueInProgress"};
  if (code == "QueueDoesNotExist") return std::string(old).append("NonExistentQueue");
  if (code == "QueueNameExists") return "QueueAlreadyExists";
  const bool is_prefixed = std::ranges::find(prefixed, code) != prefixed.end();
  return std::string(is_prefixed ? old : "").append(code);
}

// SSM capitalises its own errors' member, not that of the errors all services have.
std::string_view said_in(std::string_view service, std::string_view code) {
  return service == "ssm" && !code.ends_with("Exception") ? "Message" : "message";
}

std::string shape_of(std::string_view service, std::string_view code) {
  if (service == "sqs") return fmt::format("com.amazonaws.sqs#{}", code);
  if (service != "dynamodb") return std::string(code);
  if (code == "ValidationException") return "com.amazon.coral.validate#ValidationException";
  return fmt::format("com.amazonaws.dynamodb.v20120810#{}", code);
}

void write_json(const dialect& to, const answered& said, aws::http_response& out) {
  const auto* type = to.speaks == wire_protocol::json_1_0 ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1";
  out.headers.emplace_back("content-type", type);
  if (said.has_value()) {
    if (!said->json.is_null()) out.body = boost::json::serialize(said->json);
    return;
  }
  const auto& why = said.error();
  if (to.service != "dynamodb") out.headers.emplace_back("x-amzn-errortype", why.code);
  if (to.query_errors && to.service == "sqs")
    out.headers.emplace_back("x-amzn-query-error", query_code(why.code) + (why.status < 500 ? ";Sender" : ";Receiver"));
  boost::json::object body{{"__type", shape_of(to.service, why.code)}, {said_in(to.service, why.code), why.message}};
  for (const auto& [name, each] : why.details) body.emplace(name, each);
  out.body = boost::json::serialize(body);
}

std::string error_xml(const fault& why, const answer_stamp& stamp, std::string_view xml_namespace) {
  query_xml inside;
  inside.open("Error").text("Type", why.status < 500 ? "Sender" : "Receiver");
  inside.text("Code", why.code).text("Message", why.message).close("Error").text("RequestId", stamp.request_id);
  return fmt::format("<ErrorResponse xmlns=\"{}\">{}</ErrorResponse>", xml_namespace, std::move(inside).take());
}

void write_query(const dialect& to, const answered& said, const answer_stamp& stamp, aws::http_response& out) {
  const auto* row = row_named(to.service);
  const auto xml_namespace = row ? row->xml_namespace : std::string_view();
  out.headers.emplace_back("content-type", "text/xml");
  if (said.has_error()) {
    out.body = error_xml(said.error(), stamp, xml_namespace);
    return;
  }
  const bool is_void = std::ranges::find(void_actions, to.action) != void_actions.end();
  const auto inside = is_void ? std::string() : fmt::format("<{0}Result>{1}</{0}Result>", to.action, said->xml);
  out.body = fmt::format(
      "<{0}Response xmlns=\"{1}\">{2}<ResponseMetadata><RequestId>{3}</RequestId></ResponseMetadata></{0}Response>",
      to.action, xml_namespace, inside, stamp.request_id);
}

// EC2 has a shape of its own: no result element, and errors without a type.
void write_ec2(const dialect& to, const answered& said, const answer_stamp& stamp, aws::http_response& out) {
  constexpr std::string_view prolog = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out.headers.emplace_back("content-type", "text/xml;charset=UTF-8");
  if (said.has_value()) {
    out.body = fmt::format("{0}<{1}Response xmlns=\"{2}\"><requestId>{3}</requestId>{4}</{1}Response>", prolog,
                           to.action, row_named(to.service)->xml_namespace, stamp.request_id, said->xml);
    return;
  }
  query_xml inside;
  inside.open("Response").open("Errors").open("Error");
  inside.text("Code", said.error().code).text("Message", said.error().message);
  inside.close("Error").close("Errors").text("RequestID", stamp.request_id).close("Response");
  out.body = std::string(prolog) + std::move(inside).take();
}

}  // namespace

std::string_view path_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (url.starts_with('/') || scheme == std::string_view::npos) return url;
  const auto slash = url.find('/', scheme + 3);
  return slash == std::string_view::npos ? std::string_view("/") : url.substr(slash);
}

std::string_view header_of(const aws::http_request& request, std::string_view lower_case_name) {
  for (const auto& [name, value] : request.headers)
    if (same_name(name, lower_case_name)) return value;
  return {};
}

std::optional<time_point> signing_time(const aws::http_request& request) {
  const auto text = header_of(request, "x-amz-date");
  if (text.size() != 16) return std::nullopt;
  return parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2),
                                   text.substr(9, 2), text.substr(11, 2), text.substr(13)));
}

std::string http_date(time_point when) {
  constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", day_names[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

arrival read_request(const aws::http_request& received) {
  const auto target = header_of(received, "x-amz-target");
  return target.empty() ? read_query(received) : read_json(received, target);
}

aws::http_response write_answer(const dialect& to, const answered& said, const answer_stamp& stamp) {
  aws::http_response out;
  out.status = said.has_value() ? 200 : said.error().status;
  out.headers.reserve(6);
  out.headers.emplace_back("x-amzn-requestid", stamp.request_id);
  out.headers.emplace_back("date", http_date(stamp.date));
  if (to.speaks == wire_protocol::query) {
    write_query(to, said, stamp, out);
  } else if (to.speaks == wire_protocol::ec2_query) {
    write_ec2(to, said, stamp, out);
  } else {
    write_json(to, said, out);
    if (to.service == "dynamodb") out.headers.emplace_back("x-amz-crc32", std::to_string(crc32(out.body)));
  }
  return out;
}

}  // namespace lifehook::simulator
