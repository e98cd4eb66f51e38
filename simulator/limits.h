#pragma once

#include "base/clock.h"

#include <map>
#include <string_view>

namespace lifehook::simulator {

// The token buckets AWS keeps per account and region, as published: ECS cluster reads 100 and 20 a second, cluster
// changes 100/40, DescribeClusters and ListClusters 50/20, service reads 100/20, service changes 50/5, STS 600/600.
// Auto Scaling does not publish its own: 100/10 is assumed. SQS has none.
class limits {
 public:
  bool admit(std::string_view service, std::string_view action, time_point now);  // takes a token if there is one

 private:
  struct bucket {
    double tokens = 0;
    time_point filled;
  };
  std::map<std::string_view, bucket> buckets_;  // by the name of their row
};

}  // namespace lifehook::simulator
