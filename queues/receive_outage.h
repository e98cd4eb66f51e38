#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/seldom.h"

#include <string>
#include <utility>
#include <vector>

namespace lifehook::queues {

// Receives of a queue that fail, whichever poller's, as one: said at their first three tries, then ever fewer, though
// every two minutes as tries go on (deploy/alarms.yaml counts on it) and at once when it is for another reason; and the
// end of it.
class receive_outage {
 public:
  receive_outage(const clock& time, logger log) : clock_(time), log_(std::move(log)) {}

  void failed(const error& why, duration began);  // uptime: the poll
  void ended();                                   // a poll was answered
  void overdue(duration after);                   // one was not, yet

 private:
  bool is_new(const error& why);

  const clock& clock_;
  logger log_;
  unsigned tries_ = 0;  // none: there is no outage
  duration since_{};
  seldom failure_said_{std::chrono::minutes(2)};
  seldom overdue_said_{std::chrono::minutes(2)};
  std::vector<std::string> reasons_{};  // their codes
};

}  // namespace lifehook::queues
