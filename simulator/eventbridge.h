#pragma once

#include "simulator/service.h"

#include <memory>

namespace lifehook::simulator {

// Amazon EventBridge of an account without rules: what a rule would bring is put into a queue by hand. Actions:
// ListRuleNamesByTarget, DescribeRule.
class eventbridge : public service {
 public:
  static std::unique_ptr<service> make();
};

}  // namespace lifehook::simulator
