#pragma once

#include "aws/client.h"

#include <string>
#include <string_view>
#include <vector>

namespace lifehook::aws {

// Of the default event bus, which the events of AWS's services come to.
struct event_rule {
  std::string name;
  std::string arn;
  bool is_enabled = false;
  std::string pattern;  // JSON; empty: it goes by a schedule
};

// Whether a rule's pattern takes events of this source and detail type, as far as these two tell: what it asks of
// anything else, or by a comparison that is not known here, is taken to hold.
bool may_take(std::string_view pattern, std::string_view source, std::string_view detail_type);

// Amazon EventBridge, only the calls we make.
class eventbridge {
 public:
  explicit eventbridge(client& with) : client_(with) {}

  // The rules of a region (empty: the worker's) that have this target: a call, and one more for each.
  task<result<std::vector<event_rule>>> rules_to(std::string target_arn, std::string region);

 private:
  client& client_;
};

}  // namespace lifehook::aws
