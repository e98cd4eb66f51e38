#pragma once

#include "aws/http_transport.h"

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::aws {

// A wire that plays answers in order and remembers what was asked: the transport's in-memory twin for tests that script
// AWS word by word. A request beyond the script is answered "unreachable". Time passes only when an answer says so.
class scripted_wire final : public http_transport {
 public:
  explicit scripted_wire(clock& time) : clock_(time) {}

  task<result<http_response>> send(http_request request) override;

  // Each adds one answer to the script.
  scripted_wire& answer(int status, std::string body, http_headers headers = {});
  scripted_wire& fail(errc code, std::string what = "scripted failure");
  scripted_wire& after(duration wait);  // the answer added last takes this long

  // Requests sent so far, in order, with the time each was sent at.
  const std::vector<http_request>& requests() const { return requests_; }
  const std::vector<time_point>& times() const { return times_; }
  std::size_t unplayed() const { return script_.size(); }

 private:
  struct scene {
    result<http_response> what;
    duration wait{0};
  };
  clock& clock_;
  std::deque<scene> script_;
  std::vector<http_request> requests_;
  std::vector<time_point> times_;
};

// The first header of that name in a request, compared without case; empty when absent.
std::string_view header_of(const http_request& request, std::string_view name);

}  // namespace lifehook::aws
