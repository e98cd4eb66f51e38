#pragma once

#include "aws/coalescer.h"
#include "aws/ec2.h"

#include <optional>
#include <string>

namespace lifehook::handlers {

// Images as EC2 knows them now: those who ask at once share one DescribeImages of up to 200.
class image_catalog {
 public:
  image_catalog(clock& time, aws::ec2& with, task_group& tasks);

  task<result<std::optional<aws::ec2_image>>> image(std::string id);

 private:
  aws::coalescer<std::string, std::optional<aws::ec2_image>> images_;
};

}  // namespace lifehook::handlers
