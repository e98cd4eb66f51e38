#include "simulator/ecs_scheduler.h"

#include "simulator/identity.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::simulator {
namespace {

constexpr std::size_t events_kept = 100;
constexpr duration same_event_again = std::chrono::minutes(1);
constexpr std::size_t tasks_named = 10;  // in one service event
constexpr duration before_trying_again = std::chrono::seconds(30);

std::string named(const std::vector<std::string>& ids) {
  std::string text;
  for (std::size_t i = 0; i < std::min(ids.size(), tasks_named); ++i) text += " (task " + ids[i] + ")";
  return text;
}

}  // namespace

int fewest_healthy(const service_settings& with) { return (with.desired * with.minimum_healthy_percent + 99) / 100; }

int most_tasks(const service_settings& with) { return with.desired * with.maximum_percent / 100; }

void service_scheduler::wake(ecs_service& each) {
  if (!each.pass.is_set()) each.pass.set(duration::zero(), [this, &each] { pass(each); });
}

void service_scheduler::wake_hungry(ecs_cluster& in) {
  for (const auto& [name, each] : in.hungry) wake(*each);
}

void service_scheduler::task_changed(ecs_task& each) {
  if (each.is_replica()) wake(*each.service);
  if (each.alive()) return;
  wake_hungry(each.cluster);
  if (each.instance) settle_daemons(*each.instance);
}

void service_scheduler::instance_changed(ecs_instance& on) {
  const auto there = on.tasks;
  for (const auto& [order, each] : there) {
    if (!each->is_replica() || !each->alive()) continue;
    wake(*each->service);
    if (each->stands() == standing::moving && each->pending()) stop(*each);
  }
  if (on.placeable()) wake_hungry(on.cluster);
  settle_daemons(on);
}

void service_scheduler::pass(ecs_service& each) {
  if (each.with.daemon) return;
  each.cluster.hungry.erase(each.with.name);
  start_missing(each);
  stop_moving(each);
  stop_surplus(each);
  conclude(each);
}

or_fault<ecs_instance*> service_scheduler::place_for(ecs_service& each) {
  if (each.with.launch_type == "FARGATE") {
    const auto& provider = each.with.capacity_provider;
    if (fargate_.take(provider.empty() ? on_demand : provider)) return nullptr;
    each.again.set(before_trying_again, [this, &each] { wake(each); });
    return fault{400, "", fmt::format(". Reason: {}.", no_capacity)};
  }
  if (!each.cluster.placeable.empty()) return each.cluster.placeable.begin()->second;
  each.cluster.hungry.emplace(each.with.name, &each);
  return fault{400, "", " because no container instance met all of its requirements."};
}

void service_scheduler::start_missing(ecs_service& each) {
  const int missing = each.with.desired - each.count(standing::good);
  const int room = most_tasks(each.with) - each.alive;
  std::vector<std::string> begun;
  for (int i = 0; i < std::min(missing, room); ++i) {
    const auto place = place_for(each);
    if (!place) {
      tell(each, "was unable to place a task" + place.error().message);
      break;
    }
    begun.push_back(start(each, *place).id);
  }
  if (!begun.empty()) tell(each, fmt::format("has started {} tasks:{}.", begun.size(), named(begun)));
}

void service_scheduler::stop_moving(ecs_service& each) {
  const int allowed = each.healthy - fewest_healthy(each.with);
  auto& moving = each.of(standing::moving);
  std::vector<std::string> stopped;
  for (int i = 0; i < allowed && !moving.empty(); ++i) {
    auto& oldest = *moving.begin()->second;
    stopped.push_back(oldest.id);
    stop(oldest);
  }
  if (!stopped.empty()) tell(each, fmt::format("has stopped {} running tasks:{}.", stopped.size(), named(stopped)));
}

void service_scheduler::stop_surplus(ecs_service& each) {
  int surplus = each.count(standing::good) - each.with.desired;
  if (surplus <= 0) return;
  std::vector<ecs_task*> stoppable;
  for (const auto& [order, peer] : each.of(standing::good))
    if (!peer->is_protected && peer->reachable()) stoppable.push_back(peer);
  std::sort(stoppable.begin(), stoppable.end(), [](const ecs_task* left, const ecs_task* right) {
    return std::pair(!left->running(), left->order) < std::pair(!right->running(), right->order);
  });
  std::vector<std::string> stopped;
  for (; surplus > 0 && !stoppable.empty();
       --surplus, stoppable.pop_back()) {  // those not running yet, then the newest
    stopped.push_back(stoppable.back()->id);
    stop(*stoppable.back());
  }
  if (!stopped.empty()) tell(each, fmt::format("has stopped {} running tasks:{}.", stopped.size(), named(stopped)));
}

void service_scheduler::conclude(ecs_service& each) {
  const bool steady = each.healthy == each.with.desired && each.alive == each.with.desired &&
                      each.count(standing::good) == each.with.desired;
  if (steady && each.unsettled) tell(each, "has reached a steady state.");
  each.unsettled = !steady;
  if (each.status == "DRAINING" && each.alive == 0) each.status = "INACTIVE";
  const bool stuck = !each.of(standing::moving).empty() && each.healthy <= fewest_healthy(each.with) &&
                     each.alive >= most_tasks(each.with) && each.count(standing::stopping) == 0 && each.pending == 0;
  if (stuck)
    tell(each,
         "was unable to stop or start tasks during a deployment because of the service deployment configuration. "
         "Update the minimumHealthyPercent or maximumPercent value and try again.");
}

void service_scheduler::settle_daemons(ecs_instance& on) {
  for (const auto& [name, each] : on.cluster.daemon_services) settle_daemon(*each, on);
}

void service_scheduler::settle_daemon(ecs_service& of, ecs_instance& on) {
  if (!on.connected) return;
  const auto found = of.daemons.find(&on);
  const bool wanted = on.status == "ACTIVE" && of.status == "ACTIVE";
  if (wanted && found == of.daemons.end()) start(of, &on);
  if (wanted || found == of.daemons.end()) return;
  if (of.status != "ACTIVE" || on.replicas == 0) stop(*found->second);
}

ecs_task& service_scheduler::start(ecs_service& each, ecs_instance* on) {
  task_order order{each.cluster, on, *each.runs};
  order.service = &each;
  order.group = "service:" + each.with.name;
  order.started_by = "ecs-svc/" + each.deployment;
  order.start_time = each.with.start_time;
  order.stop_time = each.with.stop_time;
  if (!on) {
    order.capacity_provider = each.with.capacity_provider;
    order.platform_version = platform_of("");
    order.network = task_network{each.with.subnets, each.with.security_groups, false};
  }
  return tasks_.start(std::move(order));
}

void service_scheduler::stop(ecs_task& each) {
  tasks_.stop(each, "ServiceSchedulerInitiated",
              fmt::format("Scaling activity initiated by (deployment ecs-svc/{})", each.service->deployment));
}

void service_scheduler::tell(ecs_service& each, std::string what) {
  auto message = fmt::format("(service {}) {}", each.with.name, what);
  const bool again = !each.events.empty() && each.events.front().message == message &&
                     each.events.front().at + same_event_again > clock_.now();
  if (again) return;
  each.events.push_front({make_uuid(random_), std::move(message), clock_.now()});
  if (each.events.size() > events_kept) each.events.pop_back();
}

}  // namespace lifehook::simulator
