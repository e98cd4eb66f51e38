#pragma once

#include "aws/services.h"
#include "handlers/plan_runner.h"
#include "handlers/verdict.h"
#include "tests/handlers/fleet_stage.h"

#include <initializer_list>
#include <string>
#include <utility>

namespace lifehook::handlers {

using settings_list = std::initializer_list<std::pair<std::string, setting_value>>;

step_plan plan_of(std::string step, settings_list with = {});

// One step at a time on a fleet of the service "web", as one worker or another runs it.
class step_stage : public fleet_stage {
 public:
  step_stage();
  ~step_stage();
  step_stage(const step_stage&) = delete;
  step_stage& operator=(const step_stage&) = delete;

  result<outcome> run(const step_plan& plan, const event& about) { return run(plan, about, services); }
  result<outcome> run(const step_plan& plan, const event& about, step_services& as);
  result<outcome> give_back(const step_plan& plan, const event& about);
  // An event without a hook from receipt to its verdict.
  verdict attend(const plan& list, const event& about) { return attend(list, about, services, terms()); }
  verdict attend(const plan& list, const event& about, step_services& as, tenure::terms under);

  event spot(std::string instance);
  shared_group group_now();
  // A change somebody else makes.
  void change(const aws::service& of, std::string_view operation, aws::query_parameters with);
  void delete_target_group(const std::string& arn);
  std::vector<std::string> members();

  // A second replica: the same state, another owner of locks.
  step_services replica() { return replica(services.state); }
  step_services replica(state::store& with);

  group service;
};

}  // namespace lifehook::handlers
