#include "aws/json_document.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace lifehook::aws {

namespace json = boost::json;

namespace {

using json::error_code;
using json::string_view;
using names = std::span<const std::string_view>;

constexpr std::size_t least_block = 512;
constexpr std::size_t most_in_first_block = 256 << 10;
constexpr std::size_t values_on_stack = 4096;  // bytes: what json::parse takes, too
constexpr std::size_t deepest = json::parse_options().max_depth;

// Values take about twice the room of their text. Whoever names what is not read names most of it.
std::size_t first_block(std::size_t text, bool whole) {
  return std::clamp(whole ? 2 * text : text / 2, least_block, most_in_first_block);
}

// What the parser tells of a text, made values as json::parse makes them, but for the members of unread names: of those
// only the brackets are counted, until the value has ended.
class builder {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  builder(names unread, json::storage_ptr memory) : values_({}, room_.data(), room_.size()), unread_(unread) {
    values_.reset(std::move(memory));
    for (const auto each : unread) unread_lengths_ |= length_bit(each);
  }
  json::value release() { return values_.release(); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    if (skips_)
      ++brackets_;
    else
      left_out_[objects_++] = 0;
    return true;
  }
  bool on_object_end(std::size_t members, error_code&) {
    if (skips_)
      close();
    else
      values_.push_object(members - left_out_[--objects_]);
    return true;
  }
  bool on_array_begin(error_code&) {
    if (skips_) ++brackets_;
    return true;
  }
  bool on_array_end(std::size_t elements, error_code&) {
    if (skips_)
      close();
    else
      values_.push_array(elements);
    return true;
  }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    if (!skips_) key_.append(part);
    return true;
  }
  bool on_key(string_view rest, std::size_t, error_code&) {
    if (skips_) return true;
    begin_member(key_.empty() ? std::string_view(rest) : key_.append(rest));
    key_.clear();
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    if (!skips_) values_.push_chars(part);
    return true;
  }
  bool on_string(string_view rest, std::size_t, error_code&) {
    if (keeps()) values_.push_string(rest);
    return true;
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, string_view, error_code&) {
    if (keeps()) values_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, string_view, error_code&) {
    if (keeps()) values_.push_uint64(number);
    return true;
  }
  bool on_double(double number, string_view, error_code&) {
    if (keeps()) values_.push_double(number);
    return true;
  }
  bool on_bool(bool flag, error_code&) {
    if (keeps()) values_.push_bool(flag);
    return true;
  }
  bool on_null(error_code&) {
    if (keeps()) values_.push_null();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  void begin_member(std::string_view name) {
    skips_ = is_unread(name);
    if (skips_)
      ++left_out_[objects_ - 1];
    else
      values_.push_key(name);
  }
  // Most names are told by their length.
  static std::uint64_t length_bit(std::string_view name) { return std::uint64_t{1} << name.size() % 64; }
  bool is_unread(std::string_view name) const {
    return (unread_lengths_ & length_bit(name)) != 0 &&
           std::find(unread_.begin(), unread_.end(), name) != unread_.end();
  }
  void close() { skips_ = --brackets_ > 0; }

  // Of a value without brackets: one skipped outside all brackets is the member's whole value.
  bool keeps() {
    if (!skips_) return true;
    skips_ = brackets_ > 0;
    return false;
  }

  alignas(json::value) std::array<unsigned char, values_on_stack> room_;
  json::value_stack values_;
  names unread_;
  std::uint64_t unread_lengths_ = 0;
  std::string key_;                              // written with escapes, so far
  std::array<std::size_t, deepest> left_out_{};  // members, of each object open: no deeper than parsed
  std::size_t objects_ = 0;                      // open, and kept
  std::size_t brackets_ = 0;                     // open within what is skipped
  bool skips_ = false;
};

// As json::parse, which is faster where all is kept.
json::value parse_but(names unread, std::string_view text, error_code& failed, json::storage_ptr memory) {
  json::basic_parser<builder> parser(json::parse_options(), unread, std::move(memory));
  const auto used = parser.write_some(false, text.data(), text.size(), failed);
  if (!failed && used < text.size()) failed = json::error::extra_data;
  return failed ? json::value() : parser.handler().release();
}

}  // namespace

struct json_document::held {
  explicit held(std::size_t block) : memory(block) {}

  json::monotonic_resource memory;
  std::optional<json::value> read{};
};

result<json_document> json_document::parse(std::string_view text, names unread) {
  if (text.empty()) text = "{}";
  auto made = std::make_unique<held>(first_block(text.size(), unread.empty()));
  error_code failed;
  made->read.emplace(unread.empty() ? json::parse(text, failed, &made->memory)
                                    : parse_but(unread, text, failed, &made->memory));
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
