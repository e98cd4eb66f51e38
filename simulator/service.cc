#include "simulator/service.h"

#include <stdexcept>

namespace lifehook::simulator {

void throw_exception_from_error(const fault& failure, const boost::source_location&) {
  throw std::logic_error("unchecked answer: " + failure.code + ": " + failure.message);
}

std::string account::arn(std::string_view service, std::string_view resource) const {
  std::string text = "arn:aws:";
  text.append(service).append(":").append(region).append(":").append(id).append(":").append(resource);
  return text;
}

}  // namespace lifehook::simulator
