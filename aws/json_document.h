#pragma once

#include "base/error.h"

#include <boost/json/object.hpp>

#include <memory>
#include <span>
#include <string_view>

namespace lifehook::aws {

// A JSON object as AWS answered it, in memory of its own that is let go as a whole: an answer is hundreds of small
// values that are read once. What is to outlive it must be copied into other memory (a json::object copied without
// saying so stays in this one).
class json_document {
 public:
  // errc::malformed: not JSON, or not an object. Nothing at all is an object without members: how void operations
  // answer. Members whose name is among the unread are left out, at any depth, but must be JSON all the same: of an
  // answer the greater part is often what nobody reads, and checking costs less than keeping.
  static result<json_document> parse(std::string_view text, std::span<const std::string_view> unread = {});
  json_document(json_document&& other) noexcept;
  json_document& operator=(json_document&& other) noexcept;
  ~json_document();

  const boost::json::object& root() const;

 private:
  struct held;
  explicit json_document(std::unique_ptr<held> read);
  std::unique_ptr<held> held_;
};

}  // namespace lifehook::aws
