#include "aws/http_transport.h"

namespace lifehook::aws {

std::string_view http_response::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers)
    if (name == lower_case_name) return value;
  return {};
}

}  // namespace lifehook::aws
