#include "tests/simulation/scenario.h"

#include "tests/support/web_fleet.h"

#include <algorithm>

namespace lifehook::test {

using namespace std::chrono_literals;

namespace {

simulator::world_settings world_of(std::uint64_t seed, simulator::world_settings settings) {
  settings.seed = seed;
  return settings;
}

}  // namespace

replica::replica(virtual_time& on, aws::http_transport& wire, const std::string& config_text, std::uint64_t seed,
                 bool dry_run, const aws::environment& env, duration clock_off)
    : time(on.clock, clock_off),
      random(seed),
      keys(aws::make_fixed_credentials({"AKIATEST", "secret", {}, std::nullopt})) {
  auto parsed = worker::parse_config(config_text, "test.yaml", env);
  if (parsed.has_error()) throw std::runtime_error(parsed.error().what());
  settings = std::move(*parsed);
  logger log(time, log_level::info, log_format::json, [this](std::string_view line) { lines.emplace_back(line); });
  worker::surroundings with{time, wire, *keys, env, random, counts, log};
  service = std::make_unique<worker::service>(on.io.get_executor(), with, settings, "eu-west-1", dry_run);
}

std::vector<boost::json::object> replica::logged(std::string_view event) const {
  std::vector<boost::json::object> found;
  for (const auto& line : lines) {
    auto parsed = boost::json::parse(line).as_object();
    if (parsed.at("event").as_string() == event) found.push_back(std::move(parsed));
  }
  return found;
}

scenario::scenario(std::uint64_t seed, simulator::world_settings aws)
    : world(time.io.get_executor(), time.clock, world_of(seed, std::move(aws))), seed_(seed) {}

scenario::~scenario() {
  for (auto& each : workers_) stop(*each);
}

std::string scenario::config_text() const {
  return fmt::format(R"({}queues:
  - {{url: "{}"{}}}
groups:
  - {{name: web, match: ["web-*"], hooks: ["drain"]{}, terminating: {}}}
)",
                     settings, queue_url(), queue_settings.empty() ? "" : ", " + queue_settings,
                     group_settings.empty() ? "" : ", " + group_settings, terminating);
}

void scenario::furnish() {
  auto& sqs = world.sqs();
  sqs.create_queue("lifecycle-dead-letters");
  const auto policy = fmt::format(R"({{"deadLetterTargetArn":"{}","maxReceiveCount":"{}"}})",
                                  sqs.queue_arn("lifecycle-dead-letters"), max_receive_count);
  sqs.create_queue("lifecycle", {{"RedrivePolicy", policy}});
  make_web_fleet(world, instances, heartbeat_timeout, tells ? sqs.queue_arn("lifecycle") : std::string());
}

void scenario::deploy(int tasks_per_service) {
  world.ecs().create_service({"prod", "web", tasks_per_service, 100, 200, false, 8s, 20s});
  world.ecs().create_service({"prod", "api", tasks_per_service, 50, 150, false, 5s, 40s});
  time.run_for(30s);
}

replica& scenario::add_worker(bool dry_run) {
  workers_.push_back(
      std::make_unique<replica>(time, world.wire(), config_text(), seed_ * 100 + workers_.size(), dry_run));
  return *workers_.back();
}

void scenario::start(replica& worker) {
  const auto checked = time.wait_for(worker.service->check_queues());
  if (checked.has_error()) throw std::runtime_error(checked.error().what());
  worker.service->start();
}

void scenario::start() {
  furnish();
  deploy();
  start(add_worker());
}

bool scenario::stop(replica& worker, duration limit) {
  if (!worker.service) return true;
  const bool all = time.wait_for(worker.service->stop(limit));
  worker.service.reset();
  return all;
}

void scenario::put_hook(const std::string& name, std::chrono::seconds timeout, const std::string& told,
                        const std::string& group) {
  simulator::hook_settings hook;
  hook.name = name;
  hook.transition = "autoscaling:EC2_INSTANCE_TERMINATING";
  hook.heartbeat_timeout = timeout;
  hook.default_result = "CONTINUE";
  hook.target_arn = told;
  world.autoscaling().put_hook(group, hook);
}

std::uint64_t scenario::calls(const std::string& operation) {
  const auto& all = world.calls();
  const auto found = all.find(operation);
  return found == all.end() ? 0 : found->second;
}

std::string scenario::terminate_body(const std::string& instance, const std::string& group,
                                     const std::string& hook) const {
  return fmt::format(
      R"({{"LifecycleHookName":"{}","LifecycleTransition":"autoscaling:EC2_INSTANCE_TERMINATING","AutoScalingGroupName":"{}",)"
      R"("EC2InstanceId":"{}","LifecycleActionToken":"7a5c0e1d-1111-4222-8333-444455556666","Service":"AWS Auto Scaling"}})",
      hook, group, instance);
}

void scenario::add_fault(simulator::fault_kind kind, std::string service, std::string action, duration lasting,
                         double share) {
  const auto now = time.clock.now();
  world.faults().add({kind, std::move(service), std::move(action), share, now, now + lasting, {}});
}

std::size_t scenario::ended_actions() {
  return static_cast<std::size_t>(
      std::count_if(actions().begin(), actions().end(), [](const auto& each) { return each.ended.has_value(); }));
}

std::size_t scenario::lost_tasks() {
  const auto tasks = world.ecs().tasks("prod");
  return static_cast<std::size_t>(
      std::count_if(tasks.begin(), tasks.end(), [](const auto& each) { return each.lost; }));
}

bool scenario::queue_is_empty() {
  const auto counts = world.sqs().counts(queue_url());
  return counts.visible + counts.in_flight + counts.delayed == 0;
}

}  // namespace lifehook::test
