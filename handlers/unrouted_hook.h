#pragma once

#include "handlers/deadline_board.h"
#include "handlers/event.h"
#include "handlers/group.h"
#include "handlers/heartbeats.h"
#include "handlers/services.h"
#include "handlers/tenure.h"

#include <memory>
#include <optional>
#include <vector>

namespace lifehook::handlers {

// Keeps a hook open while AWS does not say whose it is (rule 2), until the latest deadline it may have. Ends the work
// on it when AWS says that it is over, unless its instance may come back drained. Whoever keeps it open may not be the
// one who answers it: that costs a stranger's hook the time of the outage, and no more.
class unrouted_hook final : private heartbeats::listener {
 public:
  // `likely`: the groups that answer it, if the tags are right; one at least. They outlive it, as do the others.
  unrouted_hook(step_services& with, const std::vector<const group*>& likely, std::shared_ptr<const event> about,
                tenure& keeps, logger log);
  // The latest deadline it may have: past that nothing is kept open.
  static time_point deadline_among(const std::vector<const group*>& likely, const event& about, const tenure& keeps);

  // The heartbeat that goes before a requeue, where one is needed (heartbeats::part).
  task<> part();

 private:
  void timing_known(const aws::lifecycle_hook& hook) override { timeout_shortened(hook.heartbeat_timeout); }
  void timeout_shortened(duration to) override { keeps_.heed_timeout(to); }
  void action_over() override;
  duration event_age() const override;
  bool came_before() const override { return keeps_.with().came_before; }

  step_services& services_;
  std::shared_ptr<const event> about_;
  tenure& keeps_;
  deadline_board::entry on_board_;
  alarm deadline_;
  std::optional<heartbeats> beats_{};  // until the deadline
};

}  // namespace lifehook::handlers
