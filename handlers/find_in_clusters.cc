#include "handlers/find_in_clusters.h"

#include "handlers/services.h"

#include <algorithm>
#include <tuple>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration find_again = 1s;

// The likeliest first.
task<result<std::vector<std::string>>> names_of(step_context& in, const cluster_choice& among) {
  if (!among.any) co_return among.names;
  auto all = co_await in.ask("listing clusters", [&] { return in.services().clusters.all(in.haste()); });
  if (all.has_error()) co_return std::move(all).error();
  const auto home = in.services().clusters.home_of(in.about().group);
  std::partition(all->begin(), all->end(), [&home](const auto& each) { return each == home; });
  co_return all;
}

// Empty: it is not in this one. A cluster that a person named must be there to say so.
task<result<found_instances>> find_in(step_context& in, ecs_cluster_view& cluster, named_by who) {
  auto found =
      co_await in.ask("finding the container instance", [&] { return cluster.find(in.about().instance, in.haste()); });
  if (found.has_error()) co_return std::move(found).error().in("finding the container instance");
  if (!found->empty() || who == named_by::listing) co_return found;
  if (const auto active = co_await in.ask("checking the cluster", [&] { return cluster.require_active(in.haste()); });
      active.has_error())
    co_return active.error();
  co_return found;
}

// In another cluster than that where it was found with tasks: those are not left to run because one that is not there,
// or may not be asked, cannot say whether its agent has moved there.
task<result<found_instances>> find_elsewhere(step_context& in, ecs_cluster_view& cluster) {
  auto found = co_await cluster.find(in.about().instance, in.haste());
  if (found.has_value()) co_return found;
  if (found.error().code() != errc::denied) co_return co_await find_in(in, cluster, named_by::listing);
  in.log().warn("cluster_passed_over", {{"cluster", cluster.name()}, {"error", found.error().what()}});
  co_return found_instances();
}

bool has_agent(const found_instances& found) {
  return std::any_of(found.begin(), found.end(), [](const auto& each) { return each->agent_connected; });
}

bool has_tasks(const found_instances& found) {
  return std::any_of(found.begin(), found.end(),
                     [](const auto& each) { return each->running_tasks + each->pending_tasks > 0; });
}

bool is_draining(const found_instances& found) {
  return std::any_of(found.begin(), found.end(), [](const auto& each) { return each->status == "DRAINING"; });
}

// An agent that has moved to another cluster leaves a registration behind: ACTIVE, without an agent, and with the tasks
// that it had, which ECS goes on counting.
bool is_likelier(const found_instances& one, const found_instances& other) {
  const auto signs = [](const auto& of) { return std::tuple(has_agent(of), has_tasks(of), is_draining(of)); };
  return signs(one) > signs(other);
}

}  // namespace

task<result<found_in_cluster>> find_everywhere(step_context& in, const cluster_choice& among) {
  const auto names = co_await names_of(in, among);
  if (names.has_error()) co_return names.error();
  const auto who = among.any ? named_by::listing : named_by::configuration;
  found_in_cluster likeliest;
  for (const auto& name : *names) {
    auto& cluster = in.services().clusters.of(name, who);
    auto found =
        has_tasks(likeliest.instances) ? co_await find_elsewhere(in, cluster) : co_await find_in(in, cluster, who);
    if (found.has_error()) co_return std::move(found).error();
    if (found->empty()) continue;
    if (!likeliest.cluster || is_likelier(*found, likeliest.instances)) likeliest = {&cluster, std::move(*found)};
    if (has_agent(likeliest.instances)) break;
  }
  const bool is_at_home = has_agent(likeliest.instances) || has_tasks(likeliest.instances);
  if (among.any && is_at_home) in.services().clusters.remember(in.about().group, likeliest.cluster->name());
  co_return likeliest;
}

task<result<found_in_cluster>> find_proven(step_context& in, const cluster_choice& among) {
  for (;;) {
    auto found = co_await find_everywhere(in, among);
    const auto asked = in.now();
    co_await in.proven();
    if (in.now() - asked < find_again) co_return found;
  }
}

}  // namespace lifehook::handlers
