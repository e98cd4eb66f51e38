#pragma once

#include "simulator/service.h"

#include <chrono>

namespace lifehook::simulator {

using attribute_map = std::map<std::string, std::string>;

// The settings of a queue, by SQS's names and as numbers. Starts with AWS's defaults.
struct queue_attributes {
  attribute_map set;  // those ever set and the defaults
  std::chrono::seconds visibility{30};
  std::chrono::seconds retention{345600};
  std::chrono::seconds delay{0};
  std::chrono::seconds receive_wait{0};
  std::string dead_letter_arn;
  unsigned max_receive_count = 0;  // 0: no redrive policy
};

// `changes` on top of `before`, all or nothing. Refuses names SQS does not know and values out of its ranges.
boost::system::result<queue_attributes, fault> with_attributes(queue_attributes before, const attribute_map& changes);

}  // namespace lifehook::simulator
