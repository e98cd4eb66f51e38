#include "worker/wiring.h"

#include "base/version.h"

#include <limits>

namespace lifehook::worker {

wiring::wiring(surroundings& with, std::string region, std::vector<handlers::group> groups, task_group& tasks,
               bool dry_run)
    : client(with.time, with.wire, with.keys, {std::move(region), with.env}, with.counts, with.random),
      sqs(client),
      autoscaling(client),
      ecs(client),
      sts(client),
      hooks(with.time, autoscaling, tasks.executor()),
      instances(with.time, autoscaling, tasks),
      clusters(with.time, ecs, tasks),
      services{{with.time, autoscaling, hooks, instances, tasks, with.counts, with.random},
               ecs,
               clusters,
               deadlines,
               dry_run},
      reception(services, std::move(groups), tasks) {
  with.counts.build_info.set({program_version()}, 1);
  with.counts.on_scrape([this, &with] {
    constexpr auto never = std::numeric_limits<double>::infinity();
    const auto nearest = deadlines.nearest();
    const auto left = nearest ? std::chrono::duration<double>(*nearest - with.time.now()).count() : never;
    with.counts.nearest_deadline.set({}, left);
    const auto expires = with.keys.expires();
    with.counts.credentials_expiry.set(
        {}, expires ? std::chrono::duration<double>(expires->time_since_epoch()).count() : never);
  });
}

}  // namespace lifehook::worker
