#include "handlers/plan_runner.h"

#include "handlers/step_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace lifehook::handlers {

namespace {

bool takes_part(const bound_step& each, phase in) {
  switch (in) {
    case phase::run: return true;
    case phase::undo: return each.undoes;
    case phase::give_back: return each.gives_back;
  }
  return true;
}

std::size_t count_alike(const std::vector<const step_plan*>& among, const step_plan& with) {
  return static_cast<std::size_t>(std::count_if(among.begin(), among.end(), [&with](const step_plan* each) {
    return each->step == with.step && each->with == with.with;
  }));
}

}  // namespace

plan_runner::plan_runner(const group& of, const plan& what, step_services& with) : group_(of), services_(with) {
  std::vector<const step_plan*> before;
  for (const auto& stage : what) {
    bound_stage bound;
    for (const auto& each : stage.together) {
      const auto& kind = *find_step(each.step);
      bound.push_back({.plan = each,
                       .does = kind.make(each.with, with),
                       .name = {kind.name, fmt::format("{}/{}.{}", each.step, stages_.size() + 1, bound.size() + 1),
                                count_alike(before, each)},
                       .undoes = handlers::undoes(each),
                       .gives_back = handlers::gives_back(each),
                       .stands_aside = kind.stands_aside});
      before.push_back(&each);
    }
    stages_.push_back(std::move(bound));
  }
}

bool plan_runner::any_in(phase what) const {
  return std::any_of(stages_.begin(), stages_.end(), [what](const bound_stage& stage) {
    return std::any_of(stage.begin(), stage.end(), [what](const bound_step& each) { return takes_part(each, what); });
  });
}

bool plan_runner::undoes() const { return any_in(phase::undo); }
bool plan_runner::gives_back() const { return any_in(phase::give_back); }

time_point plan_runner::begins(const event& about) const {
  time_point latest{};
  for (const auto& stage : stages_)
    for (const auto& each : stage) latest = std::max(latest, each.does->begins(about).value_or(latest));
  return latest;
}

std::unique_ptr<plan_run> plan_runner::begin(const occasion& on) {
  on.keeps.list().begin();
  return std::make_unique<plan_run>(stages_, on);
}

task<outcome> plan_runner::run(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  const occasion on{services_, group_, std::move(about), keeps, std::move(log)};
  const auto run = begin(on);
  co_return co_await run->to_end();
}

task<outcome> plan_runner::run_those_in(phase what, occasion on) {
  std::optional<outcome> so_far;
  for (const auto& stage : stages_) {
    for (const auto& each : stage) {
      if (!takes_part(each, what)) continue;
      running_step step(each, what, on);
      const auto end = co_await step.to_end();
      so_far = together(so_far, end);
    }
  }
  co_return so_far.value_or(outcome::done);
}

task<outcome> plan_runner::undo(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  return run_those_in(phase::undo, {services_, group_, std::move(about), keeps, std::move(log)});
}

task<outcome> plan_runner::give_back(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  return run_those_in(phase::give_back, {services_, group_, std::move(about), keeps, std::move(log)});
}

}  // namespace lifehook::handlers
