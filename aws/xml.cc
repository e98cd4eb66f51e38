#include "aws/xml.h"

#include "base/number.h"

#include <pugixml.hpp>

#include <algorithm>

namespace lifehook::aws {

std::string_view xml_element::name() const { return pugi::xml_node(node_).name(); }

std::string_view xml_element::text() const { return pugi::xml_node(node_).child_value(); }

xml_element xml_element::child(std::string_view name) const {
  for (const auto each : pugi::xml_node(node_).children())
    if (each.type() == pugi::node_element && each.name() == name) return xml_element(each.internal_object());
  return {};
}

std::optional<int> xml_element::number(std::string_view child_name) const {
  return parse_number<int>(text(child_name));
}

std::vector<xml_element> xml_element::children() const {
  std::vector<xml_element> found;
  for (const auto each : pugi::xml_node(node_).children())
    if (each.type() == pugi::node_element) found.emplace_back(each.internal_object());
  return found;
}

struct xml_document::content {
  std::string text;  // parsed in place: elements are views into it
  pugi::xml_document parsed;
};

xml_document::xml_document(std::unique_ptr<content> parsed) : content_(std::move(parsed)) {}
xml_document::~xml_document() = default;
xml_document::xml_document(xml_document&&) noexcept = default;
xml_document& xml_document::operator=(xml_document&&) noexcept = default;

result<xml_document> xml_document::parse(std::string text) {
  auto made = std::make_unique<content>();
  made->text = std::move(text);
  const auto read =
      made->parsed.load_buffer_inplace(made->text.data(), made->text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!read) return error{errc::malformed, std::string("not XML: ").append(read.description())};
  return xml_document(std::move(made));
}

xml_element xml_document::root() const { return xml_element(content_->parsed.document_element().internal_object()); }

xml_element xml_document::query_result() const {
  for (const auto each : root().children())
    if (each.name().ends_with("Result")) return each;
  return {};
}

bool is_element(std::string_view text, std::string_view name) {
  constexpr std::string_view blanks = " \t\r\n";
  if (text.starts_with("<?xml ")) text.remove_prefix(std::min(text.find('>') + 1, text.size()));
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  const auto opens = std::string("<").append(name);
  if (!text.starts_with(opens)) return false;
  const auto rest = text.substr(opens.size());
  if (rest.empty() || std::string_view(" \t\r\n/>").find(rest.front()) == rest.npos) return false;
  const bool is_empty = rest.find('>') + 1 == rest.size() && rest.ends_with("/>");
  return is_empty || rest.ends_with(std::string("</").append(name).append(">"));
}

}  // namespace lifehook::aws
