#include "base/error.h"

#include <stdexcept>

namespace lifehook {

std::string_view name(errc code) {
  switch (code) {
    case errc::cancelled: return "cancelled";
    case errc::timeout: return "timeout";
    case errc::expired: return "expired";
    case errc::unreachable: return "unreachable";
    case errc::too_large: return "too_large";
    case errc::throttled: return "throttled";
    case errc::denied: return "denied";
    case errc::not_found: return "not_found";
    case errc::rejected: return "rejected";
    case errc::malformed: return "malformed";
    case errc::internal: return "internal";
  }
  return "internal";
}

bool is_outage(errc code) {
  return code == errc::timeout || code == errc::unreachable || code == errc::too_large || code == errc::throttled ||
         code == errc::denied;
}

error::error(errc code, std::string what, std::string aws_code) {
  const boost::intrusive_ptr made(new contents);
  made->code = code;
  made->what = std::move(what);
  made->aws_code = std::move(aws_code);
  body_ = made;
}

const error::contents& error::body() const {
  static const boost::intrusive_ptr<const contents> nothing(new contents);
  return body_ ? *body_ : *nothing;
}

error error::in(std::string_view doing) const {
  return {code(), std::string(doing).append(": ").append(what()), aws_code()};
}

error error::with(errc code) const { return {code, what(), aws_code()}; }

error error::followed_by(std::string_view text) const { return {code(), std::string(what()).append(text), aws_code()}; }

void throw_exception_from_error(const error& failure, const boost::source_location&) {
  throw std::logic_error("unchecked result: " + failure.what());
}

}  // namespace lifehook
