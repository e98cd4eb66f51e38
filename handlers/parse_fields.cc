#include "handlers/parse_fields.h"

#include "base/time_text.h"

#include <boost/json/value.hpp>

#include <algorithm>

namespace lifehook::handlers {

std::string_view text_field(const boost::json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

const boost::json::object* object_field(const boost::json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value ? value->if_object() : nullptr;
}

std::optional<time_point> time_field(const boost::json::object& from, std::string_view key) {
  return parse_rfc3339(text_field(from, key));
}

bool is_instance_id(std::string_view text) {
  if (!text.starts_with("i-") || text.size() < 3 || text.size() > 19) return false;
  text.remove_prefix(2);
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_printable(std::string_view text, std::size_t longest) {
  // Bytes above ASCII are letters of other scripts; Boost.JSON has checked that they are UTF-8.
  return text.size() <= longest && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

std::string_view instance_of(std::string_view id_or_arn) {
  const auto slash = id_or_arn.rfind('/');
  const auto id = slash == id_or_arn.npos ? id_or_arn : id_or_arn.substr(slash + 1);
  const bool named = slash == id_or_arn.npos || id_or_arn.substr(0, slash).ends_with(":instance");
  return named && is_instance_id(id) ? id : std::string_view();
}

}  // namespace lifehook::handlers
