#include "handlers/patience.h"

#include "handlers/deadline.h"

#include <algorithm>

namespace lifehook::handlers {

void attempts::say(unsigned attempt, const error& why, tenure& keeps) const {
  if (is_worth_saying(attempt)) log.error(failed, {{"attempt", attempt + 1}, {"error", why.what()}});
  keeps.hindered().note(outage_of(why, std::string(doing), time.now()));
}

task<> rest_or_requeue(clock& time, tenure& keeps, duration wait) {
  if (keeps.should_requeue(time.now())) keeps.requeue_for(wait);
  return time.sleep_for(wait);
}

task<> rest_in_hand(clock& time, tenure& keeps, duration wait) {
  if (keeps.must_requeue(time.now())) keeps.requeue_for(wait);
  return time.sleep_for(wait);
}

task<> rest_in_queue(clock& time, tenure& keeps, duration wait) {
  constexpr duration longest_rest = std::chrono::minutes(1);  // between chances to give it back
  const auto longest = longest_off(keeps.with().release_by, time.now());
  if (wait > longest_rest && keeps.with().may_requeue) keeps.requeue_for(std::min(wait, longest));
  return rest_or_requeue(time, keeps, std::min(wait, longest_rest));
}

}  // namespace lifehook::handlers
