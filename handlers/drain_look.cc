#include "handlers/drain_look.h"

#include "handlers/look_interval.h"
#include "handlers/services.h"

#include <algorithm>
#include <random>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration no_progress = 60s;
constexpr duration dead_agent = 5min;  // agents disconnect for moments several times an hour
constexpr duration explain_again = 5min;
constexpr look_limits explanations{no_progress, 1h, 1h};
constexpr double calls_to_explain = 3;  // that the looks could make instead
constexpr duration stop_again = 30s;
constexpr std::size_t most_services = 10;
constexpr std::size_t most_protection = 10;
constexpr duration confirm_beat = 250ms;
constexpr duration find_again = 1s;

duration until_multiple(duration now, duration of) { return of - now % of; }

template <class T>
std::vector<T> first(std::vector<T> all, std::size_t most) {
  if (all.size() > most) all.resize(most);
  return all;
}

}  // namespace

task<result<found_in_cluster>> find_everywhere(step_context& in, const drain_settings& with) {
  auto names = with.clusters;
  if (with.any_cluster) {
    auto listing = in.ask("listing clusters", [&] { return in.services().clusters.all(); });
    auto all = co_await std::move(listing);
    if (all.has_error()) co_return std::move(all).error();
    names = std::move(*all);
    const auto home = in.services().clusters.home_of(in.about().group);
    std::partition(names.begin(), names.end(), [&home](const auto& each) { return each == home; });
  }
  for (const auto& name : names) {
    auto& cluster = in.services().clusters.of(name, with.any_cluster ? named_by::listing : named_by::configuration);
    auto finding = in.ask("finding the container instance", [&] { return cluster.find(in.about().instance); });
    auto found = co_await std::move(finding);
    if (found.has_error()) co_return std::move(found).error().in("finding the container instance in cluster " + name);
    if (!found->empty()) {
      if (with.any_cluster) in.services().clusters.remember(in.about().group, name);
      co_return found_in_cluster{&cluster, std::move(*found)};
    }
    if (with.any_cluster) continue;
    auto requiring = in.ask("checking the cluster", [&] { return cluster.require_active(); });
    const auto active = co_await std::move(requiring);
    if (active.has_error()) co_return active.error();
  }
  co_return found_in_cluster{};
}

task<result<found_in_cluster>> find_proven(step_context& in, const drain_settings& with) {
  for (;;) {
    auto finding = find_everywhere(in, with);
    auto found = co_await std::move(finding);
    const auto asked = in.services().hook.time.now();
    auto proving = in.proven();
    co_await std::move(proving);
    if (in.services().hook.time.now() - asked < find_again) co_return found;
  }
}

drain_look::drain_look(step_context& in, const drain_settings& with, found_in_cluster of)
    : in_(in),
      settings_(with),
      cluster_(*of.cluster),
      counted_(*of.cluster),
      instances_(std::move(of.instances)),
      in_doubt_(in.came_before()),
      progress_at_(in.services().hook.time.now()),
      explained_at_(progress_at_),
      patience_(std::uniform_real_distribution<>()(in.services().hook.random)),
      host_(in),
      news_(in.services().news, in.about().instance) {}

task<result<std::optional<outcome>>> drain_look::round() {
  auto looking = refresh();
  if (auto looked = co_await std::move(looking); looked.has_error()) co_return std::move(looked).error();
  auto counting = count();
  const auto counted = co_await std::move(counting);
  if (counted.has_error()) co_return counted.error();
  const bool in_doubt = in_doubt_ && settings_.empty_for > duration::zero();
  const bool ends = instances_.empty() || (counted->empty() && !in_doubt);
  note(*counted);
  if (!ends && counted->empty()) co_return std::optional<outcome>();
  auto following = ends ? end() : see_to_it();
  co_return co_await std::move(following);
}

void drain_look::note(const tally& now) {
  in_doubt_ = !now.empty();
  if (now == last_) return;
  last_ = now;
  progress_at_ = explained_at_ = in_.services().hook.time.now();
  explained_ = false;
  in_.stuck(std::nullopt);
  if (!now.empty())
    in_.log().info("draining", {{"running", now.running}, {"pending", now.pending}, {"stopping", now.stopping}});
}

// Nothing is left to wait for, unless an agent has registered its instance again when it had gone.
task<result<std::optional<outcome>>> drain_look::end() {
  if (!std::exchange(left_, false)) co_return std::optional(instances_.empty() ? outcome::gone : outcome::done);
  auto asking = in_.ask("finding the container instance again", [&] { return cluster_.find(in_.about().instance); });
  auto found = co_await std::move(asking);
  if (found.has_error()) co_return std::move(found).error();
  if (found->empty()) co_return std::optional(outcome::gone);
  instances_ = std::move(*found);
  just_found_ = true;
  co_return std::optional<outcome>();
}

// What a drain that is not finished calls for; mostly nothing.
task<result<std::optional<outcome>>> drain_look::see_to_it() {
  if (should_stop_standalone()) {
    auto stopping = stop_standalone();
    if (auto stopped = co_await std::move(stopping); stopped.has_error()) co_return std::move(stopped).error();
  }
  if (has_ended() || (should_check() && is_lost())) co_return std::optional(outcome::lost);
  if (should_explain()) {
    auto explaining = explain();
    if (auto explained = co_await std::move(explaining); explained.has_error()) co_return std::move(explained).error();
  }
  co_return std::optional<outcome>();
}

bool drain_look::should_stop_standalone() const {
  const auto now = in_.services().hook.time.now();
  return settings_.stops_standalone && now >= in_.event_time() + settings_.stop_after &&
         now >= stopped_at_ + stop_again;
}

bool drain_look::all_connected() const {
  return std::all_of(instances_.begin(), instances_.end(), [](const auto& each) { return each.agent_connected; });
}

// Only Auto Scaling's own instances can be asked about; without an agent or progress there is reason to.
bool drain_look::should_check() {
  const auto now = in_.services().hook.time.now();
  if (all_connected())
    disconnected_since_.reset();
  else if (!disconnected_since_)
    disconnected_since_ = now;
  return !in_.about().group.empty() && (disconnected_since_ || now - progress_at_ >= no_progress);
}

bool drain_look::should_explain() const {
  const auto now = in_.services().hook.time.now();
  const auto again = in_.if_too_late() == outcome::timeout ? no_progress : explain_again;
  return now - progress_at_ >= no_progress && now - explained_at_ >= std::max(again, until_explained());
}

// Many that stand still at once are explained one after the other: an explanation costs more calls than a hundred
// looks.
duration drain_look::until_explained() const {
  const auto calls = calls_to_explain * static_cast<double>(in_.services().clusters.draining());
  const auto all = look_interval({calls}, in_.services().ecs.look_rate(), explanations);
  if (explained_) return all;
  return no_progress + std::chrono::duration_cast<duration>(patience_ * (all - no_progress));
}

// Many drains look at the same moments, so that their questions leave together; thousands group by group.
duration drain_look::until_next() const {
  if (just_found_) return find_again;
  const auto now = in_.services().hook.time.now().time_since_epoch();
  const bool alone = cluster_.draining() < 2;
  if (last_.empty())
    return settings_.empty_for + (alone ? duration(0) : until_multiple(now + settings_.empty_for, confirm_beat));
  const auto interval = settings_.look_interval.value_or(cluster_.look_interval());
  return alone ? interval : until_multiple(now - counted_.phase(interval), interval);
}

task<result<>> drain_look::refresh() {
  for (auto& each : instances_) {
    if (just_found_) break;
    auto asking = in_.ask("looking at the container instance", [&] { return cluster_.look(each.arn); });
    const auto now = co_await std::move(asking);
    if (now.has_error()) co_return now.error();
    if (*now)
      each = **now;
    else
      each.status = "INACTIVE";
  }
  just_found_ = false;
  auto setting = set_draining();  // also one that was REGISTERING, or that somebody set ACTIVE again
  auto set = co_await std::move(setting);
  if (std::erase_if(instances_, [](const auto& each) { return each.status == "INACTIVE"; }) > 0) left_ = true;
  co_return set;
}

task<result<>> drain_look::set_draining() {
  for (auto& each : instances_) {
    if (each.status != "ACTIVE") continue;
    in_.log().info("setting_draining",
                   {{"cluster", cluster_.name()}, {"container_instance", each.arn}, {"running", each.running_tasks}});
    auto asking = in_.ask("setting the container instance DRAINING", [&] { return cluster_.drain(each.arn); });
    const auto set = co_await std::move(asking);
    if (set.has_error()) {
      // Between our look and our call it may have begun to register or to leave: the next look sees which.
      const auto meaning = set.error().code();
      if (meaning != errc::rejected && meaning != errc::not_found) co_return set.error();
      in_.log().warn("draining_refused",
                     {{"container_instance", each.arn}, {"status", each.status}, {"error", set.error().what()}});
    } else if (*set) {
      each = **set;
      in_doubt_ = true;  // a task may have been placed just before
    } else {
      each.status = "INACTIVE";
    }
  }
  co_return result<>();
}

task<result<drain_look::tally>> drain_look::count() {
  tally sum;
  for (const auto& each : instances_) {
    sum.running += each.running_tasks;
    sum.pending += each.pending_tasks;
  }
  if (sum.running + sum.pending > 0) co_return sum;
  for (const auto& each : instances_) {
    auto asking = in_.ask("counting stopping tasks", [&] { return cluster_.stopping(each.arn); });
    const auto stopping = co_await std::move(asking);
    if (stopping.has_error() && stopping.error().code() != errc::not_found) co_return stopping.error();
    sum.stopping += stopping.has_value() ? *stopping : 1;  // not known any more: the next look sees that it is gone
    if (each.status != "DRAINING") ++sum.stopping;         // still open to new tasks, or registering
  }
  co_return sum;
}

task<result<std::vector<aws::ecs_task>>> drain_look::remaining_tasks() {
  std::vector<aws::ecs_task> tasks;
  for (const auto& each : instances_) {
    auto asking = in_.ask("listing tasks", [&] { return cluster_.running_tasks(each.arn); });
    auto running = co_await std::move(asking);
    if (running.has_error()) co_return std::move(running).error();
    std::move(running->begin(), running->end(), std::back_inserter(tasks));
  }
  co_return tasks;
}

task<result<>> drain_look::stop_standalone() {
  stopped_at_ = in_.services().hook.time.now();
  auto remaining = remaining_tasks();
  const auto tasks = co_await std::move(remaining);
  if (tasks.has_error()) co_return tasks.error();
  for (const auto& each : *tasks) {
    if (each.of_service()) continue;
    in_.log().info("stopping_standalone_task", {{"task", each.arn}, {"task_group", each.group}});
    auto stopping = in_.ask("stopping a standalone task", [&] {
      return in_.services().ecs.stop_task(cluster_.name(), each.arn,
                                          "lifehook: its instance " + in_.about().instance + " is ending");
    });
    const auto stopped = co_await std::move(stopping);
    if (stopped.has_error() && stopped.error().code() != errc::not_found)
      in_.log().warn("stopping_standalone_task_failed", {{"task", each.arn}, {"error", stopped.error().what()}});
  }
  co_return result<>();
}

// EC2 has said so itself.
bool drain_look::has_ended() {
  if (news_.has_ended())
    in_.log().warn("instance_lost",
                   {{"why", "EC2 ended it"}, {"running", last_.running}, {"stopping", last_.stopping}});
  return news_.has_ended();
}

// A drain whose host is dead never ends by itself: ECS goes on reporting its tasks as running.
bool drain_look::is_lost() {
  const auto seen = host_.seen();
  if (!seen) return false;
  const auto now = in_.services().hook.time.now();
  const bool dead = disconnected_since_ && now - *disconnected_since_ >= dead_agent && seen->is_unhealthy;
  if (!seen->is_over && !dead) return false;
  in_.log().warn(
      "instance_lost",
      {{"lifecycle_state", seen->lifecycle_state}, {"running", last_.running}, {"stopping", last_.stopping}});
  return true;
}

task<result<>> drain_look::explain() {
  const auto now = in_.services().hook.time.now();
  explained_at_ = now;
  explained_ = true;
  drain_facts facts;
  facts.agent_connected = all_connected();
  auto remaining = remaining_tasks();
  auto tasks = co_await std::move(remaining);
  if (tasks.has_error()) co_return std::move(tasks).error();
  facts.tasks = std::move(*tasks);
  // What follows only helps to explain: without permission for it the drain goes on.
  std::vector<std::string> arns;
  for (const auto& each : facts.tasks) arns.push_back(each.arn);
  if (!arns.empty()) {
    auto asking = in_.services().ecs.protected_tasks(cluster_.name(), first(arns, most_protection));
    if (auto found = co_await std::move(asking); found.has_value()) facts.protected_tasks = std::move(*found);
  }
  if (auto services = services_of(facts.tasks); !services.empty()) {
    auto asking = in_.services().ecs.describe_services(cluster_.name(), first(std::move(services), most_services));
    if (auto found = co_await std::move(asking); found.has_value()) facts.services = std::move(*found);
  }
  const auto reason = reason_of(facts);
  in_.stuck(reason ? std::optional(reason->why) : std::nullopt);
  in_.log().warn(
      "drain_without_progress",
      {{"for_seconds", now - progress_at_},
       {"running", last_.running},
       {"stopping", last_.stopping},
       {"outcome", name(reason ? reason->why : outcome::timeout)},
       {"why",
        reason ? reason->text : "nothing known stands in its way; tasks may be slow to stop or to start elsewhere"}});
  co_return result<>();
}

}  // namespace lifehook::handlers
