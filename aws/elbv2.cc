#include "aws/elbv2.h"

#include "aws/fault.h"
#include "aws/services.h"
#include "aws/xml.h"

namespace lifehook::aws {

namespace {

result<target_health> read_health(xml_element from) {
  const auto of = from.child("Target");
  const auto health = from.child("TargetHealth");
  target_health read{.of = {.id = std::string(of.text("Id")), .port = of.number("Port")},
                     .state = std::string(health.text("State")),
                     .reason = std::string(health.text("Reason"))};
  if (read.of.id.empty() || read.state.empty()) return unreadable_answer("a target", "its id and state");
  return read;
}

// No targets are a list too: nothing may be taken for drained because it was not mentioned.
result<std::vector<target_health>> read_targets(xml_element from) {
  if (!from.child("TargetHealthDescriptions")) return unreadable_answer("an answer", "TargetHealthDescriptions");
  std::vector<target_health> found;
  for (const auto each : from.list("TargetHealthDescriptions")) {
    auto one = read_health(each);
    if (!one) return std::move(one).error();
    found.push_back(*std::move(one));
  }
  return found;
}

task<result<>> deregister_all(client& with, std::string target_group, std::vector<target> targets) {
  query_parameters parameters{{"TargetGroupArn", std::move(target_group)}};
  std::size_t nth = 0;
  for (const auto& each : targets) {
    const auto member = "Targets.member." + std::to_string(++nth);
    parameters.emplace_back(member + ".Id", each.id);
    if (each.port) parameters.emplace_back(member + ".Port", std::to_string(*each.port));
  }
  auto answer = co_await with.call(services::elbv2, "DeregisterTargets", std::move(parameters));
  if (!answer) co_return std::move(answer).error();
  co_return result<>();
}

bool is_unknown_target(const result<>& answer) {
  return answer.has_error() && answer.error().aws_code() == "InvalidTarget";
}

}  // namespace

task<result<std::vector<target_health>>> elbv2::targets(std::string target_group) {
  query_parameters parameters{{"TargetGroupArn", std::move(target_group)}};
  auto answer = co_await client_.call(services::elbv2, "DescribeTargetHealth", std::move(parameters));
  if (!answer) co_return std::move(answer).error();
  auto read = read_targets(answer->query_result());
  if (!read) co_return std::move(read).error().in("DescribeTargetHealth");
  co_return read;
}

task<result<>> elbv2::deregister(std::string target_group, std::vector<target> targets) {
  if (targets.empty()) co_return result<>();
  auto answer = co_await deregister_all(client_, target_group, targets);
  if (!is_unknown_target(answer)) co_return answer;
  if (targets.size() == 1) co_return result<>();
  // One unknown target refuses the whole list: the others may still be registered.
  for (const auto& each : targets) {
    auto done = co_await deregister_all(client_, target_group, {each});
    if (done.has_error() && !is_unknown_target(done)) co_return done;
  }
  co_return result<>();
}

}  // namespace lifehook::aws
