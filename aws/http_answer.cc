#include "aws/http_answer.h"

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <utility>

namespace lifehook::aws {

namespace http = boost::beast::http;
using boost::system::error_code;
using text_view = boost::beast::string_view;

namespace {

constexpr std::uint32_t most_header_bytes = 64U << 10;
constexpr std::size_t interim_bytes = 64;  // that an interim answer counts for, without its headers
constexpr std::size_t usual_headers = 8;
constexpr std::size_t least_last_chunk = 5;        // Beast asserts that it is not shown less of it twice
constexpr std::uint64_t most_reserved = 1U << 20;  // a length is a promise only

std::string lower_case(text_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

}  // namespace

class http_answer::parser final : public http::basic_parser<false> {
 public:
  parser(bool head_only, std::size_t max_body, std::size_t header_bytes) : header_bytes_(header_bytes) {
    eager(true);
    skip(head_only);
    header_limit(most_header_bytes);
    body_limit(max_body);
  }

  http_response& response() { return response_; }
  std::size_t header_bytes() const { return header_bytes_; }
  bool is_interim() const { return response_.status / 100 == 1; }

 private:
  void on_request_impl(http::verb, text_view, text_view, int, error_code&) override {}
  void on_response_impl(int code, text_view, int, error_code&) override {
    response_.status = code;
    response_.headers.reserve(usual_headers);
  }
  // Beast's own limit is of what it is shown at once.
  void on_field_impl(http::field, text_view name, text_view value, error_code& failed) override {
    header_bytes_ += name.size() + value.size();
    if (header_bytes_ > most_header_bytes) failed = http::error::header_limit;
    response_.headers.emplace_back(lower_case(name), value);
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) response_.body.reserve(static_cast<std::size_t>(std::min(*length, most_reserved)));
  }
  std::size_t on_body_impl(text_view body, error_code&) override {
    response_.body.append(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, text_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, text_view body, error_code&) override {
    response_.body.append(body);
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  http_response response_;
  std::size_t header_bytes_;  // those of interim answers before it included
};

http_answer::http_answer() = default;
http_answer::~http_answer() = default;

void http_answer::expect(bool head_only, std::size_t max_body) {
  forget();
  head_only_ = head_only;
  max_body_ = max_body;
  parser_ = std::make_unique<parser>(head_only, max_body, 0);
}

void http_answer::forget() {
  parser_.reset();
  pending_.clear();
  why_.clear();
  begun_ = surplus_ = false;
  state_ = state::incomplete;
}

http_answer::state http_answer::read(std::string_view bytes) {
  if (state_ != state::incomplete || bytes.empty()) return state_;
  begun_ = true;
  if (pending_.empty()) return note(parse(bytes));
  auto all = std::exchange(pending_, {}).append(bytes);
  if (all.size() >= least_last_chunk || !all.starts_with("0\r\n")) return note(parse(all));
  pending_ = std::move(all);
  return state_;
}

http_answer::state http_answer::parse(std::string_view bytes) {
  do {
    error_code failed;
    bytes.remove_prefix(parser_->put(asio::const_buffer(bytes.data(), bytes.size()), failed));
    if (failed == http::error::need_more) {
      if (bytes.size() > most_header_bytes)
        return too_long(errc::unreachable);  // chunk extensions and trailers, which Beast does not limit
      pending_ = bytes;
      return state::incomplete;
    }
    if (failed == http::error::body_limit) return too_long(errc::too_large);
    if (failed == http::error::header_limit) return too_long(errc::unreachable);
    if (failed) return break_off("no HTTP answer: " + failed.message());
    if (!parser_->is_done()) continue;
    if (!parser_->is_interim()) {
      surplus_ = !bytes.empty();
      return state::complete;
    }
    const auto header_bytes = parser_->header_bytes() + interim_bytes;
    if (header_bytes > most_header_bytes) return too_long(errc::unreachable);
    parser_ = std::make_unique<parser>(head_only_, max_body_, header_bytes);
  } while (!bytes.empty());
  return state::incomplete;
}

http_answer::state http_answer::break_off(std::string why, errc meaning) {
  why_ = std::move(why);
  meaning_ = meaning;
  return state::broken;
}

http_answer::state http_answer::too_long(errc meaning) {
  return break_off(fmt::format("the answer is above {} bytes, or its headers above {}", max_body_, most_header_bytes),
                   meaning);
}

http_answer::state http_answer::hang_up() {
  if (state_ != state::incomplete) return state_;
  error_code failed;
  if (parser_->got_some()) parser_->put_eof(failed);
  if (!failed && parser_->is_done() && !parser_->is_interim()) return note(state::complete);
  return note(break_off(begun_ ? "the connection was closed in the midst of the answer"
                               : "the connection was closed without an answer"));
}

bool http_answer::may_stay_connected() const { return parser_->keep_alive() && !parser_->need_eof() && !surplus_; }

http_response http_answer::take() { return std::move(parser_->response()); }

std::string http_answer::why() const { return why_; }

errc http_answer::meaning() const { return meaning_; }

}  // namespace lifehook::aws
