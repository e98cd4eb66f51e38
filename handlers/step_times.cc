#include "handlers/step_times.h"

#include "base/within.h"
#include "handlers/step.h"

#include <fmt/format.h>

namespace lifehook::handlers {

namespace {

constexpr duration answers_within = std::chrono::seconds(3);  // a stop waits for it

task<result<>> write_all(step_services& with, std::vector<time_note> those, duration lasting) {
  for (auto& each : those) {
    if (const auto written = co_await with.state.write_spare_note(std::move(each.key), std::move(each.text), lasting);
        written.has_error())
      co_return written.error();
  }
  co_return result<>();
}

// How much of its time the step has used; nullopt: not known.
task<std::optional<duration>> recall_time(step_services& with, const tenure& keeps, std::string key, logger log) {
  const auto note = co_await within(with.time, answers_within, with.state.note(std::move(key)));
  if (note.has_error()) {
    log.warn("step_time_not_read", {{"error", note.error().what()}, {"why", "the step's timeout begins anew"}});
    co_return std::nullopt;
  }
  co_return *note ? step_stopwatch::used_by(**note, keeps.by_clock_of_aws(with.time.now())) : std::nullopt;
}

}  // namespace

std::string time_key(const event& about, time_point event_time, std::string_view step) {
  return fmt::format("time|{}|{}|{}|{}|{}|{}|{}", name(about.kind), about.detail, about.hook, about.subject(),
                     about.change, about.occurrence(event_time), step);
}

task<> step_time::recall() {
  if (!kept_ || !context_.came_before() || !tenure_.list().is_first_try()) co_return;
  if (const auto used = co_await recall_time(context_.services(), tenure_, context_.time_key(), context_.log()))
    context_.watch().go_on_after(*used);
}

void step_time::leave() {
  if (kept_ && tenure_.is_proven()) tenure_.list().leave_time({context_.time_key(), context_.watch().text()});
}

void step_time::end() {
  if (kept_ && context_.came_before()) tenure_.list().leave_time({context_.time_key(), time_note::ended});
}

task<result<>> note_times(step_services& with, std::vector<time_note> those, duration lasting, logger log) {
  auto written = co_await within(with.time, answers_within, write_all(with, std::move(those), lasting));
  if (written.has_error())
    log.warn("step_time_not_noted", {{"error", written.error().what()},
                                     {"why", "the step's timeout begins anew should its message come again"}});
  co_return written;
}

}  // namespace lifehook::handlers
