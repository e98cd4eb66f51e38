#pragma once

#include "base/backoff.h"
#include "simulator/network_interfaces.h"

#include <map>

namespace lifehook::simulator {

// Network interfaces of a world that has no EC2: they only exist.
class plain_interfaces final : public network_interfaces {
 public:
  explicit plain_interfaces(std::uint64_t seed) : random_(seed) {}

  std::string create_interface(std::string subnet, std::vector<std::string> security_groups, std::string private_ip,
                               bool is_public) override;
  void delete_interface(std::string_view id) override;
  // Addresses by id.
  const std::map<std::string, std::string, std::less<>>& all() const { return addresses_; }

 private:
  random_source random_;
  std::map<std::string, std::string, std::less<>> addresses_;
};

}  // namespace lifehook::simulator
