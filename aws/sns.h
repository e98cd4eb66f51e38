#pragma once

#include "aws/client.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lifehook::aws {

// The parts of a topic's ARN: views into it.
struct topic_parts {
  std::string_view region;
  std::string_view account;
  std::string_view name;
  bool is_fifo = false;
};
// nullopt: no ARN of an SNS topic ("arn:aws:sns:eu-west-1:111122223333:fleet-events", a name of up to 256 characters).
std::optional<topic_parts> read_topic(std::string_view arn);

// What SNS takes for the subject of e-mails: printable ASCII, fewer than a hundred characters, the first no blank.
bool is_subject(std::string_view text);

// A message for all who have subscribed to a topic.
struct notification {
  std::string topic;                                              // its ARN
  std::string message;                                            // with its attributes at most 256 KiB
  std::string subject{};                                          // empty: none
  std::vector<std::pair<std::string, std::string>> attributes{};  // Strings, which subscriptions filter by
  // A FIFO topic needs both, of at most 128 characters: what is delivered in order, and what SNS takes once within five
  // minutes.
  std::string message_group{};
  std::string deduplication{};
};

// Amazon SNS, only the calls we make.
class sns {
 public:
  explicit sns(client& with) : client_(with) {}

  const std::string& region() const { return client_.region(); }  // the worker's
  // The message's id. Asks in the topic's region, once: for how long it is worth trying again, the caller knows. What
  // is not answered may have arrived, and SNS has no client token for topics that are not FIFO. denied: not allowed, or
  // no such topic.
  task<result<std::string>> publish(notification what);
  // Whether there is such a topic, asked in its region. denied: not allowed, or, where its AWS code is "NotFound",
  // none.
  task<result<>> look_at(std::string topic);

 private:
  client& client_;
};

}  // namespace lifehook::aws
