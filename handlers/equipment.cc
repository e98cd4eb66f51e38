#include "handlers/equipment.h"

#include <utility>

namespace lifehook::handlers {

equipment::equipment(clock& time, random_source& random, task_group& tasks, metrics& counts, aws::client& with,
                     state::store& state, std::string owner, bool dry_run)
    : clock_(time),
      random_(random),
      tasks_(tasks),
      counts_(counts),
      hurried_(with.hurried()),
      autoscaling(with, hurried_),
      ecs(with, hurried_),
      runner(with, hurried_),
      ec2(with, hurried_),
      elbv2(with, hurried_),
      ssm(with, hurried_),
      sns(with, hurried_),
      hooks(time, autoscaling.usual, tasks),
      instances(time, autoscaling, ec2, tasks),
      clusters(time, ecs, tasks),
      targets(time, elbv2, tasks),
      images(time, ec2.usual, tasks),
      keeper(time, autoscaling.usual, ec2.usual, tasks, counts),
      causes(time, autoscaling.usual, tasks),
      lines(time),
      services(services_of(std::move(owner), state)) {
  services.dry_run = dry_run;
}

step_services equipment::services_of(std::string owner, state::store& with) {
  return {.time = clock_,
          .random = random_,
          .tasks = tasks_,
          .counts = counts_,
          .autoscaling = autoscaling.usual,
          .ecs = ecs,
          .runner = runner,
          .ec2 = ec2,
          .ssm = ssm,
          .sns = sns,
          .hooks = hooks,
          .instances = instances,
          .clusters = clusters,
          .targets = targets,
          .images = images,
          .keeper = keeper,
          .causes = causes,
          .news = news,
          .state = with,
          .deadlines = deadlines,
          .lines = lines,
          .owner = std::move(owner)};
}

}  // namespace lifehook::handlers
