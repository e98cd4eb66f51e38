#pragma once

#include "aws/client.h"

namespace lifehook::aws {

struct caller_identity {
  std::string account;
  std::string arn;
};

// AWS STS. The AssumeRole calls live in the credential sources, which run below the client.
class sts {
 public:
  explicit sts(client& with) : client_(with) {}
  task<result<caller_identity>> get_caller_identity();  // needs no permission: shows that credentials work

 private:
  client& client_;
};

}  // namespace lifehook::aws
