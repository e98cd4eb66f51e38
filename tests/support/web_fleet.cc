#include "tests/support/web_fleet.h"

namespace lifehook::test {

void make_web_fleet(simulator::world& in, int desired, std::chrono::seconds heartbeat_timeout,
                    const std::string& tells) {
  in.ecs().create_cluster("prod");
  in.ecs().join_on_launch("prod", "web-fleet", 8, duration::zero());
  simulator::group_settings group;
  group.name = "web-fleet";
  group.desired = desired;
  group.tags = {{"Team", "web"}};
  in.autoscaling().create_group(group);
  simulator::hook_settings hook;
  hook.name = "drain";
  hook.heartbeat_timeout = heartbeat_timeout;
  hook.default_result = "CONTINUE";
  hook.target_arn = tells;
  in.autoscaling().put_hook("web-fleet", hook);
}

}  // namespace lifehook::test
