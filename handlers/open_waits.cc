#include "handlers/open_waits.h"

#include "base/side_by_side.h"
#include "handlers/activities.h"
#include "handlers/lifecycle_state.h"
#include "handlers/parse_hook.h"
#include "handlers/route.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lifehook::handlers {

namespace {

constexpr unsigned most_pages = 10'000;
constexpr std::string_view wait = ":Wait";
constexpr std::string_view warm = "Warmed:";

// As the transition's own message would say it. An instance on its way into a warm pool does not end.
place destination_of(event_kind kind, std::string_view state) {
  if (state == "Warmed:Pending:Wait") return place::warm_pool;
  return kind == event_kind::launching ? place::scaling_group : place::ec2;
}

// Whether a launch comes out of the group's pool no list tells. What is done for one that does (its drain is undone)
// finds nothing to do for a new instance.
place origin_of(event_kind kind, const aws::scaling_group& in, std::string_view state) {
  if (kind == event_kind::launching)
    return in.has_warm_pool && !state.starts_with(warm) ? place::warm_pool : place::ec2;
  return state.starts_with(warm) && state != "Warmed:Pending:Wait" ? place::warm_pool : place::scaling_group;
}

event waiting_event(event_kind kind, const aws::scaling_group& in, const aws::group_instance& of,
                    const std::string& hook) {
  event about;
  about.kind = kind;
  about.instance = of.id;
  about.group = in.name;
  about.hook = hook;
  about.origin = origin_of(kind, in, of.lifecycle_state);
  about.destination = destination_of(kind, of.lifecycle_state);
  return about;
}

// A root volume is replaced in a wait of its own, which Auto Scaling ends by itself.
bool is_open(const aws::group_instance& of, event_kind kind) {
  return !is_being_replaced(of.lifecycle_state) && waits(kind, of.lifecycle_state);
}

bool has_waits(const aws::scaling_group& of) {
  return std::any_of(of.instances.begin(), of.instances.end(),
                     [](const auto& each) { return each.lifecycle_state.ends_with(wait); });
}

bool asks_for_tags(std::span<const group> groups) {
  return std::any_of(groups.begin(), groups.end(), [](const auto& each) { return !each.match_tags.empty(); });
}

// Of each instance.
task<result<std::vector<aws::tag_map>>> tags_of(step_services& with, const aws::scaling_group& in,
                                                const std::vector<open_wait>& open) {
  std::vector<aws::tag_map> tags(open.size(), in.tags);
  if (!asks_for_tags(with.groups)) co_return tags;
  std::vector<task<result<std::optional<aws::tag_map>>>> looks;
  for (const auto& each : open) looks.push_back(with.instances.instance_tags(each.about.instance));
  auto own = co_await side_by_side(std::move(looks));
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i].has_error()) co_return std::move(own[i]).error();
    tags[i] = tags_of_both(std::move(*own[i]), in.tags);
  }
  co_return tags;
}

// Of a listed group, to which the instances of its warm pool are added here.
task<result<>> add_warm_pool(step_services& with, aws::scaling_group& to) {
  if (!to.has_warm_pool) co_return result<>();
  auto pool = co_await with.autoscaling.warm_pool(to.name);
  if (pool.has_error() && pool.error().code() == errc::not_found) co_return result<>();
  if (pool.has_error()) co_return std::move(pool).error();
  std::move(pool->begin(), pool->end(), std::back_inserter(to.instances));
  co_return result<>();
}

// Those of a group's waits that the configuration answers.
task<result<std::vector<open_wait>>> answered(step_services& with, const aws::scaling_group& in) {
  const auto hooks = co_await with.hooks.all(in.name);
  if (hooks.has_error()) co_return hooks.error();
  auto open = waits_of(in, *hooks);
  auto tags = co_await tags_of(with, in, open);
  if (tags.has_error()) co_return std::move(tags).error();
  for (std::size_t i = 0; i < open.size(); ++i) {
    const auto decision = route(open[i].about, {in.name, std::move((*tags)[i])}, with.groups);
    if (decision.what == routing::handle) open[i].to = decision.to;
  }
  std::erase_if(open, [](const auto& each) { return !each.to; });
  co_return open;
}

}  // namespace

std::vector<open_wait> waits_of(const aws::scaling_group& of, std::span<const aws::lifecycle_hook> hooks) {
  std::vector<open_wait> found;
  for (const auto& instance : of.instances)
    for (const auto kind : {event_kind::launching, event_kind::terminating})
      for (const auto& hook : hooks)
        if (hook.transition == transition_of(kind) && is_open(instance, kind))
          found.push_back(
              {waiting_event(kind, of, instance, hook.name), nullptr, hook.heartbeat_timeout, hook.notifies});
  return found;
}

task<result<>> open_waits_list::read(std::function<void(open_wait)> tell) {
  std::string from;
  for (unsigned pages = 0; pages < most_pages; ++pages) {
    auto groups = co_await services_.autoscaling.group_page(std::move(from));
    if (groups.has_error()) co_return std::move(groups).error();
    for (auto& each : groups->found) {
      auto open = co_await waits_in(std::move(each));
      if (open.has_error()) co_return std::move(open).error();
      for (auto& one : *open) tell(std::move(one));
    }
    if (groups->next.empty()) break;
    from = std::move(groups->next);
  }
  co_return result<>();
}

task<result<std::vector<open_wait>>> open_waits_list::waits_in(aws::scaling_group of) {
  if (!may_answer_hooks(of.name, services_.groups)) co_return std::vector<open_wait>();
  const auto added = co_await add_warm_pool(services_, of);
  if (added.has_error()) co_return added.error();
  if (!has_waits(of)) co_return std::vector<open_wait>();
  co_return co_await answered(services_, of);
}

task<result<std::map<std::string, time_point>>> beginnings(aws::autoscaling& with, std::vector<event> of_group,
                                                           time_point since) {
  std::map<std::string, time_point> found;
  if (of_group.empty()) co_return found;
  const std::string group = of_group.front().group;
  const auto walked = co_await walk_activities(with, group, since, [&](const auto& activities) {
    std::erase_if(of_group, [&](const event& each) {
      const auto* const began = activity_of(each.kind, each.instance, activities);
      return began && found.emplace(each.instance, began->started).second;
    });
    return !of_group.empty();
  });
  if (walked.has_error()) co_return walked.error();
  co_return found;
}

}  // namespace lifehook::handlers
