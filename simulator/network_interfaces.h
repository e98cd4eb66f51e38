#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lifehook::simulator {

// The elastic network interfaces of a world, kept by EC2: what has an address of its own, such as a Fargate task, gets
// one here, and gives it back when it ends.
class network_interfaces {
 public:
  virtual ~network_interfaces() = default;
  // Its id, "eni-0...". An interface that is public has a public address too.
  virtual std::string create_interface(std::string subnet, std::vector<std::string> security_groups,
                                       std::string private_ip, bool is_public) = 0;
  virtual void delete_interface(std::string_view id) = 0;  // nothing when there is none
};

}  // namespace lifehook::simulator
