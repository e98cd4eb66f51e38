#include "handlers/list_tries.h"

namespace lifehook::handlers {

void list_tries::begin() {
  ++tries_;
  worth_another_try_ = false;
  reason_.reset();
  if (rare_) rare_->first_failure.reset();
}

void list_tries::note_failure(failed_step of) {
  if (auto& first = rare().first_failure; !first) first = std::move(of);
}

void list_tries::leave_time(time_note of) {
  auto& times = rare().times;
  std::erase_if(times, [&of](const auto& each) { return each.key == of.key; });
  times.push_back(std::move(of));
}

void list_tries::end_times() {
  if (!rare_) return;
  for (auto& each : rare_->times) each.text = time_note::ended;
}

std::vector<time_note> list_tries::take_times() {
  return rare_ ? std::exchange(rare_->times, {}) : std::vector<time_note>();
}

list_tries::rarely& list_tries::rare() {
  if (!rare_) rare_ = std::make_unique<rarely>();
  return *rare_;
}

void list_tries::cut_short(outcome reason) {
  if (!reason_ && reason != outcome::timeout) reason_ = reason;
}

}  // namespace lifehook::handlers
