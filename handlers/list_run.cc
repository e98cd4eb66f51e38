#include "handlers/list_run.h"

namespace lifehook::handlers {

void list_run::begin() {
  ++tries_;
  worth_another_try_ = false;
  reason_.reset();
  first_failure_.reset();
}

void list_run::note_failure(failed_step of) {
  if (!first_failure_) first_failure_ = std::make_unique<failed_step>(std::move(of));
}

void list_run::leave_time(time_note of) {
  std::erase_if(times_, [&of](const auto& each) { return each.key == of.key; });
  times_.push_back(std::move(of));
}

void list_run::end_times() {
  for (auto& each : times_) each.text = time_note::ended;
}

void list_run::cut_short(outcome reason) {
  if (!reason_ && reason != outcome::timeout) reason_ = reason;
}

}  // namespace lifehook::handlers
