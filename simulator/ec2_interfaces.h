#pragma once

#include "base/backoff.h"
#include "simulator/ec2_ids.h"
#include "simulator/network_interfaces.h"

namespace lifehook::simulator {

struct ec2_interface {
  std::string id, subnet;
  std::vector<std::string> groups;
  std::string private_ip, public_ip;  // public_ip empty: none
  tag_map tags;
};

// EC2's own elastic network interfaces.
class ec2_interfaces : public network_interfaces {
 public:
  explicit ec2_interfaces(random_source& random) : random_(random) {}

  std::string create_interface(std::string subnet, std::vector<std::string> security_groups, std::string private_ip,
                               bool is_public) override;
  void delete_interface(std::string_view id) override;
  const std::map<std::string, ec2_interface, std::less<>>& all() const { return interfaces_; }

 private:
  random_source& random_;
  std::map<std::string, ec2_interface, std::less<>> interfaces_;
};

}  // namespace lifehook::simulator
