#include "handlers/list_run.h"

namespace lifehook::handlers {

void list_run::begin() {
  ++tries_;
  worth_another_try_ = false;
  reason_.reset();
  times_.clear();
}

void list_run::cut_short(outcome reason) {
  if (!reason_ && reason != outcome::timeout) reason_ = reason;
}

}  // namespace lifehook::handlers
