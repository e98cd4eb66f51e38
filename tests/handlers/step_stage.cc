#include "tests/handlers/step_stage.h"

#include "aws/services.h"
#include "aws/xml.h"
#include "handlers/instance_action.h"
#include "handlers/plan_runner.h"

#include <memory>

namespace lifehook::handlers {

namespace {

task<verdict> attend_it(instance_action& action) {
  const auto end = co_await action.attend();
  co_return end.value();
}

}  // namespace

step_plan plan_of(std::string step, settings_list with) {
  step_plan plan;
  plan.step = std::move(step);
  for (const auto& [key, value] : with) plan.with.set(key, value);
  return plan;
}

step_stage::step_stage() {
  service.name = "web";
  service.match = {"web-*"};
  service.hooks = {"*"};
  services.groups = {&service, 1};
}

step_stage::~step_stage() = default;

result<outcome> step_stage::run(const step_plan& plan, const event& about, step_services& as) {
  plan_runner runner(service, {{{plan}}}, as);
  tenure keeps(terms());
  return time.wait_for(keeps.work().guard(runner.run(std::make_shared<event>(about), keeps, log)));
}

result<outcome> step_stage::give_back(const step_plan& plan, const event& about) {
  plan_runner runner(service, {{{plan}}}, services);
  tenure keeps(terms());
  return time.wait_for(keeps.work().guard(runner.give_back(std::make_shared<event>(about), keeps, log)));
}

verdict step_stage::attend(const plan& list, const event& about, step_services& as, tenure::terms under) {
  plan_runner runner(service, list, as);
  tenure keeps(under);
  instance_action action(as, service, runner, std::make_shared<event>(about), keeps, log);
  return time.wait_for(attend_it(action));
}

event step_stage::spot(std::string instance) {
  event about;
  about.kind = event_kind::spot_interruption;
  about.time = time.clock.now();
  about.instance = std::move(instance);
  about.group = "web-fleet";
  return about;
}

shared_group step_stage::group_now() { return time.wait_for(instances.group("web-fleet")).value(); }

void step_stage::change(const aws::service& of, std::string_view operation, aws::query_parameters with) {
  const auto changed = time.wait_for(client.call(of, operation, std::move(with)));
  EXPECT_TRUE(changed.has_value()) << operation;
}

void step_stage::delete_target_group(const std::string& arn) {
  change(aws::services::elbv2, "DeleteTargetGroup", {{"TargetGroupArn", arn}});
}

std::vector<std::string> step_stage::members() { return world.autoscaling().instances("web-fleet"); }

step_services step_stage::replica(state::store& with) {
  auto another = services_of("another worker", with);
  another.groups = services.groups;
  return another;
}

}  // namespace lifehook::handlers
