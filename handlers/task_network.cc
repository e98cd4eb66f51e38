#include "handlers/task_network.h"

#include "aws/json_fields.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace lifehook::handlers {

namespace json = boost::json;

std::string to_text(const aws::task_network& of) {
  return json::serialize(json::object{{"subnets", aws::array_of(of.subnets)},
                                      {"security_groups", aws::array_of(of.security_groups)},
                                      {"public_address", of.public_address}});
}

std::optional<aws::task_network> read_task_network(std::string_view text) {
  boost::system::error_code failed;
  const auto read = json::parse(text, failed);
  if (failed || !read.is_object()) return std::nullopt;
  const auto& fields = read.get_object();
  aws::task_network of{aws::texts_of(fields, "subnets"), aws::texts_of(fields, "security_groups"),
                       aws::flag_of(fields, "public_address", false)};
  if (of.subnets.empty() || of.security_groups.empty()) return std::nullopt;
  return of;
}

std::string network_key(std::string_view task_arn) { return std::string("network|").append(task_arn); }

}  // namespace lifehook::handlers
