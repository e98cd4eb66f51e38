#pragma once

#include "aws/http_transport.h"
#include "aws/json_document.h"
#include "aws/xml.h"
#include "base/error.h"

#include <span>
#include <string>
#include <string_view>

namespace lifehook::aws {

// The call that an HTTP answer belongs to, as far as reading it needs to know. Views of it.
struct answered_call {
  std::string_view operation;
  std::span<const std::string_view> unread{};  // of a JSON answer, see json_document::parse
};

// Reads an answer, whose body it takes: the document of one that succeeded, AWS's error of any other (aws/fault.h), the
// transport's where there was none. What cannot be read is no answer: errc::unreachable. Of void: a Query operation's
// that says no more than that it was done; it is looked at only as far as to know it for one.
template <class Document>
result<Document> read_answer(result<http_response>& answered, const answered_call& of);
template <>
result<json_document> read_answer(result<http_response>& answered, const answered_call& of);
template <>
result<xml_document> read_answer(result<http_response>& answered, const answered_call& of);
template <>
result<> read_answer(result<http_response>& answered, const answered_call& of);

// What metrics call an attempt that failed: AWS's code or HTTP's status, or why there was no answer.
std::string failed_code(const result<http_response>& answered, const error& failure);

// Empty where there is no answer, or no such header.
std::string_view header_of(const result<http_response>& answered, std::string_view name);

}  // namespace lifehook::aws
