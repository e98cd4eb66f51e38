#include "handlers/late_event.h"

#include "handlers/deadline.h"

#include <fmt/format.h>

namespace lifehook::handlers {

namespace {

constexpr duration repeats_come_within = std::chrono::hours(1);

// The same in every copy of the event, whatever path carried it.
std::string key_of(const event& about) {
  const auto when = about.time.value_or(time_point()).time_since_epoch().count();
  return fmt::format("worked|{}|{}|{}", name(about.kind), about.instance, when);
}

bool is_known_again(const event& about) { return about.time && interruption_window(about.kind); }

}  // namespace

task<result<>> note_worked_on(state::store& in, const event& about) {
  if (!is_known_again(about)) co_return result<>();
  co_return co_await in.write_note(key_of(about), "done", repeats_come_within);
}

task<outcome> end_of_window(state::store& in, const event& about, bool was_late) {
  const auto otherwise = was_late ? outcome::timeout : outcome::failed;
  if (!is_known_again(about)) co_return otherwise;
  const auto note = co_await in.note(key_of(about));
  const bool was_done = note.has_value() && note->has_value();
  co_return was_done ? outcome::skipped : otherwise;
}

}  // namespace lifehook::handlers
