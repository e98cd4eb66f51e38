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
  return with.tell(services::elbv2, "DeregisterTargets", std::move(parameters));
}

bool is_unknown_target(const result<>& answer) {
  return answer.has_error() && answer.error().aws_code() == "InvalidTarget";
}

// One unknown target refuses the whole list: the others may still be registered. An outage is of all that are left.
task<std::vector<result<>>> deregister_each(client& with, std::string target_group, std::vector<target> targets) {
  std::vector<result<>> ends;
  for (const auto& each : targets) {
    if (!ends.empty() && ends.back().has_error() && is_outage(ends.back().error().code())) break;
    auto done = co_await deregister_all(with, target_group, {each});
    ends.push_back(is_unknown_target(done) ? result<>() : std::move(done));
  }
  const auto last = ends.back();
  ends.resize(targets.size(), last);
  co_return ends;
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

task<result<std::vector<result<>>>> elbv2::deregister(std::string target_group, std::vector<target> targets) {
  if (targets.empty()) co_return std::vector<result<>>();
  const auto answer = co_await deregister_all(client_, target_group, targets);
  if (is_unknown_target(answer) && targets.size() > 1)
    co_return co_await deregister_each(client_, std::move(target_group), std::move(targets));
  if (answer.has_error() && !is_unknown_target(answer)) co_return answer.error();
  co_return std::vector<result<>>(targets.size(), result<>());
}

}  // namespace lifehook::aws
