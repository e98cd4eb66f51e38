#pragma once

#include "aws/autoscaling.h"
#include "base/metrics.h"
#include "tests/simulation/scenario.h"

#include <memory>
#include <string>
#include <vector>

namespace lifehook::test {

// A scenario whose workers' groups are written word by word, with a launching hook "warmup" to be had, and somebody
// else who calls AWS too. `furnish` (and `deploy`) first.
class worded_scenario : public scenario {
 public:
  explicit worded_scenario(std::string groups, simulator::world_settings aws = {})
      : scenario(aws.seed, aws), groups_(std::move(groups)), seed_(aws.seed) {}
  ~worded_scenario() {
    for (auto& each : own_) stop(*each);
  }

  // Workers that are added from now on.
  void work_on(std::string groups) { groups_ = std::move(groups); }
  replica& add_worded(bool dry_run = false) {
    const auto text = fmt::format("{}queues:\n  - {{url: \"{}\"{}}}\ngroups:\n{}", before_groups, queue_url(),
                                  queue_settings.empty() ? "" : ", " + queue_settings, groups_);
    auto& through = wire ? *wire : world.wire();
    own_.push_back(
        std::make_unique<replica>(time, through, text, (seed_ - 1) * 100 + 7 + own_.size(), dry_run, env, clock_off));
    return *own_.back();
  }
  replica& start_worded() {
    auto& worker = add_worded();
    start(worker);
    return worker;
  }
  void put_launch_hook(std::chrono::seconds timeout = std::chrono::seconds(30)) {
    simulator::hook_settings hook;
    hook.name = "warmup";
    hook.transition = "autoscaling:EC2_INSTANCE_LAUNCHING";
    hook.heartbeat_timeout = timeout;
    hook.target_arn = world.sqs().queue_arn("lifecycle");
    world.autoscaling().put_hook("web-fleet", hook);
  }

  std::string before_groups;                   // further top-level keys of the workers, as YAML lines
  aws::environment env = empty_environment();  // of the workers
  duration clock_off{0};                       // of the workers' machines
  std::unique_ptr<aws::http_transport> wire;   // of the workers; nullptr: the world's

  // Somebody else with the same rights.
  aws::client& somebody() { return somebody_; }

 private:
  std::string groups_;
  std::uint64_t seed_;
  std::vector<std::unique_ptr<replica>> own_;
  metrics counts_;
  random_source chance_{99};
  std::unique_ptr<aws::credential_provider> keys_ =
      aws::make_fixed_credentials({"AKIAOTHER", "secret", {}, std::nullopt});
  aws::client somebody_{time.clock, world.wire(), *keys_, {"eu-west-1", empty_environment()}, counts_, chance_};
};

}  // namespace lifehook::test
