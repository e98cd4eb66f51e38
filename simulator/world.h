#pragma once

#include "aws/http_transport.h"
#include "simulator/autoscaling.h"
#include "simulator/dynamodb.h"
#include "simulator/ec2.h"
#include "simulator/ecs.h"
#include "simulator/elbv2.h"
#include "simulator/faults.h"
#include "simulator/service.h"
#include "simulator/sns.h"
#include "simulator/sqs.h"
#include "simulator/ssm.h"

#include <memory>

namespace lifehook::simulator {

struct world_settings {
  account owner{};
  std::string base_url = "http://aws.invalid";  // what queue urls begin with
  std::uint64_t seed = 1;
  duration latency{0};  // of every answer
  bool limits = false;  // the token buckets AWS publishes for EC2, ECS and ELB
};

// AWS in memory on one clock: SQS, Auto Scaling, ECS, EC2, ELBv2, DynamoDB, SSM, SNS, EventBridge (without rules), STS,
// speaking their real wire protocols. One object serves a real HTTP port (simulator/port.h), any SDK, and tests on
// virtual time (as an aws::http_transport). Its url leads to its controls too (simulator/controls.h). Single-threaded.
class world {
 public:
  world(loop_executor executor, clock& time, world_settings with);
  ~world();

  // Any HTTP request to any of the services. Never fails: what is not understood is answered as AWS would. Status 0
  // stands for a connection closed without an answer. A running answer keeps what it needs when the world is destroyed.
  task<aws::http_response> answer(aws::http_request asked);
  // The same as a wire for the client under test: a closed connection is errc::unreachable; what comes later than the
  // request's timeout is errc::timeout, at its time (a long poll's at its own end), though the call took effect;
  // what is larger than the request allows is errc::too_large.
  aws::http_transport& wire();

  simulator::sqs& sqs();
  simulator::autoscaling& autoscaling();
  simulator::ecs& ecs();
  simulator::ec2& ec2();
  simulator::elbv2& elbv2();
  simulator::dynamodb& dynamodb();
  simulator::ssm& ssm();
  simulator::sns& sns();
  simulator::faults& faults();

  // Calls answered so far, by "service.Action": what the demo's summary prints and benches divide by.
  const std::map<std::string, std::uint64_t>& calls() const;

  void set_base_url(std::string base_url);  // the port says where queue urls lead, once it is bound

 private:
  struct state;
  static task<aws::http_response> answer_by(std::shared_ptr<state> by, aws::http_request received, time_point patience);

  std::shared_ptr<state> state_;
};

}  // namespace lifehook::simulator
