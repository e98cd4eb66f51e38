#pragma once

#include "aws/ecs.h"
#include "aws/pages.h"

#include <boost/json/object.hpp>

#include <span>
#include <string_view>

namespace lifehook::aws {

// Reads the members of ECS answers, pure. errc::unreachable when a member is absent, or of another type, that decides
// whether an instance is there or empty: an answer that cannot be read is none, a count not sent is no count of zero.
result<container_instance> read_container_instance(const boost::json::object& from);
result<ecs_task> read_ecs_task(const boost::json::object& from);
result<ecs_service> read_ecs_service(const boost::json::object& from);
result<ecs_cluster> read_ecs_cluster(const boost::json::object& from);
std::vector<ecs_failure> read_ecs_failures(const boost::json::object& answer);

// Names of what is most of such an answer and read in none of its objects.
std::span<const std::string_view> unread_of_container_instances();
std::span<const std::string_view> unread_of_tasks();

result<page_of<std::string>> read_ecs_page(const boost::json::object& answer, std::string_view member);

}  // namespace lifehook::aws
