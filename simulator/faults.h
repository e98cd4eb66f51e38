#pragma once

#include "base/backoff.h"
#include "base/clock.h"
#include "simulator/service.h"

#include <optional>
#include <string>
#include <vector>

namespace lifehook::simulator {

enum class fault_kind { throttle, server_error, reset, delay, expired_credentials, access_denied, clock_skew };

// A fault AWS is made to show: for a share of the calls of a service ("*": all) and an action ("*": all), in a span of time.
struct fault_rule {
  fault_kind kind = fault_kind::throttle;
  std::string service = "*";
  std::string action = "*";
  double share = 1.0;                       // 0..1 of the calls, by the seed
  std::optional<time_point> from, until;
  duration delay{0};                        // of kind delay; for clock_skew: how far AWS's clock is ahead
};

// The rules in force. Also set over the wire: POST /_simulator/faults with {"rules":[{"kind":"throttle","service":"ecs",
// "action":"*","share":0.1,"seconds":30}]}; an empty list clears.
class faults {
 public:
  explicit faults(std::uint64_t seed) : random_(seed) {}

  void add(fault_rule rule) { rules_.push_back(std::move(rule)); }
  void clear() { rules_.clear(); }
  std::optional<fault_rule> strike(std::string_view service, std::string_view action, time_point now);

 private:
  std::vector<fault_rule> rules_;
  random_source random_;
};

}  // namespace lifehook::simulator
