#include "simulator/ecs_model.h"

#include "simulator/ecs_task_shape.h"
#include "simulator/identity.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::simulator {
namespace {

constexpr duration visible_when_inactive = std::chrono::hours(1);
constexpr duration token_remembered = std::chrono::hours(24);
constexpr std::chrono::seconds interruption_window{120};

}  // namespace

fault invalid_parameter(std::string message) { return {400, "InvalidParameterException", std::move(message)}; }

std::string_view last_segment(std::string_view arn) { return arn.substr(arn.rfind('/') + 1); }

ecs_model::ecs_model(clock& time, account owner, sqs& queues, network_interfaces& interfaces, std::uint64_t seed)
    : clock_(time),
      owner_(std::move(owner)),
      queues_(queues),
      random_(seed),
      definitions_(owner_),
      life_(
          time, owner_, random_, interfaces, [this](ecs_task& each) { scheduler_.task_changed(each); },
          [this](ecs_task& each) { announce(each); }),
      scheduler_(time, life_, fargate_, random_) {}

ecs_cluster& ecs_model::create_cluster(std::string name) {
  auto& each = clusters_[name];
  each.arn = owner_.arn("ecs", "cluster/" + name);
  each.name = std::move(name);
  each.status = "ACTIVE";
  return each;
}

or_fault<ecs_cluster*> ecs_model::cluster(std::string_view reference) {
  const auto found = clusters_.find(reference.empty() ? "default" : last_segment(reference));
  if (found == clusters_.end()) return fault{400, "ClusterNotFoundException", "Cluster not found."};
  life_.forget_old(found->second);
  return &found->second;
}

or_fault<ecs_cluster*> ecs_model::active_cluster(std::string_view reference) {
  auto found = cluster(reference);
  if (found && (*found)->status != "ACTIVE")
    return fault{400, "ClusterNotFoundException", "The referenced cluster was inactive."};
  return found;
}

ecs_instance& ecs_model::register_instance(ecs_cluster& in, std::string ec2_id, int slots) {
  auto fresh = std::make_unique<ecs_instance>(in);
  auto& each = *fresh;
  each.order = ++registered_;
  each.id = make_hex(random_, 32);
  each.arn = owner_.arn("ecs", "container-instance/" + in.name + "/" + each.id);
  each.registered = clock_.now();
  each.ec2_id = std::move(ec2_id);
  by_ec2_id_.insert_or_assign(each.ec2_id, &each);
  in.registered.emplace(each.id, &each);
  in.instances.emplace(each.id, std::move(fresh));
  life_.change_instance(each, [&each, slots] { each.slots = slots; });
  scheduler_.instance_changed(each);
  return each;
}

void ecs_model::set_status(ecs_instance& each, std::string status) {
  if (each.status == status) return;
  life_.change_instance(each, [&] { each.status = std::move(status); });
  scheduler_.instance_changed(each);
}

void ecs_model::set_connected(ecs_instance& each, bool connected) {
  life_.change_instance(each, [&] { each.connected = connected; });
  scheduler_.instance_changed(each);
}

void ecs_model::leave(ecs_instance& each) {
  life_.change_instance(each, [&each] { each.status = "INACTIVE"; });
  each.left = clock_.now();
  each.cluster.registered.erase(each.id);
}

or_fault<> ecs_model::deregister(ecs_instance& each, bool force) {
  const auto there = each.tasks;
  const bool busy = std::any_of(there.begin(), there.end(), [](const auto& task) { return task.second->alive(); });
  if (busy && !force) return invalid_parameter("Found running tasks on the instance.");
  leave(each);
  for (const auto& [order, task] : there)
    life_.end(*task, "", "Container instance was deregistered: the task is orphaned.", false);
  return {};
}

// The containers died with their host: what was running or still stopping has been lost.
void ecs_model::instance_ended(std::string_view ec2_id) {
  auto* each = instance_of(ec2_id);
  if (!each || each->status == "INACTIVE") return;
  leave(*each);
  const auto there = each->tasks;
  for (const auto& [order, task] : there)
    life_.end(*task, "TerminationNotice", fmt::format("Host EC2 (instance {}) terminated.", ec2_id),
              task->started.has_value());
}

void ecs_model::instance_rebooted(ecs_instance& each) {
  const auto there = each.tasks;
  for (const auto& [order, task] : there)
    life_.end(*task, "EssentialContainerExited", "Essential container in task exited", task->started.has_value());
}

ecs_instance* ecs_model::instance_of(std::string_view ec2_id) {
  const auto found = by_ec2_id_.find(std::string(ec2_id));
  return found == by_ec2_id_.end() ? nullptr : found->second;
}

const ecs_instance* ecs_model::instance_of(std::string_view ec2_id) const {
  const auto found = by_ec2_id_.find(std::string(ec2_id));
  return found == by_ec2_id_.end() ? nullptr : found->second;
}

ecs_instance* ecs_model::instance(ecs_cluster& in, std::string_view reference) {
  const auto found = in.instances.find(last_segment(reference));
  if (found == in.instances.end()) return nullptr;
  const auto left = found->second->left;
  return left && *left + visible_when_inactive <= clock_.now() ? nullptr : found->second.get();
}

ecs_service& ecs_model::create_service(ecs_cluster& in, service_settings with, const task_definition& runs) {
  auto fresh = std::make_unique<ecs_service>(clock_, in);
  auto& each = *fresh;
  each.arn = owner_.arn("ecs", "service/" + in.name + "/" + with.name);
  each.runs = &runs;
  each.deployment = make_hex(random_, 16);
  each.created = clock_.now();
  each.with = std::move(with);
  if (auto old = in.services.extract(each.with.name))
    in.services.emplace(fmt::format("{} (until {})", old.key(), each.deployment),
                        std::move(old.mapped()));  // its tasks name it
  in.services.emplace(each.with.name, std::move(fresh));
  if (each.with.daemon) {
    in.daemon_services.insert_or_assign(each.with.name, &each);
    for (const auto& [id, on] : in.registered) scheduler_.settle_daemons(*on);
  }
  scheduler_.wake(each);
  return each;
}

void ecs_model::update_service(ecs_service& each, service_settings with) {
  each.with = std::move(with);
  scheduler_.wake(each);
}

or_fault<> ecs_model::delete_service(ecs_service& each, bool force) {
  if (each.with.desired > 0 && !each.with.daemon && !force)
    return invalid_parameter("The service cannot be stopped while it is scaled above 0.");
  each.status = each.alive > 0 ? "DRAINING" : "INACTIVE";
  each.with.desired = 0;
  scheduler_.wake(each);
  if (!each.with.daemon) return {};
  const auto on = each.daemons;
  for (const auto& [where, task] : on) scheduler_.settle_daemons(*task->instance);
  return {};
}

ecs_service* ecs_model::service(ecs_cluster& in, std::string_view reference) {
  const auto found = in.services.find(last_segment(reference));
  return found == in.services.end() ? nullptr : found->second.get();
}

or_fault<const task_definition*> ecs_model::definition(std::string_view reference) const {
  const auto* found = definitions_.find(reference);
  if (!found) return fault{400, "ClientException", "TaskDefinition not found."};
  return found;
}

task_order ecs_model::order_of(const run_request& wanted, ecs_cluster& in, ecs_instance* on) {
  task_order order{in, on, *wanted.definition};
  order.group = wanted.group.empty() ? "family:" + wanted.definition->family : wanted.group;
  order.started_by = wanted.started_by;
  order.asked = wanted.asked;
  order.capacity_provider = wanted.capacity_provider;
  order.network = wanted.network;
  order.start_time = wanted.start_time.value_or(order.start_time);
  order.stop_time = wanted.stop_time.value_or(order.stop_time);
  return order;
}

ecs_task& ecs_model::run_on(ecs_instance& on, const run_request& wanted) {
  return life_.start(order_of(wanted, on.cluster, &on));
}

ecs_task& ecs_model::run_on_fargate(ecs_cluster& in, const run_request& wanted) {
  auto order = order_of(wanted, in, nullptr);
  order.platform_version = platform_of(wanted.platform_version);
  return life_.start(std::move(order));
}

void ecs_model::interrupt(ecs_task& each, const std::map<std::string, int>& exit_codes) {
  std::optional<std::chrono::seconds> longest;
  for (const auto& one : each.definition.containers)
    if (one.stop_timeout) longest = std::max(longest.value_or(*one.stop_timeout), *one.stop_timeout);
  life_.interrupt(each, longest.value_or(interruption_window), exit_codes);
}

void ecs_model::announce(const ecs_task& each) {
  for (const auto& queue : bridges_) queues_.send(queue, task_event(owner_, each, now(), make_uuid(random_)));
}

token_use* ecs_model::token_in_use(const std::string& token) {
  const auto found = client_tokens_.find(token);
  if (found == client_tokens_.end() || found->second.when + token_remembered <= now()) return nullptr;
  return &found->second;
}

ecs_task* ecs_model::task_by(ecs_cluster& in, std::string_view reference) {
  const auto found = in.tasks_by_id.find(std::string(last_segment(reference)));
  return found == in.tasks_by_id.end() ? nullptr : found->second;
}

ecs_task* ecs_model::task_by_arn(std::string_view arn) {
  for (auto& [name, in] : clusters_)
    if (auto* each = task_by(in, arn)) return each;
  return nullptr;
}

}  // namespace lifehook::simulator
