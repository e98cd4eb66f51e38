#include "simulator/http_reader.h"

#include "base/number.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace lifehook::simulator {
namespace {

constexpr std::size_t largest_head = 64U << 10U;
constexpr std::size_t largest_body = 2U << 20U;
constexpr std::size_t first_room = 4U << 10U;
constexpr int bad_request = 400, too_large = 413, head_too_large = 431, not_implemented = 501;

constexpr std::array<std::string_view, 5> kept{"authorization", "x-amz-target", "content-type", "x-amzn-query-mode",
                                               "x-amz-date"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view any_case, std::string_view lower_case) {
  return std::ranges::equal(any_case, lower_case, {}, lower);
}

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::ranges::none_of(text, [](char c) { return c <= ' ' || c >= 127 || c == ':' || c == '"'; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

boost::asio::mutable_buffer http_reader::room() {
  if (begin_ == end_) begin_ = end_ = 0;
  const auto unread_size = end_ - begin_;
  const auto expected = head_size_ > 0 ? head_size_ + body_size_ : unread_size;
  const auto wanted = std::max(expected, unread_size) + first_room;
  if (buffer_.size() < begin_ + wanted && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, unread_size);
    begin_ = 0;
    end_ = unread_size;
  }
  if (buffer_.size() < begin_ + wanted) buffer_.resize(std::max(begin_ + wanted, buffer_.size() + buffer_.size() / 2));
  return boost::asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
}

http_reader::status http_reader::next() {
  if (refusal_ != 0) return status::refused;
  const auto text = unread();
  if (head_size_ == 0) {
    const auto end = text.find("\r\n\r\n", searched_);
    if (end == std::string_view::npos) {
      if (text.size() > largest_head) return refuse(head_too_large);
      searched_ = text.size() < 3 ? 0 : text.size() - 3;
      return status::needs_more;
    }
    if (end > largest_head) return refuse(head_too_large);
    if (!read_head(text.substr(0, end))) return refuse(refusal_ == 0 ? bad_request : refusal_);
    head_size_ = end + 4;
  }
  return text.size() >= head_size_ + body_size_ ? status::complete : status::needs_more;
}

aws::http_request http_reader::take() {
  request_.body.assign(unread().substr(head_size_, body_size_));
  begin_ += head_size_ + body_size_;
  head_size_ = body_size_ = searched_ = 0;
  return std::exchange(request_, {});
}

http_reader::status http_reader::refuse(int with) {
  refusal_ = with;
  return status::refused;
}

bool http_reader::read_head(std::string_view head) {
  has_length_ = false;
  const auto line_end = std::min(head.find("\r\n"), head.size());
  if (!read_request_line(head.substr(0, line_end))) return false;
  head.remove_prefix(line_end);
  while (!head.empty()) {
    head.remove_prefix(2);
    const auto line = head.substr(0, head.find("\r\n"));
    if (!read_header(line)) return false;
    head.remove_prefix(line.size());
  }
  return true;
}

bool http_reader::read_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || last == first) return false;
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(method) || target.empty() || target.find(' ') != std::string_view::npos) return false;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  keeps_alive_ = version == "HTTP/1.1";
  request_.method = method;
  request_.url = target;
  return true;
}

bool http_reader::read_header(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
  const auto name = line.substr(0, colon);
  const auto value = trimmed(line.substr(colon + 1));
  if (same(name, "content-length")) return read_length(value);
  if (same(name, "transfer-encoding")) {
    refusal_ = not_implemented;
    return false;
  }
  if (same(name, "connection")) {
    keeps_alive_ = same(value, "close") ? false : keeps_alive_ || same(value, "keep-alive");
    return true;
  }
  const auto known = std::ranges::find_if(kept, [name](auto each) { return same(name, each); });
  if (known != kept.end()) request_.headers.emplace_back(*known, value);
  return true;
}

bool http_reader::read_length(std::string_view value) {
  if (has_length_) return false;  // two lengths are two requests to somebody
  const auto length = parse_number<decltype(body_size_)>(value);
  if (!length) return false;
  body_size_ = *length;
  if (body_size_ > largest_body) {
    refusal_ = too_large;
    return false;
  }
  has_length_ = true;
  return true;
}

}  // namespace lifehook::simulator
