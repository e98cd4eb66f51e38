#include "handlers/reception.h"

#include "handlers/instance_action.h"
#include "handlers/lifecycle_action.h"
#include "handlers/list_lag.h"
#include "handlers/noted_group.h"
#include "handlers/patience.h"
#include "handlers/step_table.h"

#include <algorithm>

namespace lifehook::handlers {

namespace {

constexpr backoff_limits between_look_ups{std::chrono::seconds(1), std::chrono::seconds(30)};
constexpr std::string_view routing_failed = "routing_failed";
constexpr duration slow_look_up = std::chrono::seconds(3);

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
    : services_(with), groups_(std::move(groups)), works_(tasks.executor()), foreign_(keep_foreign) {
  for (auto& each : groups_) add_implied(each);
  services_.groups = groups_;
  tags_decide_ =
      std::any_of(groups_.begin(), groups_.end(), [](const group& each) { return !each.match_tags.empty(); });
  for (const auto& each : groups_)
    for (const auto& [kind, plan] : each.plans)
      runners_.emplace(std::pair(&each, kind), std::make_unique<plan_runner>(each, plan, services_));
}

reception::~reception() = default;

plan_runner* reception::runner(const group& of, event_kind kind) {
  const auto found = runners_.find({&of, kind});
  return found == runners_.end() ? nullptr : found->second.get();
}

bool reception::nobody_lists(event_kind kind) const {
  return std::none_of(groups_.begin(), groups_.end(), [kind](const group& each) { return each.plan_for(kind); });
}

task<result<reception::found_tags>> reception::find_tags(std::string instance, std::string scaling_group,
                                                         aws::haste how) {
  found_tags tags;
  if (!scaling_group.empty()) {
    auto profile = co_await services_.instances.profile(std::move(scaling_group), how);
    if (profile.has_error()) co_return std::move(profile).error();
    tags = {std::move(profile->tags), profile->is_known};
  }
  auto own = co_await services_.instances.instance_tags(std::move(instance), how);
  if (own.has_error()) co_return std::move(own).error();
  tags.are_complete = tags.are_complete && *own;
  tags.all = tags_of_both(std::move(*own), std::move(tags.all));
  co_return tags;
}

// AWS's lists lag behind its messages: a hook that is turned away because of that nobody would answer.
bool reception::may_be_listed_soon(const event& about, const tenure& keeps) const {
  const auto age = keeps.age_of(keeps.happened(about.time), services_.time.now());
  return has_hook(about.kind) && age < list_lag;
}

// Of an event that does not name it. Auto Scaling forgets an instance that ends; a message that comes again may be of
// one for which something was taken (handlers/noted_group.h). A first receive, most often a foreign one, costs no look.
task<result<std::optional<std::string>>> reception::find_group(const event& about, bool came_before) {
  auto found = co_await services_.instances.group_of(about.instance, haste_of(about.kind));
  if (found.has_error() || *found || !came_before) co_return found;
  auto recalled = co_await noted_group(services_.state, about.instance);
  if (recalled.has_error()) co_return std::move(recalled).error();
  co_return recalled->empty() ? std::optional<std::string>() : std::optional(std::move(*recalled));
}

task<result<reception::located>> reception::find_route(const event& about, const tenure& keeps) {
  route_facts facts;
  if (!has_hook(about.kind) && nobody_lists(about.kind))
    co_return located{{.why = "no group has a list for events of this kind"}, {}};
  if (has_hook(about.kind)) {
    facts.scaling_group = about.group;
  } else if (!about.instance.empty()) {
    auto found = co_await find_group(about, keeps.with().came_before);
    if (found.has_error()) co_return std::move(found).error();
    facts.scaling_group = std::move(*found);
  }
  const auto decision = route(about, facts, groups_);
  if (decision.what != routing::needs_tags) co_return located{decision, facts.scaling_group.value_or("")};
  auto tags = co_await find_tags(about.instance, facts.scaling_group.value_or(""), haste_of(about.kind));
  if (tags.has_error()) co_return std::move(tags).error();
  if (!tags->are_complete && may_be_listed_soon(about, keeps))
    co_return error{errc::unreachable,
                    "AWS does not list the instance, or its group, yet: their tags decide whose it is"};
  facts.tags = std::move(tags->all);
  co_return located{route(about, facts, groups_), facts.scaling_group.value_or("")};
}

// Kept open from a look-up that failed on, or that takes long.
task<result<reception::located>> reception::find_route_kept_open(std::shared_ptr<const event> about, tenure& keeps,
                                                                 std::vector<const group*> likely,
                                                                 std::optional<unrouted_hook>& kept_open, logger log) {
  alarm slow(services_.time);
  const auto keep_open = [&] {
    if (!kept_open) kept_open.emplace(services_, likely, about, keeps, log);
  };
  slow.set(slow_look_up, keep_open);
  auto found = co_await find_route(*about, keeps);
  if (found.has_error()) keep_open();
  co_return found;
}

// An outage of the look-up is waited out in hand by a hook that may be ours, kept open meanwhile; by others from half
// of maxReceiveCount on, not by receives that end in the dead-letter queue.
task<result<reception::located>> reception::find_route_in_hand(std::shared_ptr<const event> about, tenure& keeps,
                                                               std::optional<unrouted_hook>& kept_open, logger log) {
  if (services_.dry_run) co_return co_await find_route(*about, keeps);
  const attempts by{services_.time, services_.random, between_look_ups, log, routing_failed};
  const bool asks_aws = tags_decide_ && has_hook(about->kind) && keeps.with().message;
  const auto likely = asks_aws ? may_answer(*about, groups_) : std::vector<const group*>();
  if (!likely.empty()) keeps.set_deadline(unrouted_hook::deadline_among(likely, *about, keeps));
  if (likely.empty() || *keeps.deadline() <= services_.time.now())
    co_return co_await ask_while_kept(by, keeps, [this, &about, &keeps] { return find_route(*about, keeps); });
  co_return co_await ask_until_answered(by, keeps, rest_or_requeue, [this, &about, &keeps, &likely, &kept_open, &log] {
    return find_route_kept_open(about, keeps, likely, kept_open, log);
  });
}

reception::admission reception::turn_away(const event& about, verdict with, std::string_view group,
                                          std::string_view outcome) {
  with.group = group;
  with.word = outcome;
  if (with.what == verdict::kind::remove) services_.counts.events.add({name(about.kind), group, outcome});
  return {nullptr, with, {}};
}

// A dry run puts back everything as it is; near the dead-letter queue nothing is. What is in no Auto Scaling group is
// hardly anybody's; where nobody lists its kind that was not looked up.
std::optional<duration> reception::left_for_others(const event& about, std::string_view scaling_group,
                                                   const tenure& keeps) {
  if (services_.dry_run || !keeps.with().may_requeue) return std::nullopt;
  if (scaling_group.empty() && !is_of_task(about.kind) && !nobody_lists(about.kind)) return std::nullopt;
  const auto age = keeps.age_of(keeps.happened(about.time), services_.time.now());
  return foreign_.put_back(about, {services_.time.uptime(), age, keeps.with().came_before});
}

// What becomes of an event when its work has ended before it was routed.
task<reception::admission> reception::admit_unrouted(const event& about, tenure& keeps, unrouted_hook* kept_open,
                                                     error why, logger log) {
  if (keeps.why() == give_up::stop || keeps.why() == give_up::hold) {
    if (kept_open) co_await kept_open->part();
    co_return turn_away(about, {verdict::kind::requeue, keeps.delay(), outcome::done}, {}, "unrouted");
  }
  if (keeps.why() == give_up::over) {
    log.warn("over_before_routed", {{"instance", about.instance},
                                    {"hook", about.hook},
                                    {"why", "AWS knows the lifecycle action no more, and did not say whose it was"}});
    co_return turn_away(about, {.how = outcome::lost}, {}, "unrouted");
  }
  log.error(routing_failed, {{"error", why.what()}});
  co_return turn_away(about, {verdict::kind::retry, {}, outcome::failed}, {}, "unrouted");
}

task<reception::admission> reception::admit(std::shared_ptr<const event> of, tenure& keeps, logger log) {
  std::optional<unrouted_hook> kept_open;
  const auto found = co_await keeps.work().guard(find_route_in_hand(of, keeps, kept_open, log));
  const auto& about = *of;
  if (found.has_error())
    co_return co_await admit_unrouted(about, keeps, kept_open ? &*kept_open : nullptr, found.error(), log);
  kept_open.reset();
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
                                 {"delay_seconds", *wait}});
    co_return turn_away(about, {verdict::kind::requeue, *wait, outcome::done}, group, "left");
  }
  if (decision.what == routing::foreign) {
    log.info("foreign", {{"kind", name(about.kind)},
                         {"scaling_group", scaling_group},
                         {"hook", about.hook},
                         {"instance", about.instance},
                         {"why", decision.why}});
    co_return turn_away(about, {.why = decision.why}, {}, "foreign");
  }
  if (has_hook(about.kind))
    log.warn("unanswered", {{"group", group},
                            {"hook", about.hook},
                            {"why", "the group has no list for this transition; the hook is left to AWS"}});
  co_return turn_away(about, {}, group, "unanswered");
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
  return about.kind == event_kind::state_change && (about.detail == "shutting-down" || about.detail == "terminated");
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
      co_return beginning{nullptr, turn_away(*about, shared, admitted.to->name, "joined").otherwise};
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
