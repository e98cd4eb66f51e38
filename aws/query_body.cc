#include "aws/query_body.h"

#include "aws/percent.h"

namespace lifehook::aws {

std::string query_body(std::string_view action, std::string_view version, const query_parameters& parameters) {
  std::size_t size = action.size() + version.size() + 16;
  for (const auto& [name, value] : parameters) size += name.size() + value.size() + 8;
  std::string body;
  body.reserve(size);
  body.append("Action=").append(action).append("&Version=").append(version);
  for (const auto& [name, value] : parameters) {
    body += '&';
    append_encoded(body, name);
    body += '=';
    append_encoded(body, value);
  }
  return body;
}

void add_members(query_parameters& to, std::string_view name, const std::vector<std::string>& values) {
  to.reserve(to.size() + values.size());
  std::size_t place = 0;
  for (const auto& value : values) to.emplace_back(std::string(name) + ".member." + std::to_string(++place), value);
}

}  // namespace lifehook::aws
