#include "aws/json_document.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <optional>

namespace lifehook::aws {

namespace json = boost::json;

namespace {

constexpr std::size_t least_block = 512;
constexpr std::size_t most_in_first_block = 256 << 10;

// Values take about twice the room of their text.
std::size_t first_block(std::size_t text) { return std::clamp(2 * text, least_block, most_in_first_block); }

}  // namespace

struct json_document::held {
  explicit held(std::size_t text) : memory(first_block(text)) {}

  json::monotonic_resource memory;
  std::optional<json::value> read{};
};

result<json_document> json_document::parse(std::string_view text) {
  auto made = std::make_unique<held>(text.size());
  boost::system::error_code failed;
  made->read.emplace(json::parse(text.empty() ? "{}" : text, failed, &made->memory));
  if (failed) return error{errc::malformed, failed.message(), {}};
  if (!made->read->is_object()) return error{errc::malformed, "not a JSON object", {}};
  return json_document(std::move(made));
}

json_document::json_document(std::unique_ptr<held> read) : held_(std::move(read)) {}
json_document::json_document(json_document&&) noexcept = default;
json_document& json_document::operator=(json_document&&) noexcept = default;
json_document::~json_document() = default;

const json::object& json_document::root() const { return held_->read->get_object(); }

}  // namespace lifehook::aws
