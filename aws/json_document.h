#pragma once

#include "base/error.h"

#include <boost/json/object.hpp>

#include <memory>
#include <string_view>

namespace lifehook::aws {

// A JSON object as AWS answered it, in memory of its own that is let go as a whole: an answer is hundreds of small
// values that are read once. What is to outlive it must be copied into other memory (a json::object copied without
// saying so stays in this one).
class json_document {
 public:
  // errc::malformed: not JSON, or not an object. Nothing at all is an object without members: how void operations
  // answer.
  static result<json_document> parse(std::string_view text);
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
