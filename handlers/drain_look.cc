#include "handlers/drain_look.h"

#include "handlers/services.h"

#include <algorithm>
#include <array>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration no_progress = 60s;
constexpr duration dead_agent = 5min;  // agents disconnect for moments several times an hour
constexpr duration explain_again = 5min;
constexpr duration stop_again = 30s;
constexpr std::size_t most_services = 10;
constexpr std::size_t most_tasks = 100;
constexpr std::size_t most_protection = 10;

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
    auto& cluster = in.services().clusters.of(name);
    auto finding = in.ask("finding the container instance", [&] { return cluster.find(in.about().instance); });
    auto found = co_await std::move(finding);
    if (found.has_error()) co_return std::move(found).error().in("finding the container instance");
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

drain_look::drain_look(step_context& in, const drain_settings& with, found_in_cluster of)
    : in_(in),
      settings_(with),
      cluster_(*of.cluster),
      counted_(*of.cluster),
      instances_(std::move(of.instances)),
      progress_at_(in.services().hook.time.now()),
      explained_at_(progress_at_) {}

task<result<outcome>> drain_look::until_empty() {
  for (bool first = true;; first = false) {
    auto going = round(first);
    const auto ended = co_await std::move(going);
    if (ended.has_error()) co_return ended.error();
    if (*ended) co_return **ended;
    auto pausing = in_.pause(until_next_look());
    if (const auto paused = co_await std::move(pausing); paused.has_error()) co_return paused.error();
  }
}

// One look and what follows from it; an outcome when the drain has ended.
task<result<std::optional<outcome>>> drain_look::round(bool first) {
  auto looking = first ? set_draining() : look();
  if (auto looked = co_await std::move(looking); looked.has_error()) co_return std::move(looked).error();
  if (instances_.empty()) co_return std::optional(outcome::gone);
  auto counting = count();
  const auto counted = co_await std::move(counting);
  if (counted.has_error()) co_return counted.error();
  if (counted->empty()) co_return std::optional(outcome::done);
  if (*counted != last_) {
    last_ = *counted;
    progress_at_ = in_.services().hook.time.now();
    in_.stuck(std::nullopt);
    in_.log().info("draining", {{"running", last_.running}, {"pending", last_.pending}, {"stopping", last_.stopping}});
  }
  co_return co_await see_to_it();
}

// What a drain that is not finished calls for; mostly nothing.
task<result<std::optional<outcome>>> drain_look::see_to_it() {
  if (should_stop_standalone()) {
    auto stopping = stop_standalone();
    if (auto stopped = co_await std::move(stopping); stopped.has_error()) co_return std::move(stopped).error();
  }
  if (should_check()) {
    auto checking = check_still_there();
    auto ended = co_await std::move(checking);
    if (ended.has_error() || *ended) co_return ended;
  }
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
  return now - progress_at_ >= no_progress && now - explained_at_ >= again;
}

// Many drains look at the same moments, so that their questions leave together.
duration drain_look::until_next_look() const {
  const auto interval = settings_.look_interval.value_or(cluster_.look_interval());
  if (settings_.look_interval || interval <= 1s) return interval;
  return interval - in_.services().hook.time.now().time_since_epoch() % interval;
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
      if (set.error().code() != errc::rejected) co_return set.error();
      in_.log().warn("draining_refused",
                     {{"container_instance", each.arn}, {"status", each.status}, {"error", set.error().what()}});
    } else if (*set) {
      each = **set;
    } else {
      each.status = "INACTIVE";
    }
  }
  std::erase_if(instances_, [](const auto& each) { return each.status == "INACTIVE"; });
  co_return result<>();
}

task<result<>> drain_look::look() {
  for (auto& each : instances_) {
    auto asking = in_.ask("looking at the container instance", [&] { return cluster_.look(each.arn); });
    const auto now = co_await std::move(asking);
    if (now.has_error()) co_return now.error();
    if (*now)
      each = **now;
    else
      each.status = "INACTIVE";
  }
  std::erase_if(instances_, [](const auto& each) { return each.status == "INACTIVE"; });
  co_return co_await set_draining();  // one that was REGISTERING, or that somebody set ACTIVE again
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
    if (stopping.has_error()) co_return stopping.error();
    sum.stopping += *stopping;
    if (each.status != "DRAINING") ++sum.stopping;  // still open to new tasks, or registering
  }
  co_return sum;
}

task<result<std::vector<aws::ecs_task>>> drain_look::remaining_tasks() {
  std::vector<aws::ecs_task> tasks;
  for (const auto& each : instances_) {
    auto listing =
        in_.ask("listing tasks", [&] { return in_.services().ecs.list_tasks(cluster_.name(), each.arn, "RUNNING"); });
    auto arns = co_await std::move(listing);
    if (arns.has_error()) co_return std::move(arns).error();
    if (arns->empty()) continue;
    const auto some = first(std::move(*arns), most_tasks);
    auto describing =
        in_.ask("describing tasks", [&] { return in_.services().ecs.describe_tasks(cluster_.name(), some); });
    auto described = co_await std::move(describing);
    if (described.has_error()) co_return std::move(described).error();
    std::move(described->found.begin(), described->found.end(), std::back_inserter(tasks));
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

// A drain whose host is dead never ends by itself: ECS goes on reporting its tasks as running.
task<result<std::optional<outcome>>> drain_look::check_still_there() {
  const auto now = in_.services().hook.time.now();
  auto asking = in_.ask("asking Auto Scaling for the instance",
                        [&] { return in_.services().hook.instances.instance(in_.about().instance); });
  const auto found = co_await std::move(asking);
  if (found.has_error()) co_return found.error();
  static constexpr std::array<std::string_view, 3> over{"Terminated", "Terminating:Proceed", "Detached"};
  const bool gone = !*found || std::find(over.begin(), over.end(), (*found)->lifecycle_state) != over.end();
  const bool dead =
      disconnected_since_ && now - *disconnected_since_ >= dead_agent && *found && (*found)->health == "UNHEALTHY";
  if (!gone && !dead) co_return std::optional<outcome>();
  in_.log().warn("instance_lost",
                 {{"lifecycle_state", *found ? std::string_view((*found)->lifecycle_state) : "unknown"},
                  {"running", last_.running},
                  {"stopping", last_.stopping}});
  co_return std::optional(outcome::lost);
}

task<result<>> drain_look::explain() {
  const auto now = in_.services().hook.time.now();
  explained_at_ = now;
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
