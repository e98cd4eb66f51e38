#include "base/error.h"

#include <stdexcept>

namespace lifehook {

std::string_view name(errc code) {
  switch (code) {
    case errc::cancelled: return "cancelled";
    case errc::timeout: return "timeout";
    case errc::unreachable: return "unreachable";
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
  return code == errc::timeout || code == errc::unreachable || code == errc::throttled || code == errc::denied;
}

error error::in(std::string_view doing) && {
  what = std::string(doing).append(": ").append(what);
  return std::move(*this);
}

void throw_exception_from_error(const error& failure, const boost::source_location&) {
  throw std::logic_error("unchecked result: " + failure.what);
}

}  // namespace lifehook
