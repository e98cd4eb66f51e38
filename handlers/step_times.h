#pragma once

#include "base/log.h"
#include "handlers/list_tries.h"
#include "handlers/services.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

class step_context;
class tenure;

// A step's `timeout` counts from when the step first began on its event, whoever works on it: how it stands is noted in
// the state when its message is requeued, and read when the message comes again. Time in the queue counts, unless AWS
// did not answer when it was requeued. The notes can be done without: where the state does not answer within a
// moment, or is in the memory of another process, the time begins anew in this hand.

// The step's name in the state: the same whenever the message comes again, and for its copies that say the same time
// and token.
std::string time_key(const event& about, time_point event_time, std::string_view step);

// The time of one run of a step, from receive to receive of its message. One that is not `kept` (no timeout, a dry run,
// what gives back) does nothing.
class step_time {
 public:
  step_time(step_context& of, tenure& keeps, bool kept) : context_(of), tenure_(keeps), kept_(kept) {}

  // It goes on from what was left.
  task<> recall();
  // For whoever runs the step next: it goes on, or has none left.
  void leave();
  // The step has ended: should it be run again, its time begins anew.
  void end();

 private:
  step_context& context_;
  tenure& tenure_;
  bool kept_;
};

// `lasting`: the longest an event of the group may take. Errors have been logged.
task<result<>> note_times(step_services& with, std::vector<time_note> those, duration lasting, logger log);

}  // namespace lifehook::handlers
