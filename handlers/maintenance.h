#pragma once

#include "base/log.h"
#include "handlers/services.h"
#include "handlers/tenure.h"

#include <vector>

namespace lifehook::handlers {

// Whether the instance of a scheduled change is there again after it: it is rebooted, or loses its network or power for
// a while, but is neither stopped nor retired. Read from the code AWS Health gives the event. Pure.
bool instance_returns(const event& about);

enum class maintenance { to_come, over, unlisted };
// What EC2 lists of the maintenance of an event's instance. Pure.
maintenance state_of(const std::vector<aws::scheduled_event>& listed, const event& about);

// When it begins: as announced, else as EC2 lists it. Where neither says so it counts from when it was told of. Pure.
time_point start_of(const event& about, const std::vector<aws::scheduled_event>& listed, time_point told);

// Whether the change that was announced is off: EC2 lists it as canceled, or as completed before it began (its owner
// has stopped and started the instance). Pure.
bool is_called_off(const std::vector<aws::scheduled_event>& listed, const event& about);

// Waits until the maintenance of the instance is over as EC2 tells it, mostly in the queue: it may be days ahead. One
// that EC2 does not list is over half an hour after its start. errc::expired: two days after its start it is not.
task<result<>> wait_for_return(step_services& with, const event& about, tenure& keeps, logger log);

}  // namespace lifehook::handlers
