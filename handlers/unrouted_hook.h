#pragma once

#include "handlers/event.h"
#include "handlers/group.h"
#include "handlers/heartbeats.h"
#include "handlers/services.h"
#include "handlers/tenure.h"

#include <memory>
#include <optional>

namespace lifehook::handlers {

// Keeps a hook open while AWS does not say whose it is (rule 2): from the first look-up that failed until it is routed.
// Ends the work on it at the deadline it would have, and when AWS says that it is over. Whoever keeps it open may not
// be the one who answers it: that costs a stranger's hook the time of the outage, and no more.
class unrouted_hook final : private heartbeats::listener {
 public:
  // `likely`: the group that answers it, if the tags are right. Outlives it, as do the others.
  unrouted_hook(step_services& with, const group& likely, std::shared_ptr<const event> about, tenure& keeps,
                logger log);

  // The heartbeat that goes before a requeue; gives up after a few seconds.
  task<> part();

 private:
  void timing_known(const aws::lifecycle_hook& hook) override;
  void timeout_shortened(duration to) override;
  void action_over() override { keeps_.end(give_up::over); }
  duration event_age() const override;
  bool came_before() const override { return keeps_.with().came_before; }
  void arm(std::optional<duration> global_timeout);
  bool is_past_deadline() const { return *keeps_.deadline() <= services_.time.now(); }

  step_services& services_;
  const group& likely_;
  std::shared_ptr<const event> about_;
  tenure& keeps_;
  alarm deadline_;
  std::optional<heartbeats> beats_{};  // until the deadline
};

}  // namespace lifehook::handlers
