#pragma once

#include "aws/ec2.h"

#include <optional>
#include <string>
#include <vector>

namespace lifehook::handlers {

// How many images of a service are kept, and for how long. What goes beyond either goes.
struct image_retention {
  std::optional<std::size_t> count;
  std::optional<duration> age;
};

// Images taken close to one another, of one Auto Scaling group, are of one incident.
constexpr duration incident_gap = std::chrono::hours(1);

// Those to delete, oldest first. Never one that is not available or failed yet, never `keep` (the one just made), and
// never the newest available one of an incident that is younger than the age. Pure.
std::vector<aws::ec2_image> beyond(const image_retention& with, std::vector<aws::ec2_image> images,
                                   const std::string& keep, time_point now);

}  // namespace lifehook::handlers
