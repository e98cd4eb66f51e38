#include "simulator/ec2_ids.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::simulator {

const resource_kind instance_kind{"i-", "InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound",
                                  "The instance ID '{}' does not exist"};
const resource_kind image_kind{"ami-", "InvalidAMIID.Malformed", "InvalidAMIID.NotFound",
                               "The image id '[{}]' does not exist"};
const resource_kind snapshot_kind{"snap-", "InvalidSnapshotID.Malformed", "InvalidSnapshot.NotFound",
                                  "The snapshot '{}' does not exist."};
const resource_kind interface_kind{"eni-", "InvalidNetworkInterfaceId.Malformed", "InvalidNetworkInterfaceID.NotFound",
                                   "The networkInterface ID '{}' does not exist"};

namespace {

bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_well_formed(const resource_kind& kind, std::string_view id) {
  if (!id.starts_with(kind.prefix)) return false;
  const auto digits = id.substr(kind.prefix.size());
  return (digits.size() == 8 || digits.size() == 17) && std::ranges::all_of(digits, is_hex_digit);
}

}  // namespace

fault no_such(const resource_kind& kind, std::string_view id) {
  if (!is_well_formed(kind, id))
    return {400, std::string(kind.malformed), fmt::format("Invalid id: \"{}\" (expecting \"{}...\")", id, kind.prefix)};
  return {400, std::string(kind.not_found), fmt::format(fmt::runtime(kind.words), id)};
}

fault no_such_resource(std::string_view id) {
  for (const auto* kind : {&image_kind, &snapshot_kind, &interface_kind, &instance_kind})
    if (id.starts_with(kind->prefix)) return no_such(*kind, id);
  return {400, "InvalidID", fmt::format("The ID '{}' is not valid", id)};
}

}  // namespace lifehook::simulator
