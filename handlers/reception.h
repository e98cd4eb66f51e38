#pragma once

#include "handlers/attendance.h"
#include "handlers/event_action.h"
#include "handlers/foreign_events.h"
#include "handlers/group.h"
#include "handlers/plan_runner.h"
#include "handlers/router.h"
#include "handlers/services.h"
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
  task<admission> admit(std::shared_ptr<const event> about, tenure& keeps, logger log);
  verdict give_up_on(const event& about, const tenure& keeps, const error& why, const logger& log);
  std::optional<duration> left_for_others(const event& about, std::string_view scaling_group, const tenure& keeps);
  verdict turn_away(const event& about, verdict with, std::string_view group, std::string_view outcome);
  std::unique_ptr<event_action> make_action(const group& to, std::shared_ptr<const event> about, tenure& keeps,
                                            const logger& log);
  plan_runner* runner(const group& of, event_kind kind);

  step_services& services_;
  std::vector<group> groups_;
  std::map<std::pair<const group*, event_kind>, std::unique_ptr<plan_runner>> runners_;
  router router_;
  works_in_hand works_;
  foreign_events foreign_;
};

}  // namespace lifehook::handlers
