#include "handlers/attendance.h"

#include "base/metrics.h"
#include "handlers/standing.h"

namespace lifehook::handlers {

attendance::attendance(works_in_hand& among, const group& to, std::shared_ptr<const event> about,
                       std::unique_ptr<event_action> by, metrics& counts)
    : works_(among), work_(among.begin(about)), to_(to), kind_(about->kind), counts_(counts), action_(std::move(by)) {}

attendance::~attendance() {
  action_.reset();
  if (work_) works_.finish(*work_, verdict::leave(outcome::failed));
}

void attendance::tell(standing& into) const {
  into.group = to_.name;
  if (action_) action_->tell(into);
}

task<std::optional<verdict>> attendance::attend() {
  auto end = co_await action_->attend();
  if (!end) co_return std::nullopt;
  action_.reset();
  end->group = to_.name;
  end->word = name(end->how);
  if (end->what == verdict::kind::remove) counts_.events.add({name(kind_), to_.name, end->word});
  works_.finish(*std::exchange(work_, nullptr), *end);
  co_return end;
}

}  // namespace lifehook::handlers
