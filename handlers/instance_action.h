#pragma once

#include "handlers/event_action.h"
#include "handlers/group.h"
#include "handlers/plan_runner.h"
#include "handlers/services.h"
#include "handlers/tenure.h"
#include "handlers/verdict.h"

#include <memory>

namespace lifehook::handlers {

// An event without a hook (interruption, state change, scheduled change) in hand: runs its group's steps, again after a
// failure, until its window ends; then the message is removed with outcome `failed`. Lives for one delivery.
class instance_action final : public event_action {
 public:
  instance_action(step_services& with, const group& of, plan_runner& steps, std::shared_ptr<const event> about,
                  tenure& keeps, logger log);

  task<verdict> attend() override;

 private:
  task<result<outcome>> try_until_done();

  step_services& services_;
  plan_runner& steps_;
  std::shared_ptr<const event> about_;
  tenure& tenure_;
  logger log_;
  time_point deadline_;
  deadline_board::entry on_board_;
};

}  // namespace lifehook::handlers
