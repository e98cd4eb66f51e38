#include "worker/wiring.h"

#include "base/version.h"
#include "state/dynamodb_store.h"
#include "state/memory_store.h"

#include <fmt/format.h>

#include <limits>

namespace lifehook::worker {

namespace {

std::shared_ptr<state::store> choose_state(surroundings& with, const state_config& of, aws::dynamodb& table) {
  if (with.file_state) return with.file_state;
  if (of.backend == state_backend::dynamodb) return state::make_dynamodb_store(with.time, table, with.random);
  return state::make_memory_store(with.time);
}

}  // namespace

wiring::wiring(surroundings& with, std::string region, const config& of, task_group& tasks, bool dry_run)
    : client(with.time, with.wire, with.keys, {std::move(region), with.env, of.budget.allowed, with.patience},
             with.counts, with.random),
      hurried_client(client.hurried()),
      sqs(client),
      autoscaling(client),
      hurried_autoscaling(hurried_client),
      ecs(client),
      hurried_ecs(hurried_client),
      runner(client),
      hurried_runner(hurried_client),
      ec2(client),
      hurried_ec2(hurried_client),
      elbv2(client),
      hurried_elbv2(hurried_client),
      ssm(client),
      hurried_ssm(hurried_client),
      sns(client),
      hurried_sns(hurried_client),
      eventbridge(client),
      sts(client),
      table(client, of.state.table),
      state(choose_state(with, of.state, table)),
      hooks(with.time, autoscaling, tasks),
      instances(with.time, {autoscaling, hurried_autoscaling}, {ec2, hurried_ec2}, tasks),
      clusters(with.time, {ecs, hurried_ecs}, tasks),
      targets(with.time, {elbv2, hurried_elbv2}, tasks),
      images(with.time, ec2, tasks),
      keeper(with.time, autoscaling, ec2, tasks, with.counts),
      causes(with.time, autoscaling, tasks),
      lines(with.time),
      services{.time = with.time,
               .random = with.random,
               .tasks = tasks,
               .counts = with.counts,
               .autoscaling = autoscaling,
               .ecs = {ecs, hurried_ecs},
               .runner = {runner, hurried_runner},
               .ec2 = {ec2, hurried_ec2},
               .ssm = {ssm, hurried_ssm},
               .sns = {sns, hurried_sns},
               .hooks = hooks,
               .instances = instances,
               .clusters = clusters,
               .targets = targets,
               .images = images,
               .keeper = keeper,
               .causes = causes,
               .news = news,
               .state = *state,
               .deadlines = deadlines,
               .lines = lines,
               .owner = fmt::format("{:016x}", with.random()),
               .dry_run = dry_run},
      reception(services, of.groups, tasks, of.keep_foreign) {
  with.counts.build_info.set({program_version(), with.commit}, 1);
  with.counts.on_scrape([this, &with] {
    with.counts.budget_replicas.set({}, client.replicas());
    constexpr auto never = std::numeric_limits<double>::infinity();
    const auto nearest = deadlines.nearest();
    const auto left = nearest ? std::chrono::duration<double>(*nearest - with.time.now()).count() : never;
    with.counts.nearest_deadline.set({}, left);
  });
}

}  // namespace lifehook::worker
