#include "handlers/router.h"

#include "handlers/list_lag.h"
#include "handlers/noted_group.h"
#include "handlers/patience.h"
#include "handlers/step_table.h"

#include <algorithm>

namespace lifehook::handlers {

namespace {

constexpr backoff_limits between_look_ups{std::chrono::seconds(1), std::chrono::seconds(30)};
constexpr duration slow_look_up = std::chrono::seconds(3);

std::set<event_kind> kinds_recalled(const std::vector<group>& groups) {
  std::set<event_kind> all;
  for (const auto& each : groups) {
    std::set<event_kind> listed;
    bool notes = false;
    for_each_step(each, [&](const step_plan& step, event_kind kind) {
      listed.insert(kind);
      notes = notes || find_step(step.step)->brings_replacement;
    });
    if (notes) all.merge(listed);
  }
  return all;
}

}  // namespace

router::router(step_services& with, const std::vector<group>& groups)
    : services_(with),
      groups_(groups),
      tags_decide_(
          std::any_of(groups.begin(), groups.end(), [](const group& each) { return !each.match_tags.empty(); })),
      recalled_(kinds_recalled(groups)) {}

task<result<router::located>> router::find(std::shared_ptr<const event> about, tenure& keeps, logger log) {
  std::optional<unrouted_hook> kept_open;
  auto found = co_await keeps.work().guard(look_up_in_hand(std::move(about), keeps, kept_open, std::move(log)));
  const bool goes_back = keeps.why() == give_up::stop || keeps.why() == give_up::hold;
  if (found.has_error() && goes_back && kept_open) co_await kept_open->part();
  co_return found;
}

task<result<router::found_tags>> router::find_tags(std::string instance, std::string scaling_group, aws::haste how) {
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
bool router::may_be_listed_soon(const event& about, const tenure& keeps) const {
  const auto age = keeps.age_of(keeps.happened(about.time), services_.time.now());
  return has_hook(about.kind) && age < list_lag;
}

// Of an event that does not name it. Auto Scaling forgets an instance that ends or was detached: the state knows one
// for which something was taken. A warning that comes days after it was detached is its first message, too.
task<result<std::optional<std::string>>> router::find_group(const event& about) {
  auto found = co_await services_.instances.group_of(about.instance, haste_of(about.kind));
  if (found.has_error() || *found || !recalled_.contains(about.kind)) co_return found;
  auto recalled = co_await noted_group(services_.state, about.instance);
  if (recalled.has_error()) co_return std::move(recalled).error();
  co_return recalled->empty() ? std::optional<std::string>() : std::optional(std::move(*recalled));
}

task<result<router::located>> router::look_up(const event& about, const tenure& keeps) {
  route_facts facts;
  if (!has_hook(about.kind) && nobody_lists(about.kind, groups_))
    co_return located{{.why = "no group has a list for events of this kind"}, {}};
  if (has_hook(about.kind)) {
    facts.scaling_group = about.group;
  } else if (!about.instance.empty()) {
    auto found = co_await find_group(about);
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
task<result<router::located>> router::look_up_kept_open(std::shared_ptr<const event> about, tenure& keeps,
                                                        std::vector<const group*> likely,
                                                        std::optional<unrouted_hook>& kept_open, logger log) {
  alarm slow(services_.time);
  const auto keep_open = [&] {
    if (!kept_open) kept_open.emplace(services_, likely, about, keeps, log);
  };
  slow.set(slow_look_up, keep_open);
  auto found = co_await look_up(*about, keeps);
  if (found.has_error()) keep_open();
  co_return found;
}

// An outage of the look-up is waited out in hand by a hook that may be ours, kept open meanwhile; by others from half
// of maxReceiveCount on, not by receives that end in the dead-letter queue.
task<result<router::located>> router::look_up_in_hand(std::shared_ptr<const event> about, tenure& keeps,
                                                      std::optional<unrouted_hook>& kept_open, logger log) {
  if (services_.dry_run) co_return co_await look_up(*about, keeps);
  const attempts by{services_.time,   services_.random,         between_look_ups, log,
                    "routing_failed", "finding out whose it is"};
  const bool asks_aws = tags_decide_ && has_hook(about->kind) && keeps.with().message;
  const auto likely = asks_aws ? may_answer(*about, groups_) : std::vector<const group*>();
  if (!likely.empty()) keeps.set_deadline(unrouted_hook::deadline_among(likely, *about, keeps));
  if (likely.empty() || *keeps.deadline() <= services_.time.now())
    co_return co_await ask_while_kept(by, keeps, [this, &about, &keeps] { return look_up(*about, keeps); });
  co_return co_await ask_whatever_fails(by, keeps, rest_or_requeue, [this, &about, &keeps, &likely, &kept_open, &log] {
    return look_up_kept_open(about, keeps, likely, kept_open, log);
  });
}

}  // namespace lifehook::handlers
