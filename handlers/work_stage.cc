#include "handlers/work_stage.h"

namespace lifehook::handlers {

std::string_view name(work_stage of) {
  switch (of) {
    case work_stage::routing: return "routing";
    case work_stage::joined: return "joined";
    case work_stage::steps: return "steps";
    case work_stage::between_tries: return "between_tries";
    case work_stage::completing: return "completing";
    case work_stage::awaits_default: return "awaits_default";
    case work_stage::ended: return "ended";
    case work_stage::giving_back: return "giving_back";
    case work_stage::awaits_return: return "awaits_return";
    case work_stage::requeueing: return "requeueing";
  }
  return "steps";
}

std::string_view explain(work_stage of) {
  switch (of) {
    case work_stage::routing: return "AWS is asked whose event it is";
    case work_stage::joined: return "another message of the same work is in hand; this one waits for its end";
    case work_stage::steps: return {};
    case work_stage::between_tries: return "its list failed, and is run again in a moment";
    case work_stage::completing: return "its steps are over: the hook is being completed";
    case work_stage::awaits_default:
      return "no heartbeats any more: AWS applies the hook's own default result when its timer runs out";
    case work_stage::ended: return "the hook has ended; whether its instance comes back is looked at";
    case work_stage::giving_back: return "its list is over: what it took for a time is given back";
    case work_stage::awaits_return: return "its list is over: what it did is undone once the instance is back";
    case work_stage::requeueing: return "it is being given back to the queue";
  }
  return {};
}

}  // namespace lifehook::handlers
