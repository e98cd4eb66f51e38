#pragma once

#include "aws/autoscaling.h"

#include <optional>
#include <string>

namespace lifehook::handlers {

// How many of a group's instances are in service.
int in_service(const aws::scaling_group& group);

// How many of desired capacity's are there and not on their way out, those that are being launched among them. What
// stands by, or is in the warm pool, is not of it.
int staying(const aws::scaling_group& group);

// Whether an instance, as Auto Scaling knows it, is in the group and not on its way out of it. Pure.
bool is_member(const std::optional<aws::scaling_instance>& found, const std::string& group);

}  // namespace lifehook::handlers
