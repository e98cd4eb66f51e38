#include "handlers/task_tags.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace lifehook::handlers {

namespace json = boost::json;

std::string tags_text(const aws::whole_task& of) {
  json::object text;
  for (const auto& [key, value] : of.tags) text.emplace(key, value);
  return json::serialize(text);
}

void add_tags(aws::whole_task& to, std::string_view text) {
  boost::system::error_code failed;
  const auto read = json::parse(text, failed);
  if (failed || !read.is_object()) return;
  for (const auto& [key, value] : read.get_object())
    if (value.is_string()) to.tags.emplace(key, value.get_string());
}

std::string tags_key(std::string_view task_arn) { return std::string("tags|").append(task_arn); }

}  // namespace lifehook::handlers
