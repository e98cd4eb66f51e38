#pragma once

#include "base/backoff.h"
#include "base/clock.h"
#include "simulator/service.h"

#include <optional>
#include <string>
#include <vector>

namespace lifehook::simulator {

enum class fault_kind {
  throttle,
  server_error,
  reset,        // the connection closes before the call took effect
  lost_answer,  // the connection closes after the call took effect
  delay,        // the answer comes late, after the call took effect
  expired_credentials,
  access_denied,
  clock_skew  // AWS's clock is ahead: signatures of another time are refused, those of its Date header pass
};

// A fault AWS is made to show: for a share of the calls of a service ("*": all) and an action ("*": all), in a span of
// time.
struct fault_rule {
  fault_kind kind = fault_kind::throttle;
  std::string service = "*";
  std::string action = "*";
  double share = 1.0;  // 0..1 of the calls, by the seed
  std::optional<time_point> from{}, until{};
  duration delay{0};  // of kind delay; for clock_skew: how far AWS's clock is ahead
};

// The rules in force; the first that strikes counts. Also set over the wire: POST /_simulator/faults with {"rules":[
// {"kind":"throttle","service":"ecs","action":"*","share":0.1,"seconds":30}]} replaces all rules; an empty list clears.
// Kinds as above; all but kind may be left out; "delay" in seconds goes with delay and clock_skew.
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

// The rules of such a POST; "seconds" count from now.
boost::system::result<std::vector<fault_rule>, fault> read_fault_rules(std::string_view json, time_point now);

// How a service words it: each has its own code and status for "slower".
fault throttling_of(std::string_view service);
// The answer of a kind that has one: throttle, server_error, expired_credentials, access_denied, clock_skew.
fault shown_as(fault_kind kind, const request& struck);

}  // namespace lifehook::simulator
