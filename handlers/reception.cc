#include "handlers/reception.h"

#include "handlers/instance_action.h"
#include "handlers/lifecycle_action.h"

namespace lifehook::handlers {

namespace {

constexpr backoff_limits between_look_ups{std::chrono::seconds(1), std::chrono::seconds(30)};

// Wakes those who joined a piece of work however it ends: an exception leaves the message to its visibility timeout.
class promise_to_joiners {
 public:
  promise_to_joiners(works_in_hand& of, const std::shared_ptr<works_in_hand::work>& work, const event& about)
      : works_(of), work_(work), about_(about) {}
  ~promise_to_joiners() { works_.finish(work_, about_, with); }
  promise_to_joiners(const promise_to_joiners&) = delete;
  promise_to_joiners& operator=(const promise_to_joiners&) = delete;

  verdict with{verdict::kind::leave, {}, outcome::failed};

 private:
  works_in_hand& works_;
  const std::shared_ptr<works_in_hand::work>& work_;
  const event& about_;
};

}  // namespace

reception::reception(step_services& with, std::vector<group> groups, task_group& tasks)
    : services_(with), groups_(std::move(groups)), works_(tasks.executor()) {
  for (const auto& each : groups_)
    for (const auto& [kind, plan] : each.plans)
      runners_.emplace(std::pair(&each, kind), std::make_unique<plan_runner>(each, plan, services_));
}

reception::~reception() = default;

plan_runner* reception::runner(const group& of, event_kind kind) {
  const auto found = runners_.find({&of, kind});
  return found == runners_.end() ? nullptr : found->second.get();
}

task<result<reception::located>> reception::find_route(const event& about) {
  route_facts facts;
  if (has_hook(about.kind)) {
    facts.scaling_group = about.group;
  } else if (!about.instance.empty()) {
    auto asking = services_.hook.instances.instance(about.instance);
    const auto found = co_await std::move(asking);
    if (found.has_error()) co_return found.error();
    if (*found) facts.scaling_group = (*found)->group;
  }
  const auto decision = route(about, facts, groups_);
  if (decision.what != routing::needs_tags) co_return located{decision, facts.scaling_group.value_or("")};
  facts.tags.emplace();
  if (facts.scaling_group) {
    auto asking = services_.hook.instances.tags(*facts.scaling_group);
    auto tags = co_await std::move(asking);
    if (tags.has_error()) co_return std::move(tags).error();
    facts.tags = std::move(*tags);
  }
  co_return located{route(about, facts, groups_), facts.scaling_group.value_or("")};
}

// From half of maxReceiveCount on an outage of the look-up is waited out in hand, not by receives that end in the
// dead-letter queue.
task<result<reception::located>> reception::find_route_in_hand(const event& about, tenure& keeps, logger log) {
  for (unsigned attempt = 0;; ++attempt) {
    auto finding = find_route(about);
    auto found = co_await std::move(finding);
    const auto now = services_.hook.time.now();
    if (found.has_value() || services_.dry_run || keeps.with().may_requeue || keeps.should_requeue(now))
      co_return found;
    log.error("routing_failed", {{"attempt", attempt + 1}, {"error", found.error().what()}});
    co_await services_.hook.time.sleep_for(full_jitter(between_look_ups, attempt, services_.hook.random));
  }
}

reception::admission reception::turn_away(const event& about, verdict with, std::string_view group,
                                          std::string_view outcome) {
  with.group = group;
  with.word = outcome;
  if (with.what == verdict::kind::remove) services_.hook.counts.events.add({name(about.kind), group, outcome});
  return {nullptr, with, {}};
}

task<reception::admission> reception::admit(const event& about, tenure& keeps, logger log) {
  auto finding = keeps.work().guard(find_route_in_hand(about, keeps, log));
  const auto found = co_await std::move(finding);
  if (found.has_error()) {
    if (found.error().code() == errc::cancelled)
      co_return turn_away(about, {verdict::kind::requeue, {}, outcome::done}, {}, "unrouted");
    log.error("routing_failed", {{"error", found.error().what()}});
    co_return turn_away(about, {verdict::kind::retry, {}, outcome::failed}, {}, "unrouted");
  }
  const auto& [decision, scaling_group] = *found;
  if (decision.what == routing::foreign) {
    log.info("foreign", {{"scaling_group", scaling_group}, {"hook", about.hook}, {"instance", about.instance}});
    co_return turn_away(about, {}, {}, "foreign");
  }
  if (decision.what == routing::unanswered) {
    if (has_hook(about.kind))
      log.warn("unanswered", {{"group", decision.to->name},
                              {"hook", about.hook},
                              {"why", "the group has no list for this transition; the hook is left to AWS"}});
    co_return turn_away(about, {}, decision.to->name, "unanswered");
  }
  co_return admission{decision.to, {}, scaling_group};
}

task<reception::beginning> reception::begin(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  auto admitting = admit(*about, keeps, log);
  const auto admitted = co_await std::move(admitting);
  if (!admitted.to) co_return beginning{nullptr, {}, {}, admitted.otherwise};
  if (about->group.empty() && !admitted.scaling_group.empty()) {
    auto located = *about;
    located.group = admitted.scaling_group;
    about = std::make_shared<const event>(std::move(located));
  }
  while (const auto same = works_.find(*about)) {
    log.info("joined_work_in_hand", {{"group", admitted.to->name}, {"instance", about->instance}});
    co_await works_.end_of(*same).wait();
    // What was given back by choice is taken over by a message that may not go back: the dead-letter queue is near.
    const bool takes_over = same->shared.what == verdict::kind::requeue && !keeps.with().may_requeue;
    if (!takes_over || keeps.why() != give_up::none)
      co_return beginning{nullptr, {}, {}, turn_away(*about, same->shared, admitted.to->name, "joined").otherwise};
  }
  co_return beginning{admitted.to, about, works_.begin(*about), {}};
}

task<verdict> reception::receive(std::shared_ptr<const event> about, tenure& keeps,
                                 std::function<void(duration)> limit_visibility, logger log) {
  auto starting = begin(std::move(about), keeps, log);
  const auto begun = co_await std::move(starting);
  if (!begun.work) co_return begun.otherwise;
  promise_to_joiners joiners(works_, begun.work, *begun.about);
  const auto action = make_action(*begun.to, begun.about, keeps, std::move(limit_visibility), log);
  auto attending = action->attend();
  joiners.with = co_await std::move(attending);
  joiners.with.group = begun.to->name;
  joiners.with.word = name(joiners.with.how);
  if (joiners.with.what == verdict::kind::remove)
    services_.hook.counts.events.add({name(begun.about->kind), begun.to->name, name(joiners.with.how)});
  co_return joiners.with;
}

namespace {

logger bind(const logger& log, const group& to, const event& about) {
  if (!has_hook(about.kind)) return log.with({{"group", to.name}, {"instance", about.instance}});
  return log.with({{"group", to.name},
                   {"instance", about.instance},
                   {"scaling_group", about.group},
                   {"hook", about.hook},
                   {"token", std::string_view(about.token).substr(0, 8)}});
}

}  // namespace

std::unique_ptr<event_action> reception::make_action(const group& to, std::shared_ptr<const event> about, tenure& keeps,
                                                     std::function<void(duration)> limit_visibility,
                                                     const logger& log) {
  const auto bound = bind(log, to, *about);
  auto* steps = runner(to, about->kind);
  if (!has_hook(about->kind)) {
    bound.info("event_in_hand", {{"kind", name(about->kind)}});
    return std::make_unique<instance_action>(services_, to, *steps, about, keeps, bound);
  }
  bound.info("hook_in_hand", {{"transition", name(about->kind)}, {"ends_instance", about->ends_instance()}});
  return std::make_unique<lifecycle_action>(services_, to, *steps, runner(to, event_kind::terminating), about, keeps,
                                            std::move(limit_visibility), bound);
}

}  // namespace lifehook::handlers
