#pragma once

#include "aws/token_bucket.h"

#include <string_view>
#include <vector>

namespace lifehook::aws {

// Whose turn comes first where calls must wait for each other: what keeps a hook open or ends it, what an interruption
// leaves two minutes for, then the rest.
enum class urgency { hook, interruption, drain, deregister, image, look_up };

// Calls that share a bucket, in AWS's account or in its lack of figures.
struct call_family {
  std::string_view name;
  call_limits limits;  // of the whole account in a region, as AWS publishes them
};

// What is known of an operation before it is called.
struct call_class {
  std::string_view family;
  call_limits limits;
  urgency how;
  const call_family* wider = nullptr;  // another bucket that its calls take from too, with those of other families

  call_family own() const { return {family, limits}; }
};

// Pure. An operation without a row is a look-up that never waits; tests/structure says which service may have such.
call_class class_of(std::string_view service, std::string_view operation);
// All of them, each once.
std::vector<std::string_view> call_families();

}  // namespace lifehook::aws
