#pragma once

#include "base/backoff.h"
#include "simulator/service.h"

#include <memory>

namespace lifehook::simulator {

// AWS STS: hands out credentials that end in time and look like AWS's; nothing checks them later. Actions:
// GetCallerIdentity, AssumeRole, AssumeRoleWithWebIdentity.
class sts : public service {
 public:
  static std::unique_ptr<service> make(clock& time, account owner, std::uint64_t seed);
};

}  // namespace lifehook::simulator
