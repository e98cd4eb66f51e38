#pragma once

#include "aws/autoscaling.h"
#include "base/log.h"
#include "base/seldom.h"
#include "handlers/heartbeat_demand.h"
#include "worker/replica_count.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace lifehook::worker {

// Keeps the share of the account's API limits up to date where the configuration leaves it to ECS, and says at warn
// when the limits do not carry the heartbeats and when AWS throttles. All run until they are given up; nothing waits
// for them.
class budget_watch {
 public:
  budget_watch(clock& time, aws::client& with, aws::autoscaling& scaling, replica_count replicas, logger log);
  ~budget_watch();

  // Reads the number of workers at once and every minute. What fails leaves the last known number, and is said at most
  // once an hour.
  task<> follow_replicas();
  // Looks every few seconds, and says once a minute what is too small.
  task<> watch_load(const handlers::heartbeat_demand& asked);
  // Says soon after AWS has begun to throttle what waits, and once a minute as long as it goes on, or has been again.
  task<> watch_throttling();

 private:
  task<> read_replicas();
  void complain(const error& why);
  void say(const aws::overload& of);
  bool say_what_is_throttled();

  clock& clock_;
  aws::client& client_;
  aws::autoscaling& autoscaling_;
  replica_count replicas_;
  logger log_;
  std::optional<errc> complaint_;  // since the count was known last
  seldom complaining_{std::chrono::hours(1)};
  seldom saying_;
  clock::sleep_handle throttled_;
  // By family and region: topics and queues may be in several.
  std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> throttles_said_;
};

// Which families do not carry what hooks ask of them, pure: as the calls made so far show it, and for heartbeats also
// ahead of them, by what the hooks in hand will ask.
std::vector<aws::overload> overloads(std::vector<aws::overload> seen, double heartbeats_a_second,
                                     std::optional<double> heartbeat_rate);

}  // namespace lifehook::worker
