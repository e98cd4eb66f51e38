#pragma once

#include "aws/autoscaling.h"
#include "aws/eventbridge.h"
#include "queues/attributes.h"
#include "worker/aws_finding.h"
#include "worker/config.h"

#include <optional>
#include <string>
#include <vector>

namespace lifehook::worker {

// What brings events to the queues, as far as AWS tells: the rules of EventBridge that have one of them for target.
// A topic between a rule and a queue is not seen, only that a queue lets topics send. Pure: it is told what AWS shows.
class queue_feeds {
 public:
  explicit queue_feeds(const tell_finding& tell) : tell_(tell) {}

  void see(std::string_view queue, const queues::queue_attributes& of, const std::vector<aws::event_rule>& rules);
  void cannot_see(const error& why);           // the rules; told once
  void misses_some() { sees_rules_ = false; }  // those of a queue: it is told elsewhere why
  // Events without a hook that a group has a list for, and nothing brings. Once all queues are seen.
  void say_of_lists(const config& of) const;
  // How events of a hook come, for people; `warns` where nothing brings them.
  struct way {
    std::string text;
    bool warns = false;
  };
  way way_of(const aws::lifecycle_hook& hook, handlers::event_kind as) const;

 private:
  const aws::event_rule* rule_for(handlers::event_kind kind) const;  // null: none is seen
  std::string carrier_of(handlers::event_kind kind) const;           // in words; empty: none is seen

  const tell_finding& tell_;
  std::vector<aws::event_rule> rules_;  // those that are enabled
  bool sees_rules_ = true;
  bool topics_may_send_ = false;
};

}  // namespace lifehook::worker
