#pragma once

#include "simulator/autoscaling_groups.h"

namespace lifehook::simulator {

// The bodies Auto Scaling sends, shaped as they have been captured from AWS. Pure: identities come from the caller.
struct hook_announcement {
  const account& owner;
  const scaling_group& group;
  const hook_settings& hook;
  const lifecycle_record& action;
  const journey_words& on;
};

std::string hook_message(const hook_announcement& of, std::string request_id);  // to the hook's own target
std::string test_notification(const account& owner, const scaling_group& group, time_point now, std::string request_id);
std::string hook_event(const hook_announcement& of, std::string event_id);  // by EventBridge
// "EC2 Instance Launch Successful" and "EC2 Instance Terminate Successful" by EventBridge.
std::string success_event(const account& owner, const group_member& of, time_point now, std::string event_id);

}  // namespace lifehook::simulator
