#include "simulator/world.h"

#include "simulator/controls.h"
#include "simulator/eventbridge.h"
#include "simulator/identity.h"
#include "simulator/limits.h"
#include "simulator/sts.h"
#include "simulator/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace lifehook::simulator {
namespace {

const time_point patient = time_point(duration(std::numeric_limits<duration::rep>::max() / 2));

}  // namespace

struct world::state {
  state(loop_executor executor, clock& time, world_settings settings)
      : clock_of(time),
        with(std::move(settings)),
        queues(sqs::make(executor, time, with.owner, with.base_url, with.seed)),
        balancers(elbv2::make(time, with.owner, instances, with.seed + 7)),
        groups(autoscaling::make(time, with.owner, *queues, *balancers, instances, with.seed + 1)),
        machines(ec2::make(time, with.owner, *queues, instances, with.seed + 6)),
        clusters(ecs::make(time, with.owner, *queues, instances, *machines, with.seed + 2)),
        tables(dynamodb::make(time, with.owner, with.seed + 8)),
        commands(ssm::make(time, with.owner, instances, with.seed + 9)),
        topics(sns::make(time, with.owner, with.seed + 10)),
        tokens(sts::make(time, with.owner, with.seed + 3)),
        bridge(eventbridge::make()),
        rules(with.seed + 4),
        random(with.seed + 5) {
    for (service* each : {static_cast<service*>(queues.get()), static_cast<service*>(groups.get()),
                          static_cast<service*>(clusters.get()), tokens.get(), static_cast<service*>(machines.get()),
                          static_cast<service*>(balancers.get()), static_cast<service*>(tables.get()),
                          static_cast<service*>(commands.get()), static_cast<service*>(topics.get()), bridge.get()})
      for (const auto action : each->actions()) actions.emplace(std::pair(each->name(), action), each);
  }

  task<answered> serve(request asked);
  void leave_out_what_is_denied(request& asked);
  controlled controls() { return {rules, *queues, *clusters, *machines, *commands, calls, clock_of.now()}; }

  clock& clock_of;
  world_settings with;
  fleet instances;
  std::unique_ptr<simulator::sqs> queues;
  std::unique_ptr<simulator::elbv2> balancers;
  std::unique_ptr<simulator::autoscaling> groups;
  std::unique_ptr<simulator::ec2> machines;
  std::unique_ptr<simulator::ecs> clusters;
  std::unique_ptr<simulator::dynamodb> tables;
  std::unique_ptr<simulator::ssm> commands;
  std::unique_ptr<simulator::sns> topics;
  std::unique_ptr<service> tokens;
  std::unique_ptr<service> bridge;
  simulator::faults rules;
  simulator::limits bucket;
  random_source random;
  std::map<std::pair<std::string_view, std::string_view>, service*> actions;
  std::map<std::string, std::uint64_t> calls;
  std::unique_ptr<aws::http_transport> as_wire;
};

namespace {

// What a call meets on its way: an answer instead of the service's, a pause, a closed connection.
struct weather {
  std::optional<fault> instead;
  duration pause{0};
  duration ahead{0};  // of AWS's clock
  bool closes_before = false, closes_after = false;
};

// AWS refuses a signature whose time is not within five minutes of its own.
bool signed_in_time(const aws::http_request& received, time_point aws_now) {
  const auto when = signing_time(received);
  return when && *when > aws_now - std::chrono::minutes(5) && *when < aws_now + std::chrono::minutes(5);
}

weather weather_of(const fault_rule& struck, const request& asked, const aws::http_request& received, time_point now) {
  weather met;
  switch (struck.kind) {
    case fault_kind::reset: met.closes_before = true; break;
    case fault_kind::lost_answer: met.closes_after = true; break;
    case fault_kind::delay: met.pause = struck.delay; break;
    case fault_kind::clock_skew:
      met.ahead = struck.delay;
      if (!signed_in_time(received, now + met.ahead)) met.instead = shown_as(struck.kind, asked);
      break;
    case fault_kind::throttle:
    case fault_kind::server_error:
    case fault_kind::expired_credentials:
    case fault_kind::access_denied: met.instead = shown_as(struck.kind, asked); break;
  }
  return met;
}

// Whether an EC2 listing names a filter or a page size: those that do not are slower.
bool is_narrowed(const request& asked) {
  return asked.query.contains("MaxResults") || asked.query.contains("Filter.1.Name");
}

}  // namespace

// What AWS does for a caller who is not allowed to do it: DeregisterImage leaves snapshots that may not be deleted.
void world::state::leave_out_what_is_denied(request& asked) {
  if (asked.service != "ec2" || !asked.query.contains("DeleteAssociatedSnapshots")) return;
  const auto struck = rules.strike("ec2", "DeleteSnapshot", clock_of.now());
  if (struck && struck->kind == fault_kind::access_denied) asked.query.erase("DeleteAssociatedSnapshots");
}

task<answered> world::state::serve(request asked) {
  const auto to = actions.find({asked.service, asked.action});
  if (to == actions.end())
    co_return fault{400, "InvalidAction", fmt::format("The action {} is not simulated.", asked.action)};
  ++calls[fmt::format("{}.{}", asked.service, asked.action)];
  if (with.limits && !bucket.admit(asked.service, asked.action, clock_of.now(), is_narrowed(asked)))
    co_return throttling_of(asked.service);
  leave_out_what_is_denied(asked);
  co_return co_await to->second->handle(std::move(asked));
}

task<aws::http_response> world::answer_by(std::shared_ptr<state> by, aws::http_request received, time_point patience) {
  if (path_of(received.url).starts_with(controls_path)) co_return control(by->controls(), received);
  auto arrived = read_request(received);
  answered said = fault{};
  weather met;
  if (arrived.asked.has_error()) {
    said = arrived.asked.error();
  } else {
    auto& asked = *arrived.asked;
    const auto now = by->clock_of.now();
    const auto struck = by->rules.strike(asked.service, asked.action, now);
    if (struck) met = weather_of(*struck, asked, received, now);
    if (met.instead || met.closes_before) {
      said = met.instead.value_or(fault{});
    } else {
      said = co_await by->serve(std::move(asked));
    }
  }
  // Slowness comes after the effect: a caller who gives up may still have been heard.
  const auto pause = std::min(by->with.latency + met.pause, patience - by->clock_of.now());
  if (pause > duration::zero()) co_await by->clock_of.sleep_for(pause);
  if (met.closes_before || met.closes_after) co_return aws::http_response{};
  co_return write_answer(arrived.spoken, said, {make_uuid(by->random), by->clock_of.now() + met.ahead});
}

namespace {

using answer_call = std::function<task<aws::http_response>(aws::http_request, time_point patience)>;

class in_process_wire final : public aws::http_transport {
 public:
  in_process_wire(clock& time, answer_call call) : clock_(time), call_(std::move(call)) {}

  task<result<aws::http_response>> send(aws::http_request request) override {
    const auto late = clock_.now() + request.timeout;
    const auto most = request.max_body;
    auto host = request.url.substr(0, request.url.size() - path_of(request.url).size());
    return carry(clock_, call_(std::move(request), late), std::move(host), {late, most});
  }

 private:
  struct limits {
    time_point late;
    std::size_t most;  // bytes
  };

  // Static: a wait may outlive the world and this wire with it.
  static task<result<aws::http_response>> carry(clock& time, task<aws::http_response> answering, std::string host,
                                                limits of) {
    auto response = co_await std::move(answering);
    if (time.now() >= of.late) co_return error{errc::timeout, host + ": no answer within the limit"};
    if (response.status == 0) co_return error{errc::unreachable, host + ": connection reset by peer"};
    if (response.body.size() > of.most) co_return error{errc::too_large, host + ": the answer is too large"};
    co_return response;
  }

  clock& clock_;
  answer_call call_;
};

}  // namespace

world::world(loop_executor executor, clock& time, world_settings with)
    : state_(std::make_shared<state>(std::move(executor), time, std::move(with))) {
  state_->as_wire = std::make_unique<in_process_wire>(
      time, [weak = std::weak_ptr(state_)](aws::http_request asked, time_point patience) {
        return answer_by(weak.lock(), std::move(asked), patience);
      });
}

world::~world() = default;

task<aws::http_response> world::answer(aws::http_request asked) { return answer_by(state_, std::move(asked), patient); }

aws::http_transport& world::wire() { return *state_->as_wire; }
sqs& world::sqs() { return *state_->queues; }
autoscaling& world::autoscaling() { return *state_->groups; }
ecs& world::ecs() { return *state_->clusters; }
ec2& world::ec2() { return *state_->machines; }
elbv2& world::elbv2() { return *state_->balancers; }
dynamodb& world::dynamodb() { return *state_->tables; }
ssm& world::ssm() { return *state_->commands; }
sns& world::sns() { return *state_->topics; }
faults& world::faults() { return state_->rules; }
const std::map<std::string, std::uint64_t>& world::calls() const { return state_->calls; }
void world::set_base_url(std::string base_url) { state_->queues->set_base_url(std::move(base_url)); }

}  // namespace lifehook::simulator
