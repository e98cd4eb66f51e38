#pragma once

#include "aws/credential_chain.h"
#include "handlers/services.h"
#include "handlers/settings.h"
#include "handlers/tenure.h"
#include "simulator/world.h"
#include "state/memory_store.h"
#include "tests/support/virtual_time.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::handlers {

struct seen_call {
  std::string operation;  // "DescribeLifecycleHooks"
  std::string body;
  time_point at;
};

// A wire that is watched: every call is remembered, and a test may answer one in the place of the simulated AWS.
class tapped_wire final : public aws::http_transport {
 public:
  tapped_wire(clock& time, aws::http_transport& behind) : clock_(time), behind_(behind) {}

  task<result<aws::http_response>> send(aws::http_request request) override {
    const seen_call call{operation_of(request), request.body, clock_.now()};
    calls.push_back(call);
    if (latency > duration::zero()) co_await clock_.sleep_for(latency);
    if (instead) {
      if (auto own = instead(call)) co_return *std::move(own);
    }
    auto passing = behind_.send(std::move(request));
    auto answer = co_await std::move(passing);
    if (latency_back > duration::zero()) co_await clock_.sleep_for(latency_back);
    co_return answer;
  }

  std::vector<seen_call> of(std::string_view operation) const {
    std::vector<seen_call> found;
    std::copy_if(calls.begin(), calls.end(), std::back_inserter(found),
                 [operation](const auto& each) { return each.operation == operation; });
    return found;
  }
  std::size_t count(std::string_view operation) const { return of(operation).size(); }

  std::function<std::optional<aws::http_response>(const seen_call&)> instead;  // nullopt: AWS answers
  duration latency{0};
  duration latency_back{0};  // of the answer: AWS has carried the call out before
  std::vector<seen_call> calls;

 private:
  static std::string operation_of(const aws::http_request& request) {
    for (const auto& [name, value] : request.headers)
      if (name == "x-amz-target" || name == "X-Amz-Target") return value.substr(value.find('.') + 1);
    constexpr std::string_view key = "Action=";
    const auto begin = request.body.find(key);
    if (begin == std::string::npos) return {};
    return request.body.substr(begin + key.size(), request.body.find('&', begin) - begin - key.size());
  }

  clock& clock_;
  aws::http_transport& behind_;
};

inline aws::http_response refused_by_ecs(std::string_view code) {
  return {400, {}, fmt::format(R"({{"__type":"{}","message":"no"}})", code)};
}

inline aws::http_response no_active_action() {
  return {400,
          {},
          "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>No active Lifecycle Action "
          "found with "
          "token 7a5c0e1d</Message></Error></ErrorResponse>"};
}

inline aws::http_response rejected_call() {
  return {400,
          {},
          "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>1 validation error "
          "detected</Message></Error></ErrorResponse>"};
}

inline step_plan wait_step(duration span, std::optional<duration> timeout = std::nullopt) {
  step_plan plan{"wait", {}, timeout, false, on_error::stop};
  plan.with.set("for", span);
  return plan;
}

inline step_plan drain_step(const std::string& cluster = "prod") {
  step_plan plan{"drain_ecs", {}, std::nullopt, false, on_error::stop};
  plan.with.set("cluster", cluster);
  return plan;
}

// Handlers on virtual time with a simulated AWS behind a tapped wire: cluster "prod", group "web-fleet", hook "drain"
// that tells nobody. Ends what still runs before it goes.
class fleet_stage {
 public:
  fleet_stage() = default;
  ~fleet_stage() {
    wire.instead = nullptr;
    keeper.stop();
    time.run_until([this] { return time.tasks.running() == 0; }, std::chrono::hours(1));
  }
  fleet_stage(const fleet_stage&) = delete;
  fleet_stage& operator=(const fleet_stage&) = delete;

  void furnish(int desired = 1, std::chrono::seconds heartbeat_timeout = std::chrono::seconds(60)) {
    world.ecs().create_cluster("prod");
    world.ecs().join_on_launch("prod", "web-fleet", 8, duration::zero());
    simulator::group_settings group;
    group.name = "web-fleet";
    group.desired = desired;
    group.tags = {{"Team", "web"}};
    world.autoscaling().create_group(group);
    simulator::hook_settings hook;
    hook.name = "drain";
    hook.heartbeat_timeout = heartbeat_timeout;
    hook.default_result = "CONTINUE";
    world.autoscaling().put_hook("web-fleet", hook);
    time.run_for(std::chrono::seconds(1));
  }
  std::string an_instance() { return world.autoscaling().instances("web-fleet").front(); }

  // An instance that no action concerns.
  std::string in_service() {
    const auto all = world.autoscaling().instances("web-fleet");
    const auto found = std::find_if(all.begin(), all.end(), [this](const auto& each) {
      return world.autoscaling().lifecycle_state(each) == "InService";
    });
    return found == all.end() ? std::string() : *found;
  }

  // Begins a termination, and is told of it: an event of now.
  std::shared_ptr<event> begin_termination() {
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
  const simulator::lifecycle_record& action_seen() { return world.autoscaling().actions_seen().back(); }
  void deny(std::string service, std::string action, duration lasting) {
    const auto now = time.clock.now();
    world.faults().add(
        {simulator::fault_kind::access_denied, std::move(service), std::move(action), 1.0, now, now + lasting, {}});
  }

  tenure::terms terms() const {
    const auto now = time.clock.now();
    return {now, now, now, now + std::chrono::hours(1), now + std::chrono::hours(11), true, std::chrono::seconds(30)};
  }

  // Logged lines of an event, as JSON.
  std::vector<boost::json::object> logged(std::string_view named) const {
    std::vector<boost::json::object> found;
    for (const auto& line : lines) {
      auto parsed = boost::json::parse(line).as_object();
      if (parsed.at("event").as_string() == named) found.push_back(std::move(parsed));
    }
    return found;
  }
  std::vector<std::string> outcomes_of(std::string_view named) const {
    std::vector<std::string> found;
    for (const auto& each : logged(named)) found.emplace_back(each.at("outcome").as_string());
    return found;
  }

  test::virtual_time time;
  simulator::world world{time.io.get_executor(), time.clock, simulator::world_settings{}};
  tapped_wire wire{time.clock, world.wire()};
  metrics counts;
  random_source random{1};
  std::unique_ptr<aws::credential_provider> keys =
      aws::make_fixed_credentials({"AKIATEST", "secret", {}, std::nullopt});
  aws::client client{
      time.clock, wire,
      *keys,      {"eu-west-1", [](std::string_view) -> std::optional<std::string> { return std::nullopt; }},
      counts,     random};
  aws::autoscaling autoscaling{client};
  aws::ecs ecs{client};
  aws::ecs_runner runner{client};
  aws::ec2 ec2{client};
  aws::elbv2 elbv2{client};
  aws::ssm ssm{client};
  hook_catalog hooks{time.clock, autoscaling, time.io.get_executor()};
  instance_catalog instances{time.clock, autoscaling, ec2, time.tasks};
  ecs_clusters clusters{time.clock, ecs, time.tasks};
  target_catalog targets{time.clock, elbv2, time.tasks};
  image_catalog images{time.clock, ec2, time.tasks};
  image_keeper keeper{time.clock, autoscaling, ec2, time.tasks, counts};
  cause_catalog causes{time.clock, autoscaling, time.tasks};
  instance_news news;
  std::unique_ptr<state::store> state = state::make_memory_store(time.clock);
  deadline_board deadlines;
  step_services services{{time.clock, autoscaling, hooks, instances, time.tasks, counts, random},
                         ecs,
                         runner,
                         ec2,
                         ssm,
                         clusters,
                         targets,
                         images,
                         keeper,
                         causes,
                         news,
                         *state,
                         deadlines,
                         "a worker",
                         {},
                         false};
  std::vector<std::string> lines;
  logger log{time.clock, log_level::info, log_format::json,
             [this](std::string_view line) { lines.emplace_back(line); }};
};

}  // namespace lifehook::handlers
