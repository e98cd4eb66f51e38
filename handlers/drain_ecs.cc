#include "handlers/drain_ecs.h"

#include "base/time_text.h"
#include "handlers/drain_look.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <fmt/format.h>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration default_empty_for = 1s;
constexpr duration most_empty_for = 60s;
constexpr duration until_settled = 250ms;
// Of each group so many look at once, `least_looks` where many groups drain: those that end share the lists of their
// cluster's tasks. After `longest_look` another may have its turn.
constexpr std::size_t most_looks = 1000;
constexpr std::size_t least_looks = 400;
constexpr duration longest_look = 30s;

cluster_choice read_clusters(const settings& with) {
  if (auto one = with.get<std::string>("cluster")) return {{*std::move(one)}};
  auto names = with.get_or<std::vector<std::string>>("clusters", {});
  if (names == std::vector<std::string>{"auto"}) return {.any = true};
  return {std::move(names)};
}

drain_settings read(const settings& with) {
  drain_settings read;
  read.clusters = read_clusters(with);
  read.deregisters = with.get_or<std::string>("mode", "drain") == "deregister";
  read.force = with.get_or("force", read.force);
  read.look_interval = with.get<duration>("look_interval");
  read.empty_for = with.get_or<duration>("empty_for", default_empty_for);
  read.stops_standalone = with.get_or<std::string>("standalone_tasks", "wait") == "stop";
  read.stop_after = with.get_or("stop_after", read.stop_after);
  read.stop_remaining = with.get_or("stop_remaining", read.stop_remaining);
  return read;
}

class drain_ecs final : public step {
 public:
  drain_ecs(drain_settings with, step_services& services)
      : settings_(std::move(with)),
        looks_(services.time, {most_looks, longest_look, least_looks, &services.lines.looks}) {}

  bool looks_first() const override { return true; }

  std::unique_ptr<vigil> keep_vigil(step_context& in) override {
    if (in.dry_run() || settings_.deregisters) return nullptr;
    return std::make_unique<drain_look>(in, settings_, looks_);
  }

  task<result<outcome>> run(step_context& in) override { return in.dry_run() ? say(in) : deregister(in); }

  task<result<outcome>> undo(step_context& in) override {
    auto found = co_await find_everywhere(in, settings_.clusters);
    if (found.has_error()) co_return std::move(found).error();
    auto end = outcome::skipped;
    for (const auto& each : found->instances) {
      const auto activated = co_await activate(in, *found->cluster, each->arn);
      if (activated.has_error()) co_return activated.error();
      if (*activated != outcome::skipped) end = *activated;
    }
    co_return end;
  }

 private:
  static task<result<outcome>> activate(step_context& in, ecs_cluster_view& cluster, std::string arn) {
    const auto now = co_await look_once_settled(in, cluster, arn);
    if (now.has_error()) co_return now.error();
    if (!*now || (*now)->status != "DRAINING") co_return outcome::skipped;
    in.log().info(in.dry_run() ? "would_activate" : "activating",
                  {{"cluster", cluster.name()}, {"container_instance", arn}});
    if (in.dry_run()) co_return outcome::done;
    const auto set = co_await in.ask("setting the container instance ACTIVE", [&] { return cluster.activate(arn); });
    if (set.has_error() && set.error().code() != errc::not_found) co_return set.error();
    co_return outcome::done;
  }

  // A drain that was given up may have left a call behind, which would set it DRAINING after us.
  static task<result<current_instance>> look_once_settled(step_context& in, ecs_cluster_view& cluster,
                                                          std::string arn) {
    while (cluster.is_setting_draining(arn)) {
      if (const auto paused = co_await in.pause_in_hand(until_settled); paused.has_error()) co_return paused.error();
    }
    co_return co_await in.ask("looking at the container instance", [&] { return cluster.look(arn); });
  }

  task<result<outcome>> say(step_context& in) {
    const auto found = co_await find_everywhere(in, settings_.clusters);
    if (found.has_error()) co_return found.error();
    if (found->instances.empty()) co_return not_in_cluster(in, settings_.clusters);
    for (const auto& each : found->instances)
      in.log().info(settings_.deregisters ? "would_deregister" : "would_drain",
                    {{"cluster", found->cluster->name()},
                     {"container_instance", each->arn},
                     {"running_tasks", each->running_tasks}});
    co_return outcome::done;
  }

  task<result<outcome>> deregister(step_context& in) {
    auto found = co_await find_proven(in, settings_.clusters);
    if (found.has_value() && found->instances.empty() && settings_.empty_for > duration::zero()) {
      if (const auto paused = co_await in.pause_in_hand(settings_.empty_for); paused.has_error())
        co_return paused.error();
      found = co_await find_proven(in, settings_.clusters);
    }
    if (found.has_error()) co_return found.error();
    if (found->instances.empty()) co_return not_in_cluster(in, settings_.clusters);
    for (const auto& each : found->instances) {
      const auto gone = co_await in.ask("deregistering the container instance", [&] {
        return found->cluster->deregister(each->arn, settings_.force, in.haste());
      });
      if (gone.has_error()) co_return gone.error();
      in.log().info("deregistered", {{"cluster", found->cluster->name()}, {"container_instance", each->arn}});
    }
    co_return outcome::done;
  }

  drain_settings settings_;
  turnstile looks_;
};

std::string contradiction(const settings& with) {
  if (with.has("cluster") == with.has("clusters"))
    return "write either cluster: NAME or clusters: [NAMES] or clusters: auto";
  if (with.get_or<std::string>("cluster", "") == "auto")
    return "cluster: auto would be a cluster of that name; to find whichever the instance is in write clusters: auto";
  const auto of = read(with);
  if (!of.deregisters && with.has("force")) return "force belongs to mode: deregister";
  if (!of.stops_standalone && with.has("stop_after")) return "stop_after belongs to standalone_tasks: stop";
  if (of.deregisters && with.has("stop_remaining")) return "stop_remaining belongs to mode: drain";
  if (of.look_interval && (*of.look_interval < 1s || *of.look_interval > 30s))
    return "look_interval must be between 1s and 30s, to spare the account's ECS read budget";
  if (of.empty_for > most_empty_for) return "empty_for must be 60s at most";
  return {};
}

bool undoes(const settings& with) { return !read(with).deregisters; }

std::unique_ptr<step> make(const settings& with, step_services& services) {
  return std::make_unique<drain_ecs>(read(with), services);
}

std::string describe(const settings& with) {
  const auto of = read(with);
  auto text = of.clusters.any ? std::string("whichever cluster the instance is in")
                              : fmt::format("cluster {}", fmt::join(of.clusters.names, " or "));
  if (of.deregisters) text += of.force ? ", deregister by force" : ", deregister";
  if (of.stops_standalone) text += fmt::format(", standalone tasks stopped after {}", to_text(of.stop_after));
  if (of.stop_remaining > 0s)
    text += fmt::format(", what is left stopped {} before its end", to_text(of.stop_remaining));
  if (of.empty_for != default_empty_for) text += fmt::format(", done once empty for {}", to_text(of.empty_for));
  if (of.look_interval) text += fmt::format(", looks every {}", to_text(*of.look_interval));
  return text;
}

}  // namespace

step_kind drain_ecs_kind() {
  return {
      .name = "drain_ecs",
      .help = "drains the instance's ECS container instance and waits until its tasks are gone",
      .schema = {{"cluster", setting_kind::cluster, "name of an ECS cluster"},
                 {"clusters", setting_kind::cluster_list, "names of ECS clusters", {"auto"}},
                 {"mode", setting_kind::choice, "how the instance leaves the cluster", {"drain", "deregister"}},
                 {"force", setting_kind::yes_no, "deregister although tasks run"},
                 {"look_interval", setting_kind::span,
                  "time between looks; adapts to the number of drains when not written"},
                 {.key = "empty_for",
                  .kind = setting_kind::span,
                  .help = "how long an instance that had tasks, or was open to them, must be seen empty, and after "
                          "which one that is in no cluster is looked for again; 0s: one look does",
                  .default_wait = default_empty_for},
                 {"standalone_tasks", setting_kind::choice, "what to do with tasks no service moves", {"wait", "stop"}},
                 {.key = "stop_after",
                  .kind = setting_kind::span,
                  .help = "how long after the event, or after a wait: before, standalone tasks are stopped",
                  .means = span_meaning::from_event},
                 {.key = "stop_remaining",
                  .kind = setting_kind::span,
                  .help = "how long before the end of the step's time, or of the event's, all tasks that are left are "
                          "stopped, those of services and protected ones too",
                  .means = span_meaning::before_end}},
      .events = {event_kind::terminating, event_kind::spot_interruption, event_kind::rebalance_recommendation,
                 event_kind::capacity_reservation_interruption, event_kind::state_change, event_kind::scheduled_change},
      .contradiction = contradiction,
      .make = make,
      .describe = describe,
      .undoes = undoes,
      .ends = {outcome::lost, outcome::no_capacity, outcome::no_replacement, outcome::max_100, outcome::standalone_task,
               outcome::protected_task, outcome::agent_disconnected},
      .permissions = {{.policy = "drain-ecs"},
                      {.policy = "drain-ecs-explain"},
                      {.policy = "clusters-auto",
                       .setting = "clusters",
                       .value = "auto",
                       .remark = "clusters: auto: drains are allowed in every ECS cluster of the account; to narrow "
                                 "that name the clusters"},
                      {.policy = "deregister-container-instance", .setting = "mode", .value = "deregister"},
                      {.policy = "stop-standalone-tasks", .setting = "standalone_tasks", .value = "stop"},
                      {.policy = "stop-standalone-tasks", .setting = "stop_remaining"},
                      {.policy = "set-active-after-maintenance", .on = event_kind::scheduled_change}},
      .may_never_end = "a drain that cannot finish"};
}

}  // namespace lifehook::handlers
