#pragma once

#include "base/error.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pugi {
struct xml_node_struct;
}

namespace lifehook::aws {

// One element of an answer. An absent element is an empty one: it has no text and no children. A view: valid while its
// document lives.
class xml_element {
 public:
  xml_element() = default;
  explicit xml_element(pugi::xml_node_struct* node) : node_(node) {}

  explicit operator bool() const { return node_ != nullptr; }
  std::string_view name() const;
  std::string_view text() const;
  xml_element child(std::string_view name) const;  // the first of that name
  std::string_view text(std::string_view child_name) const { return child(child_name).text(); }
  std::optional<int> number(std::string_view child_name) const;  // nullopt when absent, or not a whole number
  std::vector<xml_element> children() const;
  // The members of a list: <Name><member>..</member></Name> of Query services, <item> of EC2.
  std::vector<xml_element> list(std::string_view name) const { return child(name).children(); }

 private:
  pugi::xml_node_struct* node_ = nullptr;
};

// An XML answer of AWS, owning its text. Entities beyond XML's five are not expanded, nothing outside is ever read.
class xml_document {
 public:
  // malformed when the text is not one well-formed element.
  static result<xml_document> parse(std::string text);
  ~xml_document();
  xml_document(xml_document&&) noexcept;
  xml_document& operator=(xml_document&&) noexcept;

  xml_element root() const;  // <DescribeLifecycleHooksResponse>
  // <{Operation}Result> of a Query answer: the root's first child of a name ending in "Result".
  xml_element query_result() const;

 private:
  struct content;
  explicit xml_document(std::unique_ptr<content> parsed);

  std::unique_ptr<content> content_;
};

// Whether a text is one element of that name, as far as its first and its last tag tell: nothing between them is read.
bool is_element(std::string_view text, std::string_view name);

}  // namespace lifehook::aws
