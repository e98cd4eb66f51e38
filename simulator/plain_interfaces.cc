#include "simulator/plain_interfaces.h"

#include "simulator/identity.h"

namespace lifehook::simulator {

std::string plain_interfaces::create_interface(std::string, std::vector<std::string>, std::string private_ip, bool) {
  return addresses_.emplace("eni-0" + make_hex(random_, 16), std::move(private_ip)).first->first;
}

void plain_interfaces::delete_interface(std::string_view id) {
  if (const auto found = addresses_.find(id); found != addresses_.end()) addresses_.erase(found);
}

}  // namespace lifehook::simulator
