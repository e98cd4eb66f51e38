#pragma once

#include "aws/ec2.h"
#include "aws/xml.h"

namespace lifehook::aws {

// Reads pages of EC2's listings, pure. errc::unreachable when a member is absent, or cannot be read, that decides what
// is there and how old it is: an answer that cannot be read is none.
result<std::vector<ec2_instance>> read_ec2_instances(xml_element page);
result<std::vector<ec2_image>> read_ec2_images(xml_element page);
result<std::vector<std::string>> read_ec2_snapshots(xml_element page);  // ids
result<std::vector<network_interface>> read_ec2_interfaces(xml_element page);
result<std::vector<scheduled_event>> read_ec2_scheduled_events(xml_element page);  // of all instances in it

}  // namespace lifehook::aws
