#pragma once

#include <boost/system/result.hpp>

#include <boost/assert/source_location.hpp>

#include <string>
#include <string_view>

namespace lifehook {

// The meanings of failure callers branch on. AWS's hundred codes become these in aws/fault.cc.
enum class errc {
  cancelled,    // we gave up the wait ourselves: stop, deadline, hook over
  timeout,      // no answer within the call's limit
  unreachable,  // DNS, connect, TLS, reset, HTTP 5xx: AWS did not answer
  throttled,    // AWS answered "slower"
  denied,       // AWS refuses until a person changes permissions, credentials or set-up (unknown cluster or table)
  not_found,    // the thing named is not there (any more): instance, task, lifecycle action, receipt handle
  rejected,     // AWS understood and refused the request as it is
  malformed,    // bytes we cannot read
  internal,     // a bug of ours
};

std::string_view name(errc code);

// Rule 2: these are outages, to be waited out with the hook in hand; never a reason for CONTINUE or ABANDON.
bool is_outage(errc code);

// A failure on its way to the place that settles the message, where it is logged once.
struct error {
  errc code = errc::internal;
  std::string what;      // for people: host, call, reason
  std::string aws_code;  // AWS's own code, such as "ValidationError"; empty when AWS sent none

  // Adds what the caller was doing, as a gerund: "completing lifecycle action: ...".
  error in(std::string_view doing) &&;
};

template <class T = void>
using result = boost::system::result<T, error>;

[[noreturn]] void throw_exception_from_error(const error& failure, const boost::source_location& where);

}  // namespace lifehook
