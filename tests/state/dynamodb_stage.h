#pragma once

#include "aws/credential_chain.h"
#include "aws/dynamodb.h"
#include "base/metrics.h"
#include "simulator/world.h"
#include "state/dynamodb_store.h"
#include "tests/state/store_stage.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace lifehook::state {

// The way to DynamoDB: it may take its time, and a test may answer in the place of the simulated table.
class long_way final : public aws::http_transport {
 public:
  long_way(clock& time, aws::http_transport& to) : clock_(time), to_(to) {}

  task<result<aws::http_response>> send(aws::http_request request) override {
    if (latency > duration::zero()) co_await clock_.sleep_for(latency);
    if (instead)
      if (auto own = instead(operation_of(request))) co_return *std::move(own);
    co_return co_await to_.send(std::move(request));
  }

  duration latency{0};
  std::function<std::optional<aws::http_response>(const std::string& operation)> instead;  // nullopt: the table answers

 private:
  static std::string operation_of(const aws::http_request& request) {
    for (const auto& [name, value] : request.headers)
      if (name == "x-amz-target" || name == "X-Amz-Target") return value.substr(value.find('.') + 1);
    return {};
  }

  clock& clock_;
  aws::http_transport& to_;
};

// Of a machine whose clock may be wrong: it runs as the right one does, and tells another time.
class machine_clock final : public clock {
 public:
  explicit machine_clock(clock& right) : right_(right), next_(right) {}
  ~machine_clock() override { drop_all(); }

  time_point now() const override { return right_.now() + ahead; }
  time_point wall_now() const override { return right_.wall_now() + ahead; }

  duration ahead{0};

 private:
  duration monotonic() const override { return right_.uptime(); }
  void earliest_changed() override {
    if (const auto due = earliest()) next_.set(*due - uptime(), [this] { fire(); });
  }
  void fire() {
    fire_due();
    earliest_changed();
  }

  clock& right_;
  alarm next_;
};

// One worker's way to the table and its store.
struct replica {
  replica(clock& right, aws::http_transport& to, std::uint64_t seed) : way(right, to), random(seed), time(right) {}

  long_way way;
  random_source random;
  machine_clock time;
  metrics counts;
  std::unique_ptr<aws::credential_provider> keys =
      aws::make_fixed_credentials({"AKIATEST", "secret", {}, std::nullopt});
  aws::client client{time,   way,
                     *keys,  {"eu-west-1", [](std::string_view) -> std::optional<std::string> { return std::nullopt; }},
                     counts, random};
  aws::dynamodb table{client, "lifehook"};
  std::unique_ptr<store> kept = make_dynamodb_store(time, table, random);
};

// Two replicas on one simulated table.
class dynamodb_stage final : public store_stage {
 public:
  dynamodb_stage() { world.dynamodb().create_table("lifehook", "key", "ttl"); }
  ~dynamodb_stage() override {
    time.run_until([this] { return time.tasks.running() == 0; }, std::chrono::hours(1));
  }

  store& one() override { return *here.kept; }
  store& other() override { return *there.kept; }
  std::string_view backend() const override { return "dynamodb"; }
  void slow_down() override { here.way.latency = there.way.latency = std::chrono::milliseconds(20); }

  // A fault of every call of an action from now on, for a time.
  void strike(simulator::fault_kind kind, std::string action, duration lasting, double share = 1.0) {
    const auto now = time.clock.now();
    world.faults().add({kind, "dynamodb", std::move(action), share, now, now + lasting, {}});
  }

  simulator::world world{time.io.get_executor(), time.clock, simulator::world_settings{}};
  replica here{time.clock, world.wire(), 1};
  replica there{time.clock, world.wire(), 2};
};

}  // namespace lifehook::state
