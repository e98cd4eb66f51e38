#pragma once

#include "aws/ecs.h"

#include <boost/json/object.hpp>

namespace lifehook::aws {

// Reads the members of ECS answers, pure. malformed when a member is absent that decides whether an instance is empty:
// a count not sent is not a count of zero.
result<container_instance> read_container_instance(const boost::json::object& from);
result<ecs_task> read_ecs_task(const boost::json::object& from);
result<ecs_service> read_ecs_service(const boost::json::object& from);
result<ecs_cluster> read_ecs_cluster(const boost::json::object& from);
std::vector<ecs_failure> read_ecs_failures(const boost::json::object& answer);

}  // namespace lifehook::aws
