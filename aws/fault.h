#pragma once

#include "aws/http_transport.h"
#include "base/error.h"

#include <string>
#include <string_view>

namespace lifehook::aws {

// What AWS said went wrong, in its own words; both empty when a proxy or a broken server answered instead.
struct fault {
  std::string code;  // short: "ThrottlingException", without namespace and suffix
  std::string message;
};

// Reads the fault of an answer of any protocol: x-amzn-errortype, __type, <ErrorResponse>, or EC2's <Response><Errors>.
fault read_fault(const http_response& answer);

// The one table that turns AWS codes into meanings. Total: codes unknown to it are read by their ending, then by the
// HTTP status. 4xx without any code did not come from AWS: unreachable.
errc meaning(const fault& of, int status);

// A fault as the error callers see. Tokens in AWS's message are cut to eight characters: messages end in logs.
error to_error(const fault& of, int status);

// The word for it in the log: its code; "not_there" of a cluster, a table or a topic that is not, which hold a hook
// like what is denied, but which no permission mends.
std::string_view word_for(const error& why);

// An answer that lacks what its caller goes by ("a task", "its ARN and status") is none: unreachable.
error unreadable_answer(std::string_view what, std::string_view missing);

// The value of the `code` metric label: the code itself, or the status, or "other" for what could grow without bound.
std::string code_label(std::string_view code, int status);

}  // namespace lifehook::aws
