#pragma once

#include "simulator/autoscaling.h"
#include "simulator/ec2.h"
#include "simulator/ecs.h"
#include "simulator/plain_interfaces.h"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <fstream>
#include <future>

namespace lifehook::simulator {

using namespace std::chrono_literals;

// Auto Scaling, EC2, ELB and ECS with one fleet, on a clock that stands still: what a test of either begins with.
struct fleet_scene : testing::Test {
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

  answered call(service& on, request asked) {
    std::optional<answered> got;
    asio::co_spawn(io, on.handle(std::move(asked)), [&got](std::exception_ptr thrown, answered outcome) {
      if (thrown) std::rethrow_exception(thrown);
      got = std::move(outcome);
    });
    io.restart();
    io.poll();
    return got.value();
  }
  answered query(std::string action, std::map<std::string, std::string> parameters) {
    return call(*scaling, {"autoscaling", std::move(action), {}, std::move(parameters)});
  }
  answered ec2_query(std::string action, std::map<std::string, std::string> parameters) {
    return call(*machines, {"ec2", std::move(action), {}, std::move(parameters)});
  }
  answered elb_query(std::string action, std::map<std::string, std::string> parameters) {
    return call(*balancers, {"elasticloadbalancing", std::move(action), {}, std::move(parameters)});
  }
  answered ecs_call(std::string action, std::string_view body) {
    return call(*containers, {"ecs", std::move(action), boost::json::parse(body).as_object(), {}});
  }
  boost::json::object ecs_ask(std::string action, std::string_view body) {
    return ecs_call(std::move(action), body).value().json.as_object();
  }
  boost::json::object body_of(std::string_view queue, std::size_t which) {
    return boost::json::parse(queues->bodies(queue).at(which)).as_object();
  }
};

// A message as AWS documents it.
inline boost::json::object sample(std::string_view name) {
  std::ifstream file(std::string(LIFEHOOK_SOURCE "/tests/data/messages/").append(name).append(".json"));
  return boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {})).as_object();
}

inline std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// The text of the first element of that name.
inline std::string element(std::string_view xml, std::string_view name) {
  const auto open = "<" + std::string(name) + ">";
  const auto begin = xml.find(open);
  if (begin == std::string_view::npos) return "";
  const auto from = begin + open.size();
  return std::string(xml.substr(from, xml.find("</" + std::string(name), from) - from));
}

}  // namespace lifehook::simulator
