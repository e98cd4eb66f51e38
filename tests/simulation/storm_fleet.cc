#include "tests/simulation/storm_fleet.h"

#include "aws/services.h"
#include "aws/xml.h"

#include <algorithm>

namespace lifehook::test {

using namespace std::chrono_literals;
using simulator::fault_kind;

namespace {

constexpr std::string_view groups = R"(  - name: web
    match: ["web-*"]
    hooks: [drain, save, warmup]
    deadline: 20m
    launching: [track_current_group, wait: {for: 5s}]
    terminating:
      - [deregister_targets, drain_ecs: {cluster: prod}, notify: {topic: "arn:aws:sns:eu-west-1:111122223333:events"}]
      - wait: {for: 20s}
    spot_interruption:
      - [deregister_targets, raise_capacity, drain_ecs: {cluster: prod}]
    rebalance_recommendation:
      - notify: {topic: "arn:aws:sns:eu-west-1:111122223333:events"}
)";

simulator::world_settings world_of(std::uint64_t seed) {
  simulator::world_settings settings;
  settings.seed = seed;
  settings.limits = seed % 2 == 0;
  settings.latency = std::chrono::milliseconds(seed * 37 % 200);
  return settings;
}

// What a scenario hands to its next worker, of a line that stays ours.
class through final : public aws::http_transport {
 public:
  explicit through(aws::http_transport& line) : line_(line) {}
  task<result<aws::http_response>> send(aws::http_request request) override { return line_.send(std::move(request)); }

 private:
  aws::http_transport& line_;
};

}  // namespace

task<result<aws::http_response>> cuttable_line::send(aws::http_request request) {
  ++calls;
  if (is_cut) co_await clock_.sleep_for(1s);
  if (is_cut) co_return error{errc::unreachable, "no way to AWS"};
  auto answer = co_await behind_.send(std::move(request));
  if (is_cut) co_return error{errc::unreachable, "no way back from AWS"};
  co_return answer;
}

storm_fleet::storm_fleet(std::uint64_t seed) : worded_scenario(std::string(groups), world_of(seed)), random_(seed) {
  before_groups = "state: {backend: dynamodb, table: lifehook}\n";
  instances = 10;
  heartbeat_timeout = pick({30s, 45s, 60s, 120s});
  queue_settings = pick<std::string>({"hold: 0s", "hold: 1m", "hold: 7m", "hold: 1h"});
  world.dynamodb().create_table("lifehook");
  world.sns().create_topic("events");
  furnish();
  fault(fault_kind::clock_skew, "*", "*", 24h);
  const auto queue = world.sqs().queue_arn("lifecycle");
  const auto save = pick({30s, 60s, 300s});
  shortest_ = std::min(heartbeat_timeout, save);
  if (chance(0.5)) put_hook("save", save, queue);
  put_launch_hook(heartbeat_timeout);
  world.sqs().duplicate(duplicates_ = pick({0.0, 0.2}));
  world.autoscaling().bridge(queue);
  const auto front = world.elbv2().create_target_group({.name = "front"});
  change_group("AttachLoadBalancerTargetGroups", {{"TargetGroupARNs.member.1", front}});
  if (chance(0.4))
    change_group("PutWarmPool", {{"MaxGroupPreparedCapacity", "14"}, {"InstanceReusePolicy.ReuseOnScaleIn", "true"}});
  deploy(12);
  for (auto replicas = 1 + random_() % 4; replicas > 0; --replicas) begin_worker();
}

storm_fleet::~storm_fleet() {
  heal(true);
  stop_all();
}

void storm_fleet::change_group(const std::string& operation, aws::query_parameters with) {
  with.emplace_back("AutoScalingGroupName", "web-fleet");
  auto made = somebody().call(aws::services::autoscaling, operation, std::move(with));
  if (!time.wait_for(std::move(made)).has_value()) throw std::runtime_error(operation);
}

void storm_fleet::begin_worker() {
  auto line = std::make_unique<cuttable_line>(time.clock, world.wire());
  wire = std::make_unique<through>(*line);
  clock_off = chance(0.4) ? pick<duration>({-20min, -4min, 3min, 20min, 2h}) : duration(0);
  auto& worker = add_worded();
  machines_.push_back({std::move(line), std::move(wire), &worker});
  start(worker);
}

bool storm_fleet::stop_machine(machine& of) {
  if (!of.worker->service) return true;
  const bool in_order = time.wait_for(of.worker->service->stop(25s));
  if (in_order)
    of.worker->service.reset();
  else
    of.is_dead = of.line->is_cut = true;  // as the program ends then; what it still does ends by itself
  return in_order;
}

void storm_fleet::heal(bool all) {
  for (auto& each : machines_) {
    if (!each.healed_at || (!all && *each.healed_at > time.clock.now())) continue;
    each.line->is_cut = false;
    each.healed_at.reset();
  }
}

void storm_fleet::befall_an_instance() {
  auto all = world.autoscaling().instances("web-fleet");
  std::erase_if(all, [this](const auto& each) { return world.autoscaling().lifecycle_state(each) != "InService"; });
  if (all.size() < 5) return;
  std::shuffle(all.begin(), all.end(), random_);
  const auto& one = all.front();
  const auto what = random_() % 100;
  if (what < 55) world.autoscaling().terminate(one, false);
  if (what >= 35 && what < 45) world.autoscaling().terminate(all.back(), false);
  if (what >= 45 && what < 65 && warned_.insert(one).second) world.ec2().warn_spot(one);
  if (what >= 65 && what < 72) world.autoscaling().terminate_because(one, simulator::ending_cause::elb_health_check);
  if (what >= 72 && what < 76) world.autoscaling().replace_root_volume(one);
  if (what >= 76 && what < 84) scale_in_to(static_cast<int>(6 + random_() % 8));
  if (what >= 84 && what < 90) world.ec2().recommend_rebalance(one);
}

void storm_fleet::befall_a_worker() {
  std::vector<machine*> alive;
  for (auto& each : machines_)
    if (!each.is_dead && each.worker->service && !each.healed_at) alive.push_back(&each);
  if (alive.empty()) return begin_worker();
  auto& one = *alive[random_() % alive.size()];
  const auto now = time.clock.now();
  const auto what = random_() % 3;
  if (what == 0) {
    begin_worker();
    stop_machine(one);
  } else if (what == 1) {
    one.is_dead = one.line->is_cut = true;
    cuts_.emplace_back(now, now + 1min);
    begin_worker();
  } else if (alive.size() > 1) {
    one.line->is_cut = true;
    one.healed_at = now + std::chrono::seconds(5 + random_() % 200);
    cuts_.emplace_back(now, *one.healed_at + 1min);
  }
}

void storm_fleet::fault(fault_kind kind, const std::string& service, const std::string& action, duration lasting,
                        double share, duration delay) {
  const auto now = time.clock.now();
  // The first that strikes counts: what always strikes, the look at signatures, comes last.
  faults_.insert(faults_.begin(), {kind, service, action, share, now, now + lasting, delay});
  world.faults().clear();
  for (const auto& each : faults_) world.faults().add(each);
}

void storm_fleet::befall_aws() {
  const duration quarter = shortest_ / 4;  // a hook outlives that
  switch (random_() % 12) {
    case 0: return fault(fault_kind::throttle, "autoscaling", "*", quarter);
    case 1: return fault(fault_kind::throttle, "*", "*", 4min, 0.2);
    case 2: return fault(fault_kind::server_error, "*", "*", 3min, 0.1);
    case 3: return fault(fault_kind::reset, "*", "*", 2min, 0.1);
    case 4: return fault(fault_kind::lost_answer, "*", "*", 2min, 0.1);
    case 5: return fault(fault_kind::expired_credentials, "*", "*", quarter);
    case 6: return fault(fault_kind::reset, "dynamodb", "*", 3min);
    case 7: return fault(fault_kind::server_error, "ecs", "*", 2min);
    case 8:
      return fault(fault_kind::access_denied, pick<std::string>({"ec2", "sns", "elasticloadbalancing", "ecs"}), "*",
                   2min);
    case 9: return fault(fault_kind::delay, "ecs", "*", 3min, 0.3, 15s);
    case 10: return fault(fault_kind::delay, "autoscaling", "*", 2min, 0.5, 5s);
    default: return fault(fault_kind::throttle, "autoscaling", "CompleteLifecycleAction", 3min);
  }
}

void storm_fleet::rage(duration span) {
  const auto end = time.clock.now() + span;
  auto next_fault = time.clock.now() + 40s;
  auto next_change = time.clock.now() + 100s;
  while (time.clock.now() < end) {
    time.run_for(std::chrono::seconds(2 + random_() % 28));
    heal();
    const auto now = time.clock.now();
    if (now >= next_fault) befall_aws();
    if (now >= next_fault) next_fault = now + std::chrono::seconds(30 + random_() % 150);
    if (now >= next_change) befall_a_worker();
    if (now >= next_change) next_change = now + std::chrono::seconds(60 + random_() % 240);
    befall_an_instance();
  }
  heal(true);
}

bool storm_fleet::quiet() { return ended_actions() == actions().size() && queue_is_empty(); }

std::size_t storm_fleet::in_hand() {
  std::size_t count = 0;
  for (const auto& each : machines_)
    if (!each.is_dead && each.worker->service) count += each.worker->service->in_hand();
  return count;
}

std::size_t storm_fleet::words(std::string_view event) {
  std::size_t count = 0;
  for (const auto& each : machines_) count += each.worker->logged(event).size();
  return count;
}

std::set<std::string> storm_fleet::tokens_told() {
  std::set<std::string> told;
  for (const auto& each : machines_)
    for (const auto& line : each.worker->logged("hook_ended")) told.emplace(line.at("token").as_string());
  return told;
}

std::uint64_t storm_fleet::most_calls_in(duration span) {
  std::vector<std::uint64_t> before;
  for (const auto& each : machines_) before.push_back(each.line->calls);
  time.run_for(span);
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < machines_.size(); ++i)
    if (!machines_[i].is_dead && machines_[i].worker->service)
      most = std::max(most, machines_[i].line->calls - before[i]);
  return most;
}

bool storm_fleet::stop_all() {
  bool in_order = true;
  for (auto& each : machines_) {
    const bool lived = !each.is_dead;
    if (!stop_machine(each) && lived) in_order = false;
  }
  return in_order;
}

bool storm_fleet::had_a_reason(const simulator::lifecycle_record& of) const {
  return std::any_of(cuts_.begin(), cuts_.end(),
                     [&of](const auto& cut) { return cut.first <= *of.ended && cut.second >= of.began; });
}

std::size_t storm_fleet::lost_without_reason() {
  std::set<std::string> ran_out;
  for (const auto& each : actions())
    if (each.timed_out) ran_out.insert(each.instance);
  const auto tasks = world.ecs().tasks("prod");
  return static_cast<std::size_t>(std::count_if(tasks.begin(), tasks.end(), [&](const auto& each) {
    return each.lost && !warned_.contains(each.instance) && !ran_out.contains(each.instance);
  }));
}

}  // namespace lifehook::test
