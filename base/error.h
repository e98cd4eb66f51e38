#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace lifehook {

// The meanings of failure callers branch on. AWS's hundred codes become these in aws/fault.cc.
enum class errc {
  cancelled,    // we gave up the wait ourselves: stop, deadline, hook over
  timeout,      // no answer within the call's limit
  expired,      // the time is used up that somebody gave for it
  unreachable,  // DNS, connect, TLS, reset, HTTP 5xx: AWS did not answer
  too_large,    // AWS's answer is above what is read: asked for less it may be read
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

// A failure on its way to the place that settles the message, where it is logged once. One pointer wide: every
// coroutine that waits for a result has room for several. A copy shares the text.
class error {
 public:
  error() = default;  // errc::internal without a text
  error(errc code, std::string what, std::string aws_code = {});

  errc code() const { return body_ ? body_->code : errc::internal; }
  const std::string& what() const { return body().what; }          // for people: host, call, reason
  const std::string& aws_code() const { return body().aws_code; }  // such as "ValidationError"; empty: AWS sent none

  // Adds what the caller was doing, as a gerund: "completing lifecycle action: ...".
  error in(std::string_view doing) const;
  error with(errc code) const;  // the same, meaning something else
  error followed_by(std::string_view text) const;

 private:
  struct contents : boost::intrusive_ref_counter<contents, boost::thread_unsafe_counter> {
    errc code = errc::internal;
    std::string what, aws_code;
  };
  const contents& body() const;

  boost::intrusive_ptr<const contents> body_;
};

template <class T = void>
using result = boost::system::result<T, error>;

template <class T>
struct with_error {
  using type = result<T>;
};
template <class T>
struct with_error<result<T>> {
  using type = result<T>;
};
// What is left of an answer once it may also be given up: of a T and of a result<T> a result<T>.
template <class T>
using or_error = typename with_error<T>::type;

[[noreturn]] void throw_exception_from_error(const error& failure, const boost::source_location& where);

}  // namespace lifehook
