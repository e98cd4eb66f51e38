#include "aws/credential_chain.h"
#include "aws/curl_transport.h"
#include "base/metrics.h"
#include "base/task_group.h"
#include "simulator/port.h"
#include "simulator/world.h"
#include "worker/commands.h"
#include "worker/config.h"
#include "worker/demo_timeline.h"
#include "worker/service.h"
#include "worker/termination.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace lifehook::worker {

using namespace std::chrono_literals;

namespace {

constexpr int fleet_size = 6;
constexpr int scaled_in = 3;
constexpr std::size_t tasks_in_all = 15;
constexpr duration longest = 280s;  // of the demo's own clock
constexpr std::string_view cluster = "prod";
constexpr std::string_view scaling_group = "web-fleet";

constexpr std::string_view config_text = R"(queues:
  - url: ${QUEUE_URL}
groups:
  - name: web
    match: ["web-*"]
    hooks: ["drain"]
    terminating:
      - drain_ecs: {cluster: prod, timeout: 15m}
)";

void print(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void furnish(simulator::world& world) {
  world.sqs().create_queue("lifecycle-dead-letters");
  const auto policy = fmt::format(R"({{"deadLetterTargetArn":"{}","maxReceiveCount":"20"}})",
                                  world.sqs().queue_arn("lifecycle-dead-letters"));
  world.sqs().create_queue("lifecycle", {{"RedrivePolicy", policy}});
  world.ecs().create_cluster(std::string(cluster));
  world.ecs().join_on_launch(cluster, std::string(scaling_group), 6, 0s);
  simulator::group_settings group;
  group.name = scaling_group;
  group.desired = fleet_size;
  world.autoscaling().create_group(group);
  simulator::hook_settings hook;
  hook.name = "drain";
  hook.heartbeat_timeout = 30s;
  hook.default_result = "CONTINUE";
  hook.target_arn = world.sqs().queue_arn("lifecycle");
  world.autoscaling().put_hook(scaling_group, hook);
}

void deploy_services(simulator::world& world) {
  world.ecs().create_service({std::string(cluster), "web", 6, 100, 150, false, 8s, 14s});
  world.ecs().create_service({std::string(cluster), "api", 6, 100, 200, false, 5s, 9s});
  world.ecs().create_service({std::string(cluster), "mail", 3, 50, 100, false, 4s, 20s});
}

std::size_t count_running(simulator::world& world) {
  const auto tasks = world.ecs().tasks(cluster);
  return static_cast<std::size_t>(
      std::count_if(tasks.begin(), tasks.end(), [](const auto& each) { return each.last_status == "RUNNING"; }));
}

struct score {
  std::size_t completed = 0, timed_out = 0, lost = 0, heartbeats = 0;
};

score count(simulator::world& world) {
  score sum;
  for (const auto& each : world.autoscaling().actions_seen()) {
    sum.heartbeats += each.heartbeats.size();
    if (!each.ended) continue;
    if (each.timed_out)
      ++sum.timed_out;
    else
      ++sum.completed;
  }
  for (const auto& each : world.ecs().tasks(cluster))
    if (each.lost) ++sum.lost;
  return sum;
}

void summarise(simulator::world& world, const score& sum, duration took, std::size_t left_in_queue) {
  print("");
  print(fmt::format("hooks completed: {} of {}   timed out: {}   heartbeats: {}", sum.completed, scaled_in,
                    sum.timed_out, sum.heartbeats));
  print(fmt::format("tasks lost: {}   running now: {}   messages left: {}", sum.lost, count_running(world),
                    left_in_queue));
  print(fmt::format("scale-in took {:.0f} s on the demo's clock", std::chrono::duration<double>(took).count()));
  print("AWS calls by operation:");
  for (const auto& [operation, calls] : world.calls()) print(fmt::format("  {:>4}  {}", calls, operation));
}

// Waits until it is over: every hook ended and every message deleted, or the limit.
task<> watch(clock& time, simulator::world& world, demo_timeline& timeline, const std::string& queue_url,
             termination& ending) {
  const auto began = time.now();
  while (!ending.is_asked() && time.now() - began < longest) {
    timeline.look(time.now());
    const auto sum = count(world);
    const auto left = world.sqs().counts(queue_url);
    const bool moved = count_running(world) == tasks_in_all;
    if (sum.completed + sum.timed_out >= scaled_in && left.visible + left.in_flight == 0 && moved) co_return;
    co_await time.sleep_for(200ms);
  }
}

task<> play(const demo_options& with, loop_executor executor, termination& ending, int& exit_code) {
  const auto time = make_real_clock(executor, with.speed);
  simulator::world_settings chosen;
  chosen.seed = with.seed;
  simulator::world world(executor, *time, chosen);
  simulator::port port(executor, world, "127.0.0.1", 0);
  const auto endpoint = fmt::format("http://127.0.0.1:{}", port.number());
  print(fmt::format("A fleet of {} instances is to run {} tasks of 3 services on ECS. AWS is simulated on {};",
                    fleet_size, tasks_in_all, endpoint));
  print(fmt::format(
      "its clock runs {:.0f} times faster than yours (AWS's shortest hook timeout is 30 s). The worker is real.",
      with.speed));
  furnish(world);
  deploy_services(world);
  co_await time->sleep_for(20s);  // until all tasks run

  const auto queue_url = endpoint + "/111122223333/lifecycle";
  const aws::environment env = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "QUEUE_URL") return queue_url;
    if (name == "AWS_ENDPOINT_URL") return endpoint;
    return std::nullopt;
  };
  auto settings = parse_config(config_text, "demo.yaml", env);
  random_source random(with.seed);
  metrics counts;
  const auto wire_time = make_real_clock(executor);
  const auto wire = aws::make_curl_transport(*wire_time, executor, {});
  const auto keys = aws::make_fixed_credentials({"AKIADEMO", "demo", {}, std::nullopt});
  logger log(*time, log_level::error, log_format::text,
             [](std::string_view line) { fmt::print(stderr, "{}\n", line); });
  service worker(executor, {*time, *wire, *keys, env, random, counts, log}, settings.value(), "eu-west-1", false);

  const bool colours = !with.plain && isatty(STDOUT_FILENO) == 1;
  print(fmt::format("{} tasks run. The group now scales in from {} to {}.\n", count_running(world), fleet_size,
                    fleet_size - scaled_in));
  co_await worker.check_queues();
  worker.start();
  const auto began = time->now();
  demo_timeline timeline(world, std::string(cluster), began, colours, print);
  timeline.look(began);
  world.autoscaling().set_desired(scaling_group, fleet_size - scaled_in);
  co_await watch(*time, world, timeline, queue_url, ending);

  const auto sum = count(world);
  const auto left = world.sqs().counts(queue_url);
  summarise(world, sum, time->now() - began, left.visible + left.in_flight);
  if (sum.completed != scaled_in || sum.lost > 0 || sum.timed_out > 0) exit_code = 1;
  co_await stop_or_end(worker, 10s, exit_code, [] { std::fflush(stdout); });
  port.close();
  ending.done();
}

}  // namespace

int demo_command(const demo_options& with) {
  asio::io_context io(1);
  termination ending(io.get_executor());
  task_group tasks(io.get_executor());
  int exit_code = 0;
  tasks.spawn(play(with, io.get_executor(), ending, exit_code));
  io.run();
  return exit_code;
}

}  // namespace lifehook::worker
