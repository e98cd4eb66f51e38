#include "handlers/plan_runner.h"

#include "aws/fault.h"
#include "base/side_by_side.h"
#include "handlers/step_table.h"
#include "handlers/step_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace lifehook::handlers {

namespace {

// What a list is said to have ended with: its first failure, else the last word that is not plain `done`; `skipped`
// only where none of its steps had anything to do.
outcome together(std::optional<outcome> so_far, outcome next) {
  if (!so_far) return next;
  if (is_failure(*so_far) || next == outcome::skipped) return *so_far;
  if (next == outcome::done) return *so_far == outcome::skipped ? next : *so_far;
  return next;
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
      bound.push_back({each, find_step(each.step)->make(each.with, with),
                       fmt::format("{}/{}.{}", each.step, stages_.size() + 1, bound.size() + 1),
                       count_alike(before, each), handlers::undoes(each), handlers::gives_back(each),
                       find_step(each.step)->stands_aside});
      before.push_back(&each);
    }
    stages_.push_back(std::move(bound));
  }
}

bool plan_runner::takes_part(const bound_step& each, phase in) {
  switch (in) {
    case phase::run: return true;
    case phase::undo: return each.undoes;
    case phase::give_back: return each.gives_back;
  }
  return true;
}

task<result<outcome>> plan_runner::begin(step& each, phase in, step_context& with) {
  switch (in) {
    case phase::undo: return each.undo(with);
    case phase::give_back: return each.give_back(with);
    case phase::run: break;
  }
  return each.run(with);
}

bool plan_runner::any_in(phase what) const {
  return std::any_of(stages_.begin(), stages_.end(), [what](const bound_stage& stage) {
    return std::any_of(stage.begin(), stage.end(), [what](const bound_step& each) { return takes_part(each, what); });
  });
}

bool plan_runner::undoes() const { return any_in(phase::undo); }
bool plan_runner::gives_back() const { return any_in(phase::give_back); }

const plan_runner::bound_step* plan_runner::only() const {
  const bool is_alone = stages_.size() == 1 && stages_.front().size() == 1;
  return is_alone && !stages_.front().front().stands_aside ? &stages_.front().front() : nullptr;
}

time_point plan_runner::begins(const event& about) const {
  time_point latest{};
  for (const auto& stage : stages_)
    for (const auto& each : stage) latest = std::max(latest, each.does->begins(about).value_or(latest));
  return latest;
}

task<result<outcome>> plan_runner::run(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  keeps.list().begin();
  if (const auto* step = only()) return run_step(*step, phase::run, std::move(about), keeps, std::move(log));
  return run_all(std::move(about), keeps, std::move(log));
}

task<result<outcome>> plan_runner::run_all(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  std::optional<outcome> so_far;
  for (const auto& stage : stages_) {
    std::vector<outcome> ends(stage.size(), outcome::done);
    if (stage.size() == 1) {
      ends.front() = *(co_await run_step(stage.front(), phase::run, about, keeps, log));
    } else {
      co_await run_together(stage, about, keeps, log, ends);
    }
    bool stops = false;
    for (std::size_t i = 0; i < stage.size(); ++i) {
      if (stage[i].stands_aside) continue;
      so_far = together(so_far, ends[i]);
      stops = stops || ends[i] == outcome::called_off;
      stops = stops || (is_failure(ends[i]) && stage[i].plan.failure == on_error::stop);
    }
    if (stops) break;
  }
  co_return so_far.value_or(outcome::done);
}

task<result<outcome>> plan_runner::run_those_in(phase what, std::shared_ptr<const event> about, tenure& keeps,
                                                logger log) {
  std::optional<outcome> so_far;
  for (const auto& stage : stages_) {
    for (const auto& each : stage) {
      if (!takes_part(each, what)) continue;
      const auto end = co_await run_step(each, what, about, keeps, log);
      so_far = together(so_far, *end);
    }
  }
  co_return so_far.value_or(outcome::done);
}

task<result<outcome>> plan_runner::undo(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  return run_those_in(phase::undo, std::move(about), keeps, std::move(log));
}

task<result<outcome>> plan_runner::give_back(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  return run_those_in(phase::give_back, std::move(about), keeps, std::move(log));
}

namespace {

// Counts and logs the end of a step once, also when the deadline ends it in the middle of a wait. A step whose message
// is requeued has not ended: its time is left for the next receive.
class step_record {
 public:
  step_record(step_services& with, step_context& of, tenure& keeps, step_time& time, const std::string& step,
              const std::string& group)
      : services_(with), context_(of), tenure_(keeps), time_(time), step_(step), group_(group) {}
  ~step_record() {
    if (!written_) cut_short();
  }
  step_record(const step_record&) = delete;
  step_record& operator=(const step_record&) = delete;

  void write(outcome end, const std::string& why) {
    written_ = true;
    const auto took = services_.time.now() - context_.started();
    services_.counts.steps.add({step_, group_, name(end)});
    services_.counts.step_duration.observe({step_, name(end)}, took);
    const auto level = is_failure(end) ? log_level::warn : log_level::info;
    if (why.empty())
      context_.log().write(level, "step_ended", {{"outcome", name(end)}, {"took_seconds", took}});
    else
      context_.log().write(level, "step_ended", {{"outcome", name(end)}, {"took_seconds", took}, {"error", why}});
  }

  void cut_short() {
    if (tenure_.why() != give_up::deadline) return time_.leave();
    tenure_.list().cut_short(context_.if_too_late());
    write(context_.if_too_late(), "the deadline came first");
  }

 private:
  step_services& services_;
  step_context& context_;
  tenure& tenure_;
  step_time& time_;
  const std::string& step_;
  const std::string& group_;
  bool written_ = false;
};

bool has_timed_out(const result<outcome>& ran) { return ran.has_error() && ran.error().code() == errc::timeout; }

outcome end_of(const result<outcome>& ran, const step_context& in) {
  if (ran.has_value()) return *ran;
  return has_timed_out(ran) ? in.if_too_late() : outcome::failed;
}

}  // namespace

task<result<outcome>> plan_runner::run_step(const bound_step& each, phase what, std::shared_ptr<const event> about,
                                            tenure& keeps, logger log) {
  const bool dry_run = each.plan.dry_run || services_.dry_run;
  const auto timeout = what == phase::give_back ? std::nullopt : each.plan.timeout;
  step_context context(group_, *about, keeps, services_, log.with({{"step", each.plan.step}}), timeout, dry_run,
                       each.name, each.alike);
  step_time time(context, keeps, timeout && what == phase::run && !dry_run);
  co_await time.recall();
  if (what != phase::run || !each.does->looks_first()) co_await context.proven();
  step_record record(services_, context, keeps, time, each.plan.step, group_.name);
  const auto ran = co_await begin(*each.does, what, context);
  if (ran.has_error() && dry_run && is_outage(ran.error().code())) {
    context.log().warn("would_hold", {{"meaning", aws::word_for(ran.error())}, {"error", ran.error().what()}});
    keeps.list().leave_held();
    record.write(outcome::skipped, {});
    co_return outcome::skipped;
  }
  const auto end = end_of(ran, context);
  if (is_failure(end) && !each.stands_aside) {
    if (!context.has_failed_for_good()) keeps.list().try_again();
    if (what == phase::run) keeps.list().note_failure({each.plan.step, end});
  }
  record.write(end, ran.has_error() ? ran.error().what() : std::string());
  if (has_timed_out(ran))
    time.leave();  // it is up, also for whoever runs the list again
  else
    time.end();
  co_return end;
}

task<> plan_runner::run_together(const bound_stage& steps, std::shared_ptr<const event> about, tenure& keeps,
                                 logger log, std::vector<outcome>& ends) {
  std::vector<task<result<outcome>>> branches;
  for (const auto& each : steps) branches.push_back(run_step(each, phase::run, about, keeps, log));
  const auto ran = co_await side_by_side(std::move(branches));
  for (std::size_t i = 0; i < ran.size(); ++i)
    if (ran[i].has_value()) ends[i] = *ran[i];
}

}  // namespace lifehook::handlers
