#include "handlers/reception.h"

#include "base/metrics.h"
#include "handlers/instance_action.h"
#include "handlers/lifecycle_action.h"
#include "handlers/step_table.h"

#include <algorithm>

namespace lifehook::handlers {

namespace {

// What a step must hear of beside the events it is listed for.
void add_implied(group& to) {
  plan implied;
  for_each_step(to, [&implied](const step_plan& each, event_kind) {
    if (implied.empty() && find_step(each.step)->hears_running_tasks) implied.push_back({{each}});
  });
  if (!implied.empty()) to.plans.emplace(event_kind::task_running, std::move(implied));
}

}  // namespace

reception::reception(step_services& with, std::vector<group> groups, task_group& tasks, duration keep_foreign)
    : services_(with),
      groups_(std::move(groups)),
      router_(with, groups_),
      works_(tasks.executor()),
      foreign_(keep_foreign) {
  for (auto& each : groups_) add_implied(each);
  services_.groups = groups_;
  for (const auto& each : groups_)
    for (const auto& [kind, plan] : each.plans)
      runners_.emplace(std::pair(&each, kind), std::make_unique<plan_runner>(each, plan, services_));
}

reception::~reception() = default;

plan_runner* reception::runner(const group& of, event_kind kind) {
  const auto found = runners_.find({&of, kind});
  return found == runners_.end() ? nullptr : found->second.get();
}

verdict reception::turn_away(const event& about, verdict with, std::string_view group, std::string_view outcome) {
  with.group = group;
  with.word = outcome;
  if (with.what == verdict::kind::remove) services_.counts.events.add({name(about.kind), group, outcome});
  return with;
}

// A dry run puts back everything as it is; near the dead-letter queue nothing is. What is in no Auto Scaling group is
// hardly anybody's; where nobody lists its kind that was not looked up.
std::optional<duration> reception::left_for_others(const event& about, std::string_view scaling_group,
                                                   const tenure& keeps) {
  if (services_.dry_run || !keeps.with().may_requeue) return std::nullopt;
  if (scaling_group.empty() && !is_of_task(about.kind) && !nobody_lists(about.kind, groups_)) return std::nullopt;
  const auto age = keeps.age_of(keeps.happened(about.time), services_.time.now());
  return foreign_.put_back(about, {services_.time.uptime(), age, keeps.with().came_before});
}

// What becomes of an event whose work has ended before it was routed.
verdict reception::give_up_on(const event& about, const tenure& keeps, const error& why, const logger& log) {
  if (keeps.why() == give_up::stop || keeps.why() == give_up::hold)
    return turn_away(about, verdict::requeue(keeps.delay()), {}, "unrouted");
  if (keeps.why() == give_up::over) {
    log.warn("over_before_routed", {{"instance", about.instance},
                                    {"hook", about.hook},
                                    {"why", "AWS knows the lifecycle action no more, and did not say whose it was"}});
    return turn_away(about, verdict::remove(outcome::lost), {}, "unrouted");
  }
  log.error("routing_failed", {{"error", why.what()}});
  return turn_away(about, verdict::retry(), {}, "unrouted");
}

task<reception::admission> reception::admit(std::shared_ptr<const event> of, tenure& keeps, logger log) {
  const auto found = co_await router_.find(of, keeps, log);
  const auto& about = *of;
  if (found.has_error()) co_return admission{nullptr, give_up_on(about, keeps, found.error(), log)};
  if (keeps.why() == give_up::over) keeps.begin_again();  // at the very moment: its work will see for itself
  const auto& [decision, scaling_group] = *found;
  if (decision.what == routing::handle) co_return admission{decision.to, {}, scaling_group};
  const std::string_view group = decision.to ? std::string_view(decision.to->name) : "";
  if (const auto wait = left_for_others(about, scaling_group, keeps)) {
    log.info("left_for_others", {{"kind", name(about.kind)},
                                 {"scaling_group", scaling_group},
                                 {"hook", about.hook},
                                 {"instance", about.instance},
                                 {"why", "no list here answers it; one of a worker with another configuration may"},
                                 {"would_match", wanted_for(about, groups_)},
                                 {"delay_seconds", *wait}});
    co_return admission{nullptr, turn_away(about, verdict::requeue(*wait), group, "left")};
  }
  if (decision.what == routing::foreign) {
    log.info("foreign", {{"kind", name(about.kind)},
                         {"scaling_group", scaling_group},
                         {"hook", about.hook},
                         {"instance", about.instance},
                         {"why", decision.why}});
    auto foreign = verdict::remove(outcome::done);
    foreign.why = decision.why;
    co_return admission{nullptr, turn_away(about, foreign, {}, "foreign")};
  }
  if (has_hook(about.kind))
    log.warn("unanswered", {{"group", group},
                            {"hook", about.hook},
                            {"why", "the group has no list for this transition; the hook is left to AWS"}});
  co_return admission{nullptr, turn_away(about, verdict::remove(outcome::done), group, "unanswered")};
}

namespace {

void warn_of_elsewhere(const step_services& with, const event& about, const logger& log) {
  const auto& ours = with.account;
  if (!ours.empty() && !about.account.empty() && about.account != ours)
    log.warn("of_another_account",
             {{"account", about.account},
              {"ours", ours},
              {"why", "calls go to our own account: what this event is about may not be found there"}});
  const auto& home = with.autoscaling.region();
  if (!home.empty() && !about.region.empty() && about.region != home && about.kind != event_kind::scheduled_change)
    log.warn("of_another_region",
             {{"region", about.region},
              {"ours", home},
              {"why", "calls go to our own region, where what this event is about is not: run a worker there"}});
}

bool ends_in_ec2(const event& about) {
  return about.kind == event_kind::state_change && aws::has_ended(about.detail.get());
}

}  // namespace

task<reception::beginning> reception::begin(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  warn_of_elsewhere(services_, *about, log);
  if (ends_in_ec2(*about)) services_.news.tell_end(about->instance);
  const auto admitted = co_await admit(about, keeps, log);
  if (!admitted.to) co_return beginning{nullptr, admitted.otherwise};
  if (about->group.empty() && !admitted.scaling_group.empty()) {
    auto located = *about;
    located.group = admitted.scaling_group;
    about = std::make_shared<const event>(std::move(located));
  }
  while (auto* const same = works_.find(*about)) {
    log.info("joined_work_in_hand", {{"group", admitted.to->name}, {"instance", about->instance}});
    keeps.enter(work_stage::joined);
    const auto shared = co_await works_.end_of(*same);
    // What was requeued by choice is taken over by a message that may not go back: the dead-letter queue is near.
    const bool takes_over = shared.what == verdict::kind::requeue && !keeps.with().may_requeue;
    if (!takes_over || keeps.why() != give_up::none)
      co_return beginning{nullptr, turn_away(*about, shared, admitted.to->name, "joined")};
  }
  auto action = make_action(*admitted.to, about, keeps, log);
  co_return beginning{std::make_unique<attendance>(works_, *admitted.to, about, std::move(action), services_.counts),
                      {}};
}

task<verdict> reception::receive(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  const auto begun = co_await begin(std::move(about), keeps, std::move(log));
  if (!begun.work) co_return begun.otherwise;
  co_return co_await attend_to_end(*begun.work, services_.time, keeps);
}

namespace {

void tell(const log_writer& write, const group& to, const event& about) {
  if (is_of_task(about.kind))
    return write({{"group", to.name}, {"cluster", about.cluster()}, {"task", about.task_arn}});
  if (!has_hook(about.kind)) return write({{"group", to.name}, {"instance", about.instance}});
  write({{"group", to.name},
         {"instance", about.instance},
         {"scaling_group", about.group},
         {"hook", about.hook},
         {"token", std::string_view(about.token).substr(0, 8)}});
}

}  // namespace

std::unique_ptr<event_action> reception::make_action(const group& to, std::shared_ptr<const event> about, tenure& keeps,
                                                     const logger& log) {
  const auto bound = log.with_told([&to, about](const log_writer& write) { tell(write, to, *about); });
  auto* steps = runner(to, about->kind);
  if (!has_hook(about->kind)) {
    bound.info("event_in_hand", {{"kind", name(about->kind)}});
    return std::make_unique<instance_action>(services_, to, *steps, about, keeps, bound);
  }
  bound.info("hook_in_hand", {{"transition", name(about->kind)}, {"ends_instance", about->ends_instance()}});
  return std::make_unique<lifecycle_action>(services_, to, *steps, runner(to, event_kind::terminating), about, keeps,
                                            bound);
}

}  // namespace lifehook::handlers
