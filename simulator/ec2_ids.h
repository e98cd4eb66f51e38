#pragma once

#include "simulator/service.h"

namespace lifehook::simulator {

// A kind of EC2 resource: how its ids begin, and how EC2 words that there is none.
struct resource_kind {
  std::string_view prefix;     // "ami-"
  std::string_view malformed;  // codes
  std::string_view not_found;
  std::string_view words;  // with {} for the id
};
extern const resource_kind instance_kind, image_kind, snapshot_kind, interface_kind;

using tag_map = std::map<std::string, std::string>;

// That nothing has this id: malformed when it could not be one.
fault no_such(const resource_kind& kind, std::string_view id);
// The same for the id of whatever kind.
fault no_such_resource(std::string_view id);

}  // namespace lifehook::simulator
