#pragma once

#include "aws/autoscaling.h"
#include "aws/coalescer.h"
#include "handlers/scaling_cause.h"

#include <string>

namespace lifehook::handlers {

// The end of an instance that Auto Scaling has told of.
struct told_end {
  std::string group;
  std::string instance;
  time_point when;
};

// Why Auto Scaling ends instances, as the scaling activities of their groups tell it. A group that ends many at once is
// read once for all of them, as far back as it takes to find them.
class cause_catalog {
 public:
  cause_catalog(clock& time, aws::autoscaling& with, task_group& tasks);

  // unknown: no activity tells. not_found: nor does anybody know the group.
  task<result<scaling_cause>> cause_of_end(told_end of);

 private:
  aws::coalescer<told_end, scaling_cause> causes_;
};

}  // namespace lifehook::handlers
