#include "handlers/list_run.h"

namespace lifehook::handlers {

void list_run::begin() {
  ++tries_;
  worth_another_try_ = false;
  reason_.reset();
  if (rare_) rare_->first_failure.reset();
}

void list_run::note_failure(failed_step of) {
  if (auto& first = rare().first_failure; !first) first = std::move(of);
}

void list_run::leave_time(time_note of) {
  auto& times = rare().times;
  std::erase_if(times, [&of](const auto& each) { return each.key == of.key; });
  times.push_back(std::move(of));
}

void list_run::end_times() {
  if (!rare_) return;
  for (auto& each : rare_->times) each.text = time_note::ended;
}

std::vector<time_note> list_run::take_times() {
  return rare_ ? std::exchange(rare_->times, {}) : std::vector<time_note>();
}

list_run::rarely& list_run::rare() {
  if (!rare_) rare_ = std::make_unique<rarely>();
  return *rare_;
}

void list_run::cut_short(outcome reason) {
  if (!reason_ && reason != outcome::timeout) reason_ = reason;
}

}  // namespace lifehook::handlers
