#pragma once

#include "base/clock.h"

#include <map>
#include <string>
#include <string_view>

namespace lifehook::simulator {

// The token buckets AWS keeps per account and region, as published: ECS cluster reads 100 and 20 a second, cluster
// changes 100/40, DescribeClusters and ListClusters 50/20, service reads 100/20, service changes 50/5, STS 600/600.
// EC2: each Describe action 100/20, or 50/10 when it names neither a filter nor a page size; each change its own, most
// of them 50/5. ELB: all its actions together 40/10, and targets changed 20/4, other changes 20/3 within that. Auto
// Scaling does not publish its own: 100/10 is assumed; nor Run Command: 40/40 for reads as GetParameter has, 10/10 for
// SendCommand and CancelCommand. SQS and DynamoDB (on demand) have none.
class limits {
 public:
  // Takes a token of each bucket the call counts in, if all have one. `narrowed`: it names a filter or a page size.
  bool admit(std::string_view service, std::string_view action, time_point now, bool narrowed = true);

 private:
  struct bucket {
    double tokens = 0;
    time_point filled;
  };
  bucket& filled(const std::string& name, double size, double per_second, time_point now);

  std::map<std::string, bucket> buckets_;
};

}  // namespace lifehook::simulator
