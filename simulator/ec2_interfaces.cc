#include "simulator/ec2_interfaces.h"

#include "simulator/identity.h"

#include <fmt/format.h>

namespace lifehook::simulator {

std::string ec2_interfaces::create_interface(std::string subnet, std::vector<std::string> security_groups,
                                             std::string private_ip, bool is_public) {
  const auto id = "eni-0" + make_hex(random_, 16);
  const auto address = random_();
  auto public_ip = is_public ? fmt::format("203.0.{}.{}", address >> 8 & 255, address & 255) : std::string();
  interfaces_.emplace(
      id, ec2_interface{
              id, std::move(subnet), std::move(security_groups), std::move(private_ip), std::move(public_ip), {}});
  return id;
}

void ec2_interfaces::delete_interface(std::string_view id) {
  if (const auto found = interfaces_.find(id); found != interfaces_.end()) interfaces_.erase(found);
}

}  // namespace lifehook::simulator
