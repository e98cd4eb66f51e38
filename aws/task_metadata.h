#pragma once

#include "aws/environment.h"
#include "aws/http_transport.h"

#include <string>
#include <string_view>

namespace lifehook::aws {

// The ECS task this process runs in.
struct own_task {
  std::string cluster;  // name or ARN
  std::string arn;
  std::string service;  // empty: agents before 1.63 do not say, standalone tasks have none
};

// Asks ECS's task metadata endpoint, version 4, at ECS_CONTAINER_METADATA_URI_V4. not_found: this is no ECS task.
task<result<own_task>> read_own_task(http_transport& wire, environment env);

// What the endpoint answers to /task, pure; unreachable where cluster or task is not told.
result<own_task> read_own_task(std::string_view answer);

}  // namespace lifehook::aws
