#pragma once

#include "aws/credential_chain.h"
#include "base/metrics.h"
#include "handlers/equipment.h"
#include "handlers/settings.h"
#include "handlers/tenure.h"
#include "simulator/world.h"
#include "state/memory_store.h"
#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>
#include <boost/json/object.hpp>

#include <map>
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

  task<result<aws::http_response>> send(aws::http_request request) override;

  std::vector<seen_call> of(std::string_view operation) const;
  std::size_t count(std::string_view operation) const { return of(operation).size(); }

  std::function<std::optional<aws::http_response>(const seen_call&)> instead;  // nullopt: AWS answers
  std::function<duration(const seen_call&)> slow;                              // how much longer a call takes to arrive
  std::map<std::string, aws::http_response> last;                              // what AWS answered, by operation
  duration latency{0};
  duration latency_back{0};  // of the answer: AWS has carried the call out before
  std::vector<seen_call> calls;

 private:
  clock& clock_;
  aws::http_transport& behind_;
};

// Than any that is read.
aws::http_response too_large_answer();

aws::http_response refused_by_ecs(std::string_view code);

aws::http_response no_active_action();

aws::http_response rejected_call();

// By a service that speaks Query.
aws::http_response throttled_call();

// What DescribeAutoScalingInstances answers for one instance of "web-fleet".
aws::http_response shown_as(std::string_view lifecycle_state, std::string_view instance);

step_plan wait_step(duration span, std::optional<duration> timeout = std::nullopt);

step_plan drain_step(const std::string& cluster = "prod");

// What a fleet_stage's handlers are put together from.
struct fleet_ground {
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
  std::unique_ptr<state::store> state = state::make_memory_store(time.clock);
};

// Handlers on virtual time with a simulated AWS behind a tapped wire: cluster "prod", group "web-fleet", hook "drain"
// that tells nobody. Ends what still runs before it goes.
class fleet_stage : public fleet_ground, public equipment {
 public:
  fleet_stage();
  ~fleet_stage();
  fleet_stage(const fleet_stage&) = delete;
  fleet_stage& operator=(const fleet_stage&) = delete;

  void furnish(int desired = 1, std::chrono::seconds heartbeat_timeout = std::chrono::seconds(60));
  std::string an_instance();

  // An instance that no action concerns.
  std::string in_service();

  // Begins a termination, and is told of it: an event of now.
  std::shared_ptr<event> begin_termination();
  const simulator::lifecycle_record& action_seen();
  void deny(std::string service, std::string action, duration lasting);

  tenure::terms terms() const;
  // What AWS has written into the event just now seems that much older to us.
  static void set_our_clock_ahead(duration by, tenure::terms& received, event& of);

  // Logged lines of an event, as JSON.
  std::vector<boost::json::object> logged(std::string_view named) const;
  std::vector<std::string> outcomes_of(std::string_view named) const;

  std::vector<std::string> log_lines;
  logger log{time.clock, log_level::info, log_format::json,
             [this](std::string_view line) { log_lines.emplace_back(line); }};
};

}  // namespace lifehook::handlers
