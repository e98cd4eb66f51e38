#pragma once

#include "handlers/event.h"

#include <string>
#include <string_view>

namespace lifehook::handlers {

// What the image made for an event is called: the same on every replica, and within EC2's 128 characters. An instance
// ends once, so that the image of its end is named by the instance alone. What it lives through (a rebalance
// recommendation, a stop, maintenance) may come again, and must not pass for its end: those names tell which and when.
// `when` is the event's time. Pure.
std::string image_name(const std::string& service, const event& about, time_point when);

// What its description says, within EC2's 255 characters: of a long group's name the middle is left out. Pure.
std::string image_description(const event& about, std::string_view cause);

}  // namespace lifehook::handlers
