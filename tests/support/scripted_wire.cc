#include "tests/support/scripted_wire.h"

#include <boost/algorithm/string/predicate.hpp>

namespace lifehook::aws {

task<result<http_response>> scripted_wire::send(http_request request) {
  requests_.push_back(std::move(request));
  times_.push_back(clock_.now());
  if (script_.empty()) co_return error{errc::unreachable, "the script has no more answers"};
  auto played = std::move(script_.front());
  script_.pop_front();
  if (played.wait > duration::zero()) co_await clock_.sleep_for(played.wait);
  co_return std::move(played.what);
}

scripted_wire& scripted_wire::answer(int status, std::string body, http_headers headers) {
  script_.push_back({http_response{status, std::move(headers), std::move(body)}});
  return *this;
}

scripted_wire& scripted_wire::fail(errc code, std::string what) {
  script_.push_back({error{code, std::move(what), {}}});
  return *this;
}

scripted_wire& scripted_wire::after(duration wait) {
  script_.back().wait = wait;
  return *this;
}

std::string_view header_of(const http_request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers)
    if (boost::algorithm::iequals(key, name)) return value;
  return {};
}

}  // namespace lifehook::aws
