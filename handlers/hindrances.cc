#include "handlers/hindrances.h"

#include "aws/fault.h"

#include <algorithm>
#include <utility>

namespace lifehook::handlers {

hindrance outage_of(const error& why, std::string doing, time_point now, const step_context* of) {
  return {.what = hindrance::kind::outage,
          .of = of,
          .since = now,
          .word = std::string(aws::word_for(why)),
          .doing = std::move(doing),
          .text = why.what()};
}

void hindrances::note(hindrance now) {
  for (auto& each : all_) {
    if (each.of != now.of || each.what != now.what) continue;
    if (each.word == now.word) now.since = std::min(now.since, each.since);
    each = std::move(now);
    return;
  }
  all_.push_front(std::move(now));
}

void hindrances::end(const step_context* of, hindrance::kind what) {
  if (all_.empty()) return;
  all_.remove_if([of, what](const hindrance& each) { return each.of == of && each.what == what; });
}

void hindrances::end(const step_context* of) {
  if (all_.empty()) return;
  all_.remove_if([of](const hindrance& each) { return each.of == of; });
}

}  // namespace lifehook::handlers
