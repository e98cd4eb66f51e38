#include "aws/call_answer.h"

#include "aws/fault.h"

#include <optional>
#include <utility>

namespace lifehook::aws {

namespace {

bool succeeded(const http_response& answer) { return answer.status >= 200 && answer.status < 300; }

error unreadable(std::string_view why) {
  return {errc::unreachable, std::string("an answer that cannot be read: ").append(why), {}};
}

std::optional<error> failure_of(const result<http_response>& answered) {
  if (!answered) return answered.error();
  if (!succeeded(*answered)) return to_error(read_fault(*answered), answered->status);
  return std::nullopt;
}

}  // namespace

template <>
result<json_document> read_answer(result<http_response>& answered, const answered_call& of) {
  if (auto failure = failure_of(answered)) return *std::move(failure);
  const auto body = std::move(answered->body);
  auto read = json_document::parse(body, of.unread);
  if (!read) return unreadable(read.error().what());
  return read;
}

// A captive portal's well-formed page is not an answer.
template <>
result<xml_document> read_answer(result<http_response>& answered, const answered_call& of) {
  if (auto failure = failure_of(answered)) return *std::move(failure);
  auto read = xml_document::parse(std::move(answered->body));
  if (!read) return unreadable(read.error().what());
  if (const auto expected = std::string(of.operation) + "Response"; read->root().name() != expected)
    return unreadable("not a " + expected);
  return read;
}

template <>
result<> read_answer(result<http_response>& answered, const answered_call& of) {
  if (auto failure = failure_of(answered)) return *std::move(failure);
  if (const auto expected = std::string(of.operation) + "Response"; !is_element(answered->body, expected))
    return unreadable("not a " + expected);
  return {};
}

std::string failed_code(const result<http_response>& answered, const error& failure) {
  if (!answered) return std::string(name(answered.error().code()));
  if (succeeded(*answered)) return std::string(name(errc::malformed));
  return code_label(failure.aws_code(), answered->status);
}

std::string_view header_of(const result<http_response>& answered, std::string_view name) {
  return answered ? answered->header(name) : std::string_view();
}

}  // namespace lifehook::aws
