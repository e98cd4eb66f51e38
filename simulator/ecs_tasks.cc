#include "simulator/ecs_tasks.h"

#include "simulator/identity.h"

#include <fmt/format.h>

namespace lifehook::simulator {
namespace {

constexpr duration visible_when_stopped = std::chrono::hours(1);
constexpr duration deprovision_time = std::chrono::seconds(3);
constexpr int killed = 137;

std::pair<int, std::uint64_t> room_of(const ecs_instance& each) { return {each.taken - each.slots, each.order}; }

void index_room(ecs_instance* each) {
  if (each && each->placeable()) each->cluster.placeable.emplace(room_of(*each), each);
}

void unindex_room(ecs_instance* each) {
  if (each) each->cluster.placeable.erase(room_of(*each));
}

// Adds (1) or takes away (-1) all that a task counts for.
void tally(ecs_task& each, int sign) {
  auto* on = each.instance;
  (on ? on->running : each.cluster.fargate_running) += each.running() ? sign : 0;
  (on ? on->pending : each.cluster.fargate_pending) += each.pending() ? sign : 0;
  if (on && each.alive() && !each.is_daemon()) on->taken += sign;
  if (!each.service) return;
  auto& service = *each.service;
  if (on && each.alive() && each.is_replica()) on->replicas += sign;
  service.healthy += each.running() ? sign : 0;
  service.pending += each.pending() ? sign : 0;
  service.alive += each.alive() ? sign : 0;
  auto& peers = service.of(each.stands());
  if (each.stands() == standing::over) return;
  if (sign > 0) peers.emplace(each.order, &each);
  if (sign < 0) peers.erase(each.order);
}

}  // namespace

ecs_task& task_life::start(task_order order) {
  auto& in = order.in;
  auto fresh = std::make_unique<ecs_task>(clock_, in, order.on, order.runs);
  auto& each = *fresh;
  each.order = ++started_;
  each.id = make_hex(random_, 32);
  each.arn = owner_.arn("ecs", "task/" + in.name + "/" + each.id);
  each.group = std::move(order.group);
  each.started_by = std::move(order.started_by);
  each.service = order.service;
  each.capacity_provider = std::move(order.capacity_provider);
  each.platform_version = std::move(order.platform_version);
  each.created = each.updated = clock_.now();
  each.start_time = order.start_time;
  each.stop_time = order.stop_time;
  each.asked = std::move(order.asked);
  for (const auto& one : order.runs.containers)
    each.containers.push_back({one.name, one.image, make_uuid(random_), make_hex(random_, 12), one.essential, {}, {}});
  if (order.network) attach(each, *order.network);

  in.tasks_by_id.emplace(each.id, &each);
  in.tasks.emplace(each.order, std::move(fresh));
  if (order.on) order.on->tasks.emplace(each.order, &each);
  if (each.is_daemon()) each.service->daemons[each.instance] = &each;
  unindex_room(each.instance);
  tally(each, 1);
  index_room(each.instance);
  each.next.set(each.start_time / 3, [this, &each] { step(each); });
  return each;
}

void task_life::change_task(ecs_task& each, const std::function<void()>& how) {
  unindex_room(each.instance);
  tally(each, -1);
  how();
  ++each.version;
  each.updated = clock_.now();
  if (each.instance) ++each.instance->version;
  tally(each, 1);
  index_room(each.instance);
}

void task_life::change_instance(ecs_instance& on, const std::function<void()>& how) {
  unindex_room(&on);
  for (const auto& [order, each] : on.tasks) tally(*each, -1);
  how();
  ++on.version;
  for (const auto& [order, each] : on.tasks) tally(*each, 1);
  index_room(&on);
  if (!on.connected) return;
  const auto waiting = on.tasks;
  for (const auto& [order, each] : waiting)
    if (std::exchange(each->stalled, false)) step(*each);
}

void task_life::step(ecs_task& each) {
  each.stalled = !each.reachable();
  if (each.stalled) return;
  if (!each.wanted() && !each.started) return finish(each);
  if (each.last_status == "PROVISIONING") return become(each, "PENDING", each.start_time - each.start_time / 3);
  if (each.last_status == "PENDING") return become(each, "RUNNING", {});
  if (each.last_status == "RUNNING" && !each.wanted()) return become(each, "DEACTIVATING", each.stop_time / 2);
  if (each.last_status == "DEACTIVATING") return become(each, "STOPPING", each.stop_time - each.stop_time / 2);
  if (each.last_status == "STOPPING" && each.on_fargate()) return deprovision(each, deprovision_time);
  if (each.last_status == "STOPPING" || each.last_status == "DEPROVISIONING") finish(each);
}

void task_life::become(ecs_task& each, std::string_view status, duration next_step) {
  change_task(each, [&] { each.last_status = status; });
  if (status == "PENDING") each.pulled = clock_.now();
  if (status == "RUNNING") {
    each.started = clock_.now();
    tell_(each);
  } else {
    each.next.set(next_step, [this, &each] { step(each); });
  }
  then_(each);
}

void task_life::containers_end(ecs_task& each) {
  if (!each.started || each.containers_ended) return;
  each.containers_ended = clock_.now();
  for (auto& one : each.containers)
    if (!one.exit_code) one.exit_code = one.ends_with.value_or(each.kill_code);
}

void task_life::deprovision(ecs_task& each, duration takes) {
  containers_end(each);
  detach(each);
  become(each, "DEPROVISIONING", takes);
}

void task_life::finish(ecs_task& each) {
  containers_end(each);
  detach(each);
  if (!each.final_code.empty()) each.stop_code = each.final_code;
  each.next.unset();
  each.protection.unset();
  each.stalled = false;
  change_task(each, [&] { each.last_status = each.desired_status = "STOPPED"; });
  each.stopped = clock_.now();
  each.cluster.stopped.emplace_back(clock_.now(), each.order);
  if (each.is_daemon()) each.service->daemons.erase(each.instance);
  tell_(each);
  then_(each);
}

void task_life::tell_to_stop(ecs_task& each, std::string code, std::string reason) {
  change_task(each, [&] { each.desired_status = "STOPPED"; });
  each.stop_code = std::move(code);
  each.stopped_reason = std::move(reason);
  each.stopping = clock_.now();
  tell_(each);
}

void task_life::stop(ecs_task& each, std::string code, std::string reason) {
  if (!each.wanted()) return;
  tell_to_stop(each, std::move(code), std::move(reason));
  step(each);
}

void task_life::interrupt(ecs_task& each, duration window, const std::map<std::string, int>& exit_codes) {
  if (!each.wanted()) return;
  for (auto& one : each.containers)
    if (const auto code = exit_codes.find(one.name); code != exit_codes.end()) one.ends_with = code->second;
  each.final_code = "SpotInterruption";
  each.kill_code = killed;
  tell_to_stop(each, "TerminationNotice", "Your Spot Task was interrupted.");
  if (!each.started) return finish(each);
  const auto last = std::min(deprovision_time, window / 2);
  each.next.set(window - last, [this, &each, last] { deprovision(each, last); });
  then_(each);
}

void task_life::exit(ecs_task& each, const std::map<std::string, int>& codes) {
  if (!each.started || each.containers_ended) return;
  bool over = false;
  for (auto& one : each.containers) {
    const auto code = codes.find(one.name);
    if (code == codes.end() || one.exit_code) continue;
    one.exit_code = code->second;
    over = over || one.essential;
  }
  change_task(each, [] {});
  if (!over) return;
  if (each.wanted()) tell_to_stop(each, "EssentialContainerExited", "Essential container in task exited");
  if (each.on_fargate()) return deprovision(each, deprovision_time);
  become(each, "STOPPING", {});
}

void task_life::end(ecs_task& each, std::string code, std::string reason, bool lost) {
  if (!each.alive()) return;
  each.lost = lost;
  if (lost) each.kill_code = killed;
  each.stop_code = std::move(code);
  each.stopped_reason = std::move(reason);
  finish(each);
}

void task_life::protect(ecs_task& each, bool on, std::optional<duration> span) {
  each.protection.unset();
  change_task(each, [&] { each.is_protected = on; });
  each.protected_until.reset();
  if (on && span) {
    each.protected_until = clock_.now() + *span;
    each.protection.set(*span, [this, &each] { protect(each, false, {}); });
  }
  then_(each);
}

task_record to_record(const ecs_task& each) {
  task_record record;
  record.arn = each.arn;
  record.cluster = each.cluster.name;
  record.service = each.service ? each.service->with.name : "";
  record.instance = each.instance ? each.instance->ec2_id : "";
  record.definition = each.definition.arn;
  record.capacity_provider = each.capacity_provider;
  record.started_by = each.started_by;
  record.stop_code = each.stop_code;
  record.stopped_reason = each.stopped_reason;
  record.interface = each.interface ? each.interface->id : "";
  record.last_status = each.last_status;
  record.desired_status = each.desired_status;
  record.lost = each.lost;
  record.started = each.started.value_or(time_point{});
  record.stopped = each.stopped.value_or(time_point{});
  return record;
}

void task_life::forget_old(ecs_cluster& in) {
  while (!in.stopped.empty() && in.stopped.front().first + visible_when_stopped <= clock_.now()) {
    const auto old = in.tasks.find(in.stopped.front().second);
    in.past.push_back(to_record(*old->second));
    if (old->second->instance) old->second->instance->tasks.erase(old->first);
    in.tasks_by_id.erase(old->second->id);
    in.tasks.erase(old);
    in.stopped.pop_front();
  }
}

void task_life::attach(ecs_task& each, const task_network& network) {
  task_interface made;
  made.attachment = make_uuid(random_);
  made.subnet = network.subnets.at(started_ % network.subnets.size());
  made.address = fmt::format("10.0.{}.{}", started_ / 250 % 250, started_ % 250 + 4);
  made.mac = fmt::format("0a:58:0a:00:{:02x}:{:02x}", started_ / 250 % 250, started_ % 250 + 4);
  made.id = interfaces_.create_interface(made.subnet, network.security_groups, made.address, network.is_public);
  each.interface = std::move(made);
}

void task_life::detach(ecs_task& each) {
  if (!each.interface || std::exchange(each.interface->is_deleted, true)) return;
  interfaces_.delete_interface(each.interface->id);
}

}  // namespace lifehook::simulator
