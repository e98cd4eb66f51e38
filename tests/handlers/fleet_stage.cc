#include "tests/handlers/fleet_stage.h"

#include "tests/support/web_fleet.h"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace lifehook::handlers {

namespace {

std::string operation_of(const aws::http_request& request) {
  for (const auto& [name, value] : request.headers)
    if (name == "x-amz-target" || name == "X-Amz-Target") return value.substr(value.find('.') + 1);
  constexpr std::string_view key = "Action=";
  const auto begin = request.body.find(key);
  if (begin == std::string::npos) return {};
  return request.body.substr(begin + key.size(), request.body.find('&', begin) - begin - key.size());
}

}  // namespace

task<result<aws::http_response>> tapped_wire::send(aws::http_request request) {
  const seen_call call{operation_of(request), request.body, clock_.now()};
  calls.push_back(call);
  if (latency > duration::zero()) co_await clock_.sleep_for(latency);
  if (const auto longer = slow ? slow(call) : duration::zero(); longer > duration::zero())
    co_await clock_.sleep_for(longer);
  if (instead)
    if (auto own = instead(call)) {
      if (own->body.size() > request.max_body) co_return error{errc::too_large, "the answer is too large"};
      co_return *std::move(own);
    }
  auto answer = co_await behind_.send(std::move(request));
  if (answer.has_value()) last[call.operation] = *answer;
  if (latency_back > duration::zero()) co_await clock_.sleep_for(latency_back);
  co_return answer;
}

std::vector<seen_call> tapped_wire::of(std::string_view operation) const {
  std::vector<seen_call> found;
  std::copy_if(calls.begin(), calls.end(), std::back_inserter(found),
               [operation](const auto& each) { return each.operation == operation; });
  return found;
}

aws::http_response too_large_answer() { return {200, {}, std::string((8U << 20U) + 1, ' ')}; }

aws::http_response refused_by_ecs(std::string_view code) {
  return {400, {}, fmt::format(R"({{"__type":"{}","message":"no"}})", code)};
}

aws::http_response no_active_action() {
  return {400,
          {},
          "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>No active Lifecycle Action "
          "found with "
          "token 7a5c0e1d</Message></Error></ErrorResponse>"};
}

aws::http_response rejected_call() {
  return {400,
          {},
          "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>1 validation error "
          "detected</Message></Error></ErrorResponse>"};
}

aws::http_response throttled_call() {
  return {
      400, {}, "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"};
}

aws::http_response shown_as(std::string_view lifecycle_state, std::string_view instance) {
  return {200,
          {},
          fmt::format("<DescribeAutoScalingInstancesResponse><DescribeAutoScalingInstancesResult><AutoScalingInstances>"
                      "<member><InstanceId>{}</InstanceId><AutoScalingGroupName>web-fleet</AutoScalingGroupName>"
                      "<LifecycleState>{}</LifecycleState><HealthStatus>HEALTHY</HealthStatus></member>"
                      "</AutoScalingInstances></DescribeAutoScalingInstancesResult>"
                      "</DescribeAutoScalingInstancesResponse>",
                      instance, lifecycle_state)};
}

step_plan wait_step(duration span, std::optional<duration> timeout) {
  step_plan plan{"wait", {}, timeout, false, on_error::stop};
  plan.with.set("for", span);
  return plan;
}

step_plan drain_step(const std::string& cluster) {
  step_plan plan{"drain_ecs", {}, std::nullopt, false, on_error::stop};
  plan.with.set("cluster", cluster);
  return plan;
}

fleet_stage::fleet_stage() : equipment(time.clock, random, time.tasks, counts, client, *state, "a worker") {}

fleet_stage::~fleet_stage() {
  wire.instead = nullptr;
  keeper.stop();
  time.run_until([this] { return time.tasks.running() == 0; }, std::chrono::hours(1));
}

void fleet_stage::furnish(int desired, std::chrono::seconds heartbeat_timeout) {
  test::make_web_fleet(world, desired, heartbeat_timeout);
  time.run_for(std::chrono::seconds(1));
}

std::string fleet_stage::an_instance() { return world.autoscaling().instances("web-fleet").front(); }

std::string fleet_stage::in_service() {
  const auto all = world.autoscaling().instances("web-fleet");
  const auto found = std::find_if(all.begin(), all.end(), [this](const auto& each) {
    return world.autoscaling().lifecycle_state(each) == "InService";
  });
  return found == all.end() ? std::string() : *found;
}

std::shared_ptr<event> fleet_stage::begin_termination() {
  world.autoscaling().terminate(an_instance(), true);
  const auto& action = action_seen();
  auto told = std::make_shared<event>();
  told->kind = event_kind::terminating;
  told->time = time.clock.now();
  told->instance = action.instance;
  told->group = action.group;
  told->hook = action.hook;
  told->token = action.token;
  told->destination = place::ec2;
  return told;
}

const simulator::lifecycle_record& fleet_stage::action_seen() { return world.autoscaling().actions_seen().back(); }

void fleet_stage::deny(std::string service, std::string action, duration lasting) {
  const auto now = time.clock.now();
  world.faults().add(
      {simulator::fault_kind::access_denied, std::move(service), std::move(action), 1.0, now, now + lasting, {}});
}

void fleet_stage::set_our_clock_ahead(duration by, tenure::terms& received, event& of) {
  received.clock_ahead = -by;
  if (of.time) *of.time -= by;
}

tenure::terms fleet_stage::terms() const {
  const auto now = time.clock.now();
  return {
      now, now, now, now + std::chrono::hours(1), now + std::chrono::hours(11), true, false, std::chrono::seconds(30)};
}

std::vector<boost::json::object> fleet_stage::logged(std::string_view named) const {
  std::vector<boost::json::object> found;
  for (const auto& line : log_lines) {
    auto parsed = boost::json::parse(line).as_object();
    if (parsed.at("event").as_string() == named) found.push_back(std::move(parsed));
  }
  return found;
}

std::vector<std::string> fleet_stage::outcomes_of(std::string_view named) const {
  std::vector<std::string> found;
  for (const auto& each : logged(named)) found.emplace_back(each.at("outcome").as_string());
  return found;
}

}  // namespace lifehook::handlers
