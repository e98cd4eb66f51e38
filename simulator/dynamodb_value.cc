#include "simulator/dynamodb_value.h"

#include "simulator/dynamodb_number.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 10> types{"S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"};
constexpr int deepest = 32;

or_fault<json::value> read_nested(const json::value& written, int depth);

fault wrong_shape() { return {400, "SerializationException", "Start of structure or map found where not expected."}; }

// The bytes of standard base64 with padding; none for anything else.
std::optional<std::string> from_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  for (int pad = 0; pad < 2 && text.ends_with('='); ++pad) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char letter : text) {
    const auto at = alphabet.find(letter);
    if (at == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(at);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>((bits >> held) & 0xff));
  }
  return bytes;
}

or_fault<json::value> read_scalar(std::string_view type, const json::value& written) {
  if (!written.is_string()) return wrong_shape();
  const std::string_view text = written.get_string();
  if (type == "B" && !from_base64(text))
    return fault{400, "SerializationException", "Invalid base64 in an AttributeValue"};
  if (type != "N") return written;
  const auto number = read_decimal(text);
  if (!number) return number.error();
  return json::value(to_text(*number));
}

or_fault<json::value> read_set(std::string_view type, const json::value& written) {
  if (!written.is_array()) return wrong_shape();
  std::vector<std::string> members;
  for (const auto& each : written.get_array()) {
    const auto member = read_scalar(type.substr(0, 1), each);
    if (!member) return member.error();
    members.emplace_back(member->get_string());
  }
  if (members.empty())
    return invalid_value(fmt::format("One or more parameter values were invalid: An {} set  may not be empty",
                                     type == "SS"   ? "string"
                                     : type == "NS" ? "number"
                                                    : "binary"));
  std::ranges::sort(members);
  if (std::ranges::adjacent_find(members) != members.end())
    return invalid_value(
        fmt::format("One or more parameter values were invalid: Input collection [{}] contains duplicates.",
                    fmt::join(members, ", ")));
  return json::value_from(members);
}

or_fault<json::value> read_list(const json::value& written, int depth) {
  if (!written.is_array()) return wrong_shape();
  json::array members;
  for (const auto& each : written.get_array()) {
    auto member = read_nested(each, depth + 1);
    if (!member) return member.error();
    members.push_back(*std::move(member));
  }
  return json::value(std::move(members));
}

or_fault<json::value> read_map(const json::value& written, int depth) {
  if (!written.is_object()) return wrong_shape();
  json::object members;
  for (const auto& [name, each] : written.get_object()) {
    auto member = read_nested(each, depth + 1);
    if (!member) return member.error();
    members.emplace(name, *std::move(member));
  }
  return json::value(std::move(members));
}

or_fault<json::value> read_inside(std::string_view type, const json::value& written, int depth) {
  if (type == "M") return read_map(written, depth);
  if (type == "L") return read_list(written, depth);
  if (type.size() == 2) return read_set(type, written);
  if (type.size() == 1) return read_scalar(type, written);
  if (!written.is_bool()) return wrong_shape();
  if (type == "NULL" && !written.get_bool())
    return invalid_value(
        "One or more parameter values were invalid: Null attribute value types must have the value of true");
  return written;
}

or_fault<json::value> read_nested(const json::value& written, int depth) {
  if (depth > deepest) return invalid_value("Nesting Levels have exceeded supported limits");
  if (!written.is_object()) return wrong_shape();
  const auto& tagged = written.get_object();
  if (tagged.size() > 1)
    return invalid_value(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes");
  if (tagged.empty() || std::ranges::find(types, std::string_view(tagged.begin()->key())) == types.end())
    return invalid_value("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  const std::string_view type = tagged.begin()->key();
  auto kept = read_inside(type, tagged.begin()->value(), depth);
  if (!kept) return kept.error();
  return json::value(json::object{{type, *std::move(kept)}});
}

std::size_t size_inside(std::string_view type, const json::value& of) {
  constexpr std::size_t of_collection = 3, of_member = 1, of_flag = 1;
  if (type == "S") return of.get_string().size();
  if (type == "N") return of.get_string().size() / 2 + 1;
  if (type == "B") return of.get_string().size() / 4 * 3;
  if (type == "BOOL" || type == "NULL") return of_flag;
  if (type == "M") return of_collection + of.get_object().size() * of_member + size_of(of.get_object());
  std::size_t sum = type == "L" ? of_collection : 0;
  for (const auto& each : of.get_array())
    sum += type == "L" ? of_member + size_inside(type_of(each), inside(each)) : size_inside(type.substr(0, 1), each);
  return sum;
}

}  // namespace

fault invalid_value(std::string message) { return {400, "ValidationException", std::move(message)}; }

or_fault<json::value> read_value(const json::value& written) { return read_nested(written, 1); }

or_fault<json::object> read_item(const json::object& written) {
  auto read = read_map(written, 0);
  if (!read) return read.error();
  return std::move(read->get_object());
}

std::string_view type_of(const json::value& of) { return of.get_object().begin()->key(); }

const json::value& inside(const json::value& of) { return of.get_object().begin()->value(); }

bool is_ordered(std::string_view type) { return type.size() == 1 && type != "M" && type != "L"; }

std::string sort_bytes(const json::value& of) {
  const std::string_view text = inside(of).get_string();
  if (type_of(of) == "N") return sort_bytes(*read_decimal(text));
  return type_of(of) == "B" ? *from_base64(text) : std::string(text);
}

std::size_t size_of(const json::object& item) {
  std::size_t sum = 0;
  for (const auto& [name, each] : item) sum += name.size() + size_inside(type_of(each), inside(each));
  return sum;
}

}  // namespace lifehook::simulator
