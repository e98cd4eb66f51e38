#include "handlers/wait_until_ready.h"

#include "base/seldom.h"
#include "base/time_text.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration look_again = 5s;
constexpr duration say_again = 60s;

struct gate_settings {
  std::string cluster;  // empty: none is asked
  bool own_target_groups = false;
  std::vector<std::string> target_groups;
};

gate_settings read(const settings& with) {
  gate_settings read;
  read.cluster = with.get_or<std::string>("ecs_cluster", "");
  read.target_groups = with.get_or<std::vector<std::string>>("target_groups", {});
  read.own_target_groups = read.target_groups == std::vector<std::string>{"true"};
  const bool is_word = read.own_target_groups || read.target_groups == std::vector<std::string>{"false"};
  if (is_word) read.target_groups.clear();
  return read;
}

// What is not ready yet; empty: it is.
using reason = std::string;

// One in service will do: an agent that has lost its state leaves its registration behind when it registers again,
// ACTIVE and never connected. `all` is not empty.
reason out_of_service(const found_instances& all) {
  const auto is_connected = [](const auto& each) { return each->agent_connected; };
  const auto is_active = [](const auto& each) { return each->status == "ACTIVE"; };
  if (std::any_of(all.begin(), all.end(), [&](const auto& each) { return is_connected(each) && is_active(each); }))
    return {};
  const auto connected = std::find_if(all.begin(), all.end(), is_connected);
  const auto& nearest = connected == all.end() ? all.front() : *connected;
  if (!is_active(nearest)) return fmt::format("its container instance is {}", nearest->status);
  return "its ECS agent is not connected";
}

class wait_until_ready final : public step {
 public:
  explicit wait_until_ready(gate_settings with) : settings_(std::move(with)) {}

  task<result<outcome>> run(step_context& in) override {
    seldom saying(say_again);
    std::set<std::string> gone;
    for (;;) {
      const auto why = co_await look(in, gone);
      if (why.has_error()) co_return why.error();
      if (why->empty()) co_return outcome::done;
      const auto lasts = in.runs_for();
      if (saying.is_due(lasts)) in.log().info("not_ready", {{"why", *why}, {"for_seconds", lasts}});
      if (in.dry_run()) co_return would_wait(in);
      in.waits_for(*why);
      const auto paused = co_await in.pause_or_requeue(look_again);
      if (paused.has_error()) co_return paused.error().in("not ready: " + *why);
    }
  }

 private:
  static outcome would_wait(step_context& in) {
    const auto most = in.timeout().value_or(in.configured().deadline);
    in.log().info("would_wait", {{"up_to", to_text(most)}, {"then", name(in.configured().on_launch_failure)}});
    in.note_would_wait();
    return outcome::skipped;
  }

  // `gone`: the group's target groups that no longer exist, each said once.
  task<result<reason>> look(step_context& in, std::set<std::string>& gone) {
    auto why = co_await look_at_agent(in);
    if (why.has_error() || !why->empty()) co_return why;
    why = co_await look_at_listed(in);
    if (why.has_error() || !why->empty() || !settings_.own_target_groups) co_return why;
    co_return co_await look_at_own(in, gone);
  }

  task<result<reason>> look_at_agent(step_context& in) {
    if (settings_.cluster.empty()) co_return reason();
    auto& cluster = in.services().clusters.of(settings_.cluster);
    const auto found =
        co_await in.ask("finding the container instance", [&] { return cluster.find(in.about().instance); });
    if (found.has_error()) co_return found.error();
    if (found->empty()) {
      if (const auto active = co_await in.ask("checking the cluster", [&] { return cluster.require_active(); });
          active.has_error())
        co_return active.error();
      co_return fmt::format("no ECS agent has registered it in cluster {}", settings_.cluster);
    }
    co_return out_of_service(*found);
  }

  // One that is not there may be being made; that it never comes is told when the time is up.
  task<result<reason>> look_at_listed(step_context& in) {
    for (const auto& each : settings_.target_groups) {
      const auto found = co_await find(in, each);
      if (found.has_error() && found.error().code() == errc::not_found)
        co_return fmt::format("target group {} does not exist", each);
      if (found.has_error()) co_return found.error();
      if (found->empty()) co_return fmt::format("it is not registered in {}", each);
      if (auto why = unhealthy(*found, each); !why.empty()) co_return why;
    }
    co_return reason();
  }

  // A group may go on naming a target group that was deleted: nothing can be healthy there, and no launch waits for it.
  static task<result<reason>> look_at_own(step_context& in, std::set<std::string>& gone) {
    const auto profile = co_await in.ask("asking for the group's target groups",
                                         [&] { return in.services().instances.fresh_profile(in.about().group); });
    if (profile.has_error()) co_return profile.error();
    for (const auto& each : profile->target_groups) {
      const auto found = co_await find(in, each);
      if (found.has_error() && found.error().code() == errc::not_found) {
        if (gone.insert(each).second)
          in.log().warn("target_group_gone", {{"target_group", each}, {"advice", "detach it from the group"}});
        continue;
      }
      if (found.has_error()) co_return found.error();
      if (auto why = unhealthy(*found, each); !why.empty()) co_return why;
    }
    co_return reason();
  }

  using registrations = std::vector<aws::target_health>;

  static task<result<registrations>> find(step_context& in, const std::string& target_group) {
    return in.ask("looking at a target group",
                  [&in, target_group] { return in.services().targets.find(target_group, in.about().instance); });
  }

  static reason unhealthy(const registrations& all, const std::string& target_group) {
    for (const auto& each : all)
      if (each.state != "healthy")
        return fmt::format("it is {}{}{} in {}", each.state, each.reason.empty() ? "" : ", ", each.reason,
                           target_group);
    return {};
  }

  gate_settings settings_;
};

std::string contradiction(const settings& with) {
  const auto of = read(with);
  if (of.cluster.empty() && !of.own_target_groups && of.target_groups.empty())
    return "waits for nothing: write ecs_cluster: NAME, target_groups: true, or target_groups: [ARNS]";
  for (const auto& each : of.target_groups)
    if (!is_target_group_arn(each))
      return fmt::format("target_groups: expected true, or ARNs of target groups, got \"{}\"", each);
  return {};
}

std::unique_ptr<step> make(const settings& with, step_services&) {
  return std::make_unique<wait_until_ready>(read(with));
}

std::string describe(const settings& with) {
  const auto of = read(with);
  std::vector<std::string> said;
  if (!of.cluster.empty()) said.push_back(fmt::format("ECS agent connected and ACTIVE in cluster {}", of.cluster));
  if (of.own_target_groups) said.emplace_back("targets of its group healthy where registered");
  if (!of.target_groups.empty()) said.push_back(fmt::format("healthy in {}", fmt::join(of.target_groups, ", ")));
  return fmt::format("{}", fmt::join(said, ", "));
}

}  // namespace

step_kind wait_until_ready_kind() {
  return {.name = "wait_until_ready",
          .help = "holds a launch until the instance can take work",
          .schema = {{"ecs_cluster", setting_kind::cluster, "name of the ECS cluster it must have joined"},
                     {"target_groups",
                      setting_kind::text_list,
                      "ARNs of target groups it must be healthy in",
                      {"true", "false"}}},
          .events = {event_kind::launching},
          .contradiction = contradiction,
          .make = make,
          .describe = describe,
          .permissions = {{.policy = "wait-until-ready"}}};
}

}  // namespace lifehook::handlers
