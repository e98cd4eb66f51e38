#pragma once

#include "simulator/service.h"

namespace lifehook::simulator {

// The bodies EventBridge carries for EC2, and of AWS Health for EC2, shaped as AWS documents them. Pure: the event's id
// comes from the caller.
std::string state_change_event(const account& owner, std::string_view instance, std::string_view state, time_point now,
                               std::string event_id);
std::string spot_warning_event(const account& owner, std::string_view instance, time_point now, std::string event_id);
struct maintenance_window {
  time_point not_before, not_after;
};
std::string reboot_scheduled_event(const account& owner, std::string_view instance, const maintenance_window& when,
                                   time_point now, std::string event_id);
std::string rebalance_event(const account& owner, std::string_view instance, time_point now, std::string event_id);

}  // namespace lifehook::simulator
