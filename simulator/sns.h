#pragma once

#include "simulator/service.h"

#include <memory>

namespace lifehook::simulator {

// A message as a topic's subscribers would get it.
struct published_message {
  std::string id, topic, subject, body;
  std::map<std::string, std::string> attributes;  // those of type String
  std::string group, deduplication;               // of FIFO topics
  time_point when;
};

// Amazon SNS up to what is published, subscriptions left out: topics, standard and FIFO, with SNS's checks of a
// message; a FIFO topic takes a deduplication id once within five minutes. Actions: CreateTopic,
// GetTopicAttributes, Publish.
class sns : public service {
 public:
  static std::unique_ptr<sns> make(clock& time, account owner, std::uint64_t seed);

  // Set-up and sight for C++ callers.
  virtual std::string create_topic(std::string name) = 0;               // its arn
  virtual const std::vector<published_message>& published() const = 0;  // oldest first
};

}  // namespace lifehook::simulator
