#pragma once

#include "simulator/world.h"

#include <chrono>
#include <string>

namespace lifehook::test {

// The fleet that most tests have: cluster "prod", which the instances of group "web-fleet" join, and its terminating
// hook "drain", whose default is CONTINUE. `tells`: the ARN of the queue the hook notifies; empty: nobody.
void make_web_fleet(simulator::world& in, int desired, std::chrono::seconds heartbeat_timeout,
                    const std::string& tells = {});

}  // namespace lifehook::test
