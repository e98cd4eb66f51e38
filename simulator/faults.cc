#include "simulator/faults.h"

#include "simulator/json_body.h"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace lifehook::simulator {
namespace {

using boost::json::object;

constexpr std::array<std::pair<std::string_view, fault_kind>, 8> kinds{
    {{"throttle", fault_kind::throttle},
     {"server_error", fault_kind::server_error},
     {"reset", fault_kind::reset},
     {"lost_answer", fault_kind::lost_answer},
     {"delay", fault_kind::delay},
     {"expired_credentials", fault_kind::expired_credentials},
     {"access_denied", fault_kind::access_denied},
     {"clock_skew", fault_kind::clock_skew}}};

bool covers(std::string_view pattern, std::string_view name) { return pattern == "*" || pattern == name; }

bool in_force(const fault_rule& rule, time_point now) {
  return (!rule.from || now >= *rule.from) && (!rule.until || now < *rule.until);
}

bool speaks_json(std::string_view service) {
  return service == "sqs" || service == "ecs" || service == "dynamodb" || service == "ssm";
}

fault unreadable(std::string_view why) { return {400, "ValidationError", fmt::format("fault rules: {}", why)}; }

std::string text_or(const object& from, std::string_view name, std::string_view fallback) {
  const auto* value = from.if_contains(name);
  return std::string(value && value->is_string() ? std::string_view(value->get_string()) : fallback);
}

std::optional<double> number(const object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  boost::system::error_code failed;
  if (!value || !value->is_number()) return std::nullopt;
  return value->to_number<double>(failed);
}

boost::system::result<fault_rule, fault> read_rule(const boost::json::value& written, time_point now) {
  const auto* from = written.if_object();
  if (!from) return unreadable("a rule is an object");
  const auto named = text_or(*from, "kind", "");
  const auto kind = std::ranges::find(kinds, std::string_view(named), &std::pair<std::string_view, fault_kind>::first);
  if (kind == kinds.end()) return unreadable(fmt::format("unknown kind \"{}\"", named));
  constexpr std::array<std::string_view, 6> known{"kind", "service", "action", "share", "seconds", "delay"};
  for (const auto& each : *from)
    if (std::ranges::find(known, std::string_view(each.key())) == known.end())
      return unreadable(fmt::format("unknown key \"{}\"", std::string_view(each.key())));
  fault_rule rule;
  rule.kind = kind->second;
  rule.service = text_or(*from, "service", "*");
  rule.action = text_or(*from, "action", "*");
  rule.share = number(*from, "share").value_or(1.0);
  if (!(rule.share >= 0 && rule.share <= 1)) return unreadable("share is from 0 to 1");
  const auto delay = seconds_of(*from, "delay");
  const bool needs_delay = rule.kind == fault_kind::delay || rule.kind == fault_kind::clock_skew;
  if (needs_delay && !delay) return unreadable(fmt::format("{} wants \"delay\": SECONDS", named));
  rule.delay = delay.value_or(duration::zero());
  if (const auto span = seconds_of(*from, "seconds")) rule.until = now + *span;
  return rule;
}

}  // namespace

std::optional<fault_rule> faults::strike(std::string_view service, std::string_view action, time_point now) {
  std::uniform_real_distribution<double> draw(0, 1);
  for (const auto& rule : rules_) {
    if (!covers(rule.service, service) || !covers(rule.action, action) || !in_force(rule, now)) continue;
    if (rule.share >= 1.0 || draw(random_) < rule.share) return rule;
  }
  return std::nullopt;
}

boost::system::result<std::vector<fault_rule>, fault> read_fault_rules(std::string_view json, time_point now) {
  boost::system::error_code failed;
  const auto written = boost::json::parse(json, failed);
  const auto* top = failed ? nullptr : written.if_object();
  const auto* list = top ? top->if_contains("rules") : nullptr;
  if (!list || !list->is_array()) return unreadable("expected {\"rules\":[...]}");
  std::vector<fault_rule> rules;
  for (const auto& each : list->get_array()) {
    auto rule = read_rule(each, now);
    if (rule.has_error()) return std::move(rule).error();
    rules.push_back(std::move(*rule));
  }
  return rules;
}

fault throttling_of(std::string_view service) {
  if (service == "sqs") return {403, "RequestThrottled", "Request is throttled."};
  if (service == "ec2") return {503, "RequestLimitExceeded", "Request limit exceeded."};
  if (speaks_json(service)) return {400, "ThrottlingException", "Rate exceeded"};
  return {400, "Throttling", "Rate exceeded"};
}

namespace {

// EC2 has words of its own for the refusals all services know.
std::optional<fault> shown_by_ec2(fault_kind kind) {
  switch (kind) {
    case fault_kind::expired_credentials: return fault{400, "RequestExpired", "Request has expired."};
    case fault_kind::access_denied:
      return fault{403, "UnauthorizedOperation", "You are not authorized to perform this operation."};
    case fault_kind::clock_skew:
      return fault{401, "AuthFailure", "AWS was not able to validate the provided access credentials"};
    case fault_kind::server_error: return fault{500, "InternalError", "An internal error has occurred"};
    case fault_kind::throttle:
    case fault_kind::reset:
    case fault_kind::lost_answer:
    case fault_kind::delay: break;
  }
  return std::nullopt;
}

}  // namespace

fault shown_as(fault_kind kind, const request& struck) {
  if (struck.service == "ec2")
    if (auto own = shown_by_ec2(kind)) return *std::move(own);
  const bool json = speaks_json(struck.service);
  switch (kind) {
    case fault_kind::throttle: return throttling_of(struck.service);
    case fault_kind::expired_credentials:
      return {json ? 400 : 403, json ? "ExpiredTokenException" : "ExpiredToken",
              "The security token included in the request is expired"};
    case fault_kind::access_denied:
      return {
          json ? 400 : 403, json ? "AccessDeniedException" : "AccessDenied",
          fmt::format("User: arn:aws:sts::111122223333:assumed-role/worker/session is not authorized to perform: {}:{}",
                      struck.service, struck.action)};
    case fault_kind::clock_skew:
      return {json ? 400 : 403, json ? "InvalidSignatureException" : "SignatureDoesNotMatch",
              "Signature expired: the time of the request is too far from the time of the service"};
    case fault_kind::server_error:
    case fault_kind::reset:
    case fault_kind::lost_answer:
    case fault_kind::delay: break;
  }
  if (struck.service == "ecs") return {500, "ServerException", "Service Unavailable. Please try again later."};
  if (struck.service == "dynamodb" || struck.service == "ssm")
    return {500, "InternalServerError", "Internal server error"};
  return {500, "InternalFailure", "The request processing has failed because of an unknown error."};
}

}  // namespace lifehook::simulator
