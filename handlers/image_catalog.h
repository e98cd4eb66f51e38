#pragma once

#include "aws/coalescer.h"
#include "aws/ec2.h"

#include <optional>
#include <string>
#include <vector>

namespace lifehook::handlers {

// Images as EC2 knows them now: those who ask at once share one DescribeImages of up to 200.
class image_catalog {
 public:
  image_catalog(clock& time, aws::ec2& with, task_group& tasks);

  task<result<std::optional<aws::ec2_image>>> image(std::string id);
  // Of exactly this name: mostly one or none, but what was deregistered may be listed for a while.
  task<result<std::vector<aws::ec2_image>>> named(std::string name);

 private:
  aws::coalescer<std::string, std::optional<aws::ec2_image>> images_;
  aws::coalescer<std::string, std::vector<aws::ec2_image>> named_;
};

}  // namespace lifehook::handlers
