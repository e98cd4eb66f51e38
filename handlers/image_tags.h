#pragma once

#include <string_view>

namespace lifehook::handlers {

// What an image and its snapshots are tagged with. The service's tag says that they are ours: what does not carry it is
// never deleted, and an image of our name without it is somebody else's.
constexpr std::string_view service_tag = "lifehook:service";
constexpr std::string_view scaling_group_tag = "lifehook:scaling-group";
constexpr std::string_view instance_tag = "lifehook:instance";
constexpr std::string_view cause_tag = "lifehook:cause";
constexpr std::string_view time_tag = "lifehook:time";

}  // namespace lifehook::handlers
