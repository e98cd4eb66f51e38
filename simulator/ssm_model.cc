#include "simulator/ssm_model.h"

#include "simulator/identity.h"

#include <algorithm>

namespace lifehook::simulator {
namespace {

constexpr duration visible_after = std::chrono::seconds(1);
constexpr duration delivery_time = std::chrono::seconds(2);
constexpr duration cancel_time = std::chrono::seconds(1);
constexpr duration remembered = std::chrono::days(30);

}  // namespace

void ssm_model::manage(const std::string& instance) {
  nodes_.insert_or_assign(instance, managed_node{instance, true, false, now(), now()});
}

void ssm_model::end(const std::string& instance) {
  const auto found = nodes_.find(instance);
  if (found == nodes_.end()) return;
  set_online(found->second, false);
  found->second.ended = true;
}

void ssm_model::set_online(managed_node& each, bool online) {
  each.online = online;
  each.last_ping = now();
  if (!online) return;
  for (const auto& [order, command] : commands_)
    for (const auto& one : command->invocations) {
      if (&one->node != &each) continue;
      if (one->status == "Delayed") deliver(*one);
      if (one->due && *one->due <= now()) report(*one);
    }
}

managed_node* ssm_model::node(std::string_view instance) {
  const auto found = nodes_.find(instance);
  return found == nodes_.end() || found->second.ended ? nullptr : &found->second;
}

bool ssm_model::knows_document(std::string_view name) const {
  return std::ranges::find(documents_, name) != documents_.end();
}

ssm_command& ssm_model::send(command_order what) {
  auto fresh = std::make_unique<ssm_command>();
  auto& made = *fresh;
  made.id = make_uuid(random_);
  made.order = ++sent_;
  made.asked = std::move(what);
  made.sent = now();
  for (const auto& instance : made.asked.instances) {
    auto& each =
        *made.invocations.emplace_back(std::make_unique<ssm_invocation>(clock_, made, nodes_.find(instance)->second));
    each.next.set(delivery_time, [this, &each] { deliver(each); });
    each.expiry.set(made.asked.delivery_timeout, [this, &each] { finish(each, "TimedOut", "DeliveryTimedOut"); });
  }
  by_id_.emplace(made.id, &made);
  commands_.emplace(made.order, std::move(fresh));
  return made;
}

void ssm_model::deliver(ssm_invocation& each) {
  if (each.over()) return;
  each.status = each.details = each.node.online ? "InProgress" : "Delayed";
  if (!each.node.online) return;
  each.started = now();
  run(each);
  each.expiry.set(each.command.expires(), [this, &each] { finish(each, "TimedOut", "DeliveryTimedOut"); });
}

void ssm_model::run(ssm_invocation& each) {
  const auto end = *each.started + std::min<duration>(run_time_, each.command.asked.execution_timeout);
  each.due = std::max(end, now());
  each.next.set(*each.due, [this, &each] { report(each); });
}

void ssm_model::set_run_time(duration of_a_script) {
  run_time_ = of_a_script;
  for (const auto& [order, command] : commands_)
    for (const auto& each : command->invocations)
      if (each->status == "InProgress" && *each->due > now()) run(*each);
}

// The agent tells how the script ended: not while it cannot be heard.
void ssm_model::report(ssm_invocation& each) {
  if (each.over() || !each.node.online) return;
  if (each.status == "Cancelling") return finish(each, "Cancelled", "Cancelled");
  if (*each.due - *each.started >= each.command.asked.execution_timeout)
    return finish(each, "TimedOut", "ExecutionTimedOut");
  const auto outcome = exit_code_ == 0 ? "Success" : "Failed";
  finish(each, outcome, outcome, exit_code_);
}

void ssm_model::cancel(ssm_invocation& each) {
  if (each.over()) return;
  if (!each.started) return finish(each, "Cancelled", "Cancelled");
  each.status = each.details = "Cancelling";
  each.due = now() + cancel_time;
  each.next.set(cancel_time, [this, &each] { report(each); });
}

void ssm_model::finish(ssm_invocation& each, std::string status, std::string details, int exit_code) {
  each.next.unset();
  each.expiry.unset();
  each.status = std::move(status);
  each.details = std::move(details);
  each.exit_code = exit_code;
  each.ended = now();
}

ssm_command* ssm_model::command(const std::string& id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() || !is_kept(*found->second) ? nullptr : found->second;
}

bool ssm_model::is_visible(const ssm_invocation& each) const { return each.command.sent + visible_after <= now(); }

bool ssm_model::is_kept(const ssm_command& each) const { return each.sent + remembered > now(); }

}  // namespace lifehook::simulator
