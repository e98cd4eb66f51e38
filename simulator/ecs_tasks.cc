#include "simulator/ecs_tasks.h"

#include "simulator/identity.h"

namespace lifehook::simulator {
namespace {

constexpr duration visible_when_stopped = std::chrono::hours(1);

std::pair<int, std::uint64_t> room_of(const ecs_instance& each) { return {each.taken - each.slots, each.order}; }

void index_room(ecs_instance& each) {
  if (each.placeable()) each.cluster.placeable.emplace(room_of(each), &each);
}

void unindex_room(ecs_instance& each) { each.cluster.placeable.erase(room_of(each)); }

// Adds (1) or takes away (-1) all that a task counts for.
void tally(ecs_task& each, int sign) {
  auto& on = each.instance;
  on.running += each.running() ? sign : 0;
  on.pending += each.pending() ? sign : 0;
  if (each.alive() && !each.is_daemon()) on.taken += sign;
  if (!each.service) return;
  auto& service = *each.service;
  if (each.alive() && each.is_replica()) on.replicas += sign;
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
  auto& in = order.on.cluster;
  auto fresh = std::make_unique<ecs_task>(clock_, in, order.on);
  auto& each = *fresh;
  each.order = ++started_;
  each.id = make_hex(random_, 32);
  each.arn = owner_.arn("ecs", "task/" + in.name + "/" + each.id);
  each.definition = std::move(order.definition);
  each.family = std::move(order.family);
  each.group = std::move(order.group);
  each.started_by = std::move(order.started_by);
  each.service = order.service;
  each.created = clock_.now();
  each.start_time = order.start_time;
  each.stop_time = order.stop_time;
  each.asked = std::move(order.asked);

  in.tasks_by_id.emplace(each.id, &each);
  in.tasks.emplace(each.order, std::move(fresh));
  order.on.tasks.emplace(each.order, &each);
  if (each.is_daemon()) each.service->daemons[&each.instance] = &each;
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
  ++each.instance.version;
  tally(each, 1);
  index_room(each.instance);
}

void task_life::change_instance(ecs_instance& on, const std::function<void()>& how) {
  unindex_room(on);
  for (const auto& [order, each] : on.tasks) tally(*each, -1);
  how();
  ++on.version;
  for (const auto& [order, each] : on.tasks) tally(*each, 1);
  index_room(on);
  if (!on.connected) return;
  const auto waiting = on.tasks;
  for (const auto& [order, each] : waiting)
    if (std::exchange(each->stalled, false)) step(*each);
}

void task_life::step(ecs_task& each) {
  each.stalled = !each.instance.connected;
  if (each.stalled) return;
  if (!each.wanted() && !each.started) return finish(each);
  if (each.last_status == "PROVISIONING") return become(each, "PENDING", each.start_time - each.start_time / 3);
  if (each.last_status == "PENDING") return become(each, "RUNNING", {});
  if (each.last_status == "RUNNING" && !each.wanted()) return become(each, "DEACTIVATING", each.stop_time / 2);
  if (each.last_status == "DEACTIVATING") return become(each, "STOPPING", each.stop_time - each.stop_time / 2);
  if (each.last_status == "STOPPING") finish(each);
}

void task_life::become(ecs_task& each, std::string_view status, duration next_step) {
  change_task(each, [&] { each.last_status = status; });
  if (status == "RUNNING") {
    each.started = clock_.now();
  } else {
    each.next.set(next_step, [this, &each] { step(each); });
  }
  then_(each);
}

void task_life::finish(ecs_task& each) {
  each.next.unset();
  each.protection.unset();
  each.stalled = false;
  change_task(each, [&] { each.last_status = each.desired_status = "STOPPED"; });
  each.stopped = clock_.now();
  each.cluster.stopped.emplace_back(clock_.now(), each.order);
  if (each.is_daemon()) each.service->daemons.erase(&each.instance);
  then_(each);
}

void task_life::stop(ecs_task& each, std::string code, std::string reason) {
  if (!each.wanted()) return;
  change_task(each, [&] { each.desired_status = "STOPPED"; });
  each.stop_code = std::move(code);
  each.stopped_reason = std::move(reason);
  each.stopping = clock_.now();
  step(each);
}

void task_life::end(ecs_task& each, std::string code, std::string reason, bool lost) {
  if (!each.alive()) return;
  each.lost = lost;
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
  record.instance = each.instance.ec2_id;
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
    old->second->instance.tasks.erase(old->first);
    in.tasks_by_id.erase(old->second->id);
    in.tasks.erase(old);
    in.stopped.pop_front();
  }
}

}  // namespace lifehook::simulator
