#include "handlers/standing.h"

#include "handlers/event_action.h"
#include "handlers/running_step.h"
#include "handlers/tenure.h"

#include <algorithm>

namespace lifehook::handlers {

standing_reason reason_of(const hindrance& of, time_point now) {
  return {.what = of.what == hindrance::kind::outage ? "outage" : "waiting",
          .word = of.word,
          .doing = of.doing,
          .text = of.text,
          .lasts = now - of.since};
}

standing standing_of(const tenure& work, const event_action* action, time_point now) {
  standing told{.stage = work.stage()};
  if (const auto text = explain(work.stage()); !text.empty())
    told.why.push_back({.what = name(work.stage()), .text = std::string(text)});
  for (const auto& each : work.hindered())
    if (!each.of) told.why.push_back(reason_of(each, now));
  for (const auto* each = work.steps(); each; each = each->next()) told.steps.push_back(each->standing());
  std::reverse(told.steps.begin(), told.steps.end());  // as they began
  if (action) action->tell(told);
  return told;
}

}  // namespace lifehook::handlers
