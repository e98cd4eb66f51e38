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

// False: it has been deregistered, and is listed for a while. Pure.
bool is_registered(const aws::ec2_image& each);

// Those to delete, oldest first. `count` counts images that can be used: one that is being made or has failed takes no
// place. Never one that is being made or is no longer registered, and never the newest available one of an incident
// that is younger than the age. Lists that differ by what was made or deleted meanwhile never lead below the count.
// Pure.
std::vector<aws::ec2_image> beyond(const image_retention& with, std::vector<aws::ec2_image> images, time_point now);

// Until when the event that an image was made for may still wait for it: no event takes longer than its group's
// deadline, nor was it received later than its image was requested. Pure.
time_point waited_for_until(const aws::ec2_image& each, duration deadline);

// The instance whose hook is held for the image; empty: it was made for an event without a hook, or does not tell.
std::string held_instance(const aws::ec2_image& each);

}  // namespace lifehook::handlers
