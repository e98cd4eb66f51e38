#pragma once

#include "simulator/autoscaling.h"
#include "simulator/ec2.h"
#include "simulator/ecs.h"
#include "simulator/plain_interfaces.h"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace lifehook::simulator {

using namespace std::chrono_literals;

// Auto Scaling, EC2, ELB and ECS with one fleet, on a clock that stands still: what a test of either begins with.
struct fleet_scene : testing::Test {
  fleet_scene();
  ~fleet_scene() override;

  asio::io_context io{1};
  virtual_clock time{time_point{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}}};
  account owner;
  fleet instances;
  std::unique_ptr<simulator::sqs> queues =
      simulator::sqs::make(io.get_executor(), time, owner, "http://aws.invalid", 1);
  std::unique_ptr<simulator::elbv2> balancers = simulator::elbv2::make(time, owner, instances, 4);
  plain_interfaces interfaces{4};
  std::unique_ptr<simulator::ecs> containers = simulator::ecs::make(time, owner, *queues, instances, interfaces, 2);
  std::unique_ptr<simulator::autoscaling> scaling =
      simulator::autoscaling::make(time, owner, *queues, *balancers, instances, 3);
  std::unique_ptr<simulator::ec2> machines = simulator::ec2::make(time, owner, *queues, instances, 5);

  answered call(service& on, request asked);
  answered query(std::string action, std::map<std::string, std::string> parameters);
  answered ec2_query(std::string action, std::map<std::string, std::string> parameters);
  answered elb_query(std::string action, std::map<std::string, std::string> parameters);
  answered ecs_call(std::string action, std::string_view body);
  boost::json::object ecs_ask(std::string action, std::string_view body);
  boost::json::object body_of(std::string_view queue, std::size_t which);
};

// A message as AWS documents it.
boost::json::object sample(std::string_view name);

std::size_t occurrences(std::string_view text, std::string_view part);

// The text of the first element of that name.
std::string element(std::string_view xml, std::string_view name);

}  // namespace lifehook::simulator
