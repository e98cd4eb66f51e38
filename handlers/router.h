#pragma once

#include "handlers/event.h"
#include "handlers/group.h"
#include "handlers/route.h"
#include "handlers/services.h"
#include "handlers/tenure.h"
#include "handlers/unrouted_hook.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lifehook::handlers {

// Finds out whose an event is: asks AWS for what routing needs and its message does not say (handlers/route.h). An
// outage is waited out: in hand by a hook that may be ours, which is kept open meanwhile (rule 2). One for the program.
class router {
 public:
  // Both outlive it.
  router(step_services& with, const std::vector<group>& groups);

  struct located {
    route_decision decision;
    std::string scaling_group;  // the instance's, also where the event does not name it; empty: none is known
  };
  // An error where AWS does not say it before the message should go back, or where the work is ended before
  // (tenure::why): a hook that goes back then has a fresh heartbeat behind it.
  task<result<located>> find(std::shared_ptr<const event> about, tenure& keeps, logger log);

 private:
  struct found_tags {
    aws::tag_map all;
    bool are_complete = true;  // AWS knows both the instance and its group
  };
  task<result<found_tags>> find_tags(std::string instance, std::string scaling_group, aws::haste how);
  task<result<std::optional<std::string>>> find_group(const event& about);
  task<result<located>> look_up(const event& about, const tenure& keeps);
  task<result<located>> look_up_kept_open(std::shared_ptr<const event> about, tenure& keeps,
                                          std::vector<const group*> likely, std::optional<unrouted_hook>& kept_open,
                                          logger log);
  task<result<located>> look_up_in_hand(std::shared_ptr<const event> about, tenure& keeps,
                                        std::optional<unrouted_hook>& kept_open, logger log);
  bool may_be_listed_soon(const event& about, const tenure& keeps) const;

  step_services& services_;
  const std::vector<group>& groups_;
  bool tags_decide_;               // of some group
  std::set<event_kind> recalled_;  // kinds listed by groups that note whose an instance was: handlers/noted_group.h
};

}  // namespace lifehook::handlers
