#pragma once

#include "handlers/attendance.h"
#include "handlers/event_action.h"
#include "handlers/foreign_events.h"
#include "handlers/group.h"
#include "handlers/plan_runner.h"
#include "handlers/route.h"
#include "handlers/services.h"
#include "handlers/unrouted_hook.h"
#include "handlers/verdict.h"
#include "handlers/works_in_hand.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::handlers {

// Takes a parsed event to whoever handles it: looks up what routing needs, routes, joins work in hand, attends. One for
// the program; its groups are bound to their steps once.
class reception {
 public:
  // `keep_foreign`: for how long what no group matches is put back for another worker.
  reception(step_services& with, std::vector<group> groups, task_group& tasks, duration keep_foreign = {});
  ~reception();

  // The work on an event; without one, what becomes of its message.
  struct beginning {
    std::unique_ptr<attendance> work;
    verdict otherwise;
  };
  // Finds out whose an event is, or waits for the end of the work it joins.
  task<beginning> begin(std::shared_ptr<const event> about, tenure& keeps, logger log);
  // Attends one event until its message may be settled, and counts its end.
  task<verdict> receive(std::shared_ptr<const event> about, tenure& keeps, logger log);
  const std::vector<group>& groups() const { return groups_; }
  std::size_t in_hand() const { return works_.size(); }
  bool has_in_hand(const event& about) const { return works_.find(about) != nullptr; }

 private:
  // Either the group that handles the event, or what becomes of it without one.
  struct admission {
    const group* to = nullptr;
    verdict otherwise;
    std::string scaling_group{};  // the instance's, also where the event does not name it
  };
  struct located {
    route_decision decision;
    std::string scaling_group;
  };
  bool nobody_lists(event_kind kind) const;
  struct found_tags {
    aws::tag_map all;
    bool are_complete = true;  // AWS knows both the instance and its group
  };
  task<result<found_tags>> find_tags(std::string instance, std::string scaling_group, aws::haste how);
  bool may_be_listed_soon(const event& about, const tenure& keeps) const;
  task<result<located>> find_route(const event& about, const tenure& keeps);
  task<result<std::optional<std::string>>> find_group(const event& about, bool came_before);
  task<result<located>> find_route_kept_open(std::shared_ptr<const event> about, tenure& keeps,
                                             std::vector<const group*> likely, std::optional<unrouted_hook>& kept_open,
                                             logger log);
  task<result<located>> find_route_in_hand(std::shared_ptr<const event> about, tenure& keeps,
                                           std::optional<unrouted_hook>& kept_open, logger log);
  task<admission> admit(std::shared_ptr<const event> about, tenure& keeps, logger log);
  task<admission> admit_unrouted(const event& about, tenure& keeps, unrouted_hook* kept_open, error why, logger log);
  std::optional<duration> left_for_others(const event& about, std::string_view scaling_group, const tenure& keeps);
  admission turn_away(const event& about, verdict with, std::string_view group, std::string_view outcome);
  std::unique_ptr<event_action> make_action(const group& to, std::shared_ptr<const event> about, tenure& keeps,
                                            const logger& log);
  plan_runner* runner(const group& of, event_kind kind);

  step_services& services_;
  std::vector<group> groups_;
  std::map<std::pair<const group*, event_kind>, std::unique_ptr<plan_runner>> runners_;
  bool tags_decide_ = false;  // of some group
  works_in_hand works_;
  foreign_events foreign_;
};

}  // namespace lifehook::handlers
