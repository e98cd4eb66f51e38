#pragma once

#include "aws/http_transport.h"
#include "simulator/ec2.h"
#include "simulator/ecs.h"
#include "simulator/faults.h"
#include "simulator/sqs.h"
#include "simulator/ssm.h"

namespace lifehook::simulator {

// What the controls reach for.
struct controlled {
  simulator::faults& rules;
  simulator::sqs& queues;
  simulator::ecs& clusters;
  simulator::ec2& machines;
  simulator::ssm& commands;
  std::map<std::string, std::uint64_t>& calls;
  time_point now;
};

// What happens on AWS by itself and no call can cause, and sight of the calls, under /_simulator/ of the world's url:
//   GET  calls: those answered so far, {"sqs.SendMessage": 3, ..}
//   POST reset-calls
//   POST faults, {"rules": [..]}: see faults.h
//   POST lag-counts, {"visible": 0, "in_flight": 60, "delayed": 0} or some: the queues' Approximate... counts are told
//     as they were so long ago; those left out as they are
//   POST interrupt-task, {"task": ARN} and maybe "exit_codes": {"app": 137}: Fargate Spot takes it back
//   POST end-containers, {"task": ARN, "exit_codes": {"app": 1}}: they end by themselves
//   POST scripts, {"run_time": 5, "exit_code": 0} or one of them: of SSM's, those that run included
//   POST schedule-reboot, {"instance": ID, "in": 0, "takes": 20}: maintenance, announced at once; {"event": ID}
// Times are seconds of the world's clock. 400 with {"message": ..} for what is not understood or not known, 404 for
// another path.
inline constexpr std::string_view controls_path = "/_simulator/";
aws::http_response control(const controlled& world, const aws::http_request& asked);

}  // namespace lifehook::simulator
