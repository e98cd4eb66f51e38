#include "simulator/ec2_instances.h"

#include "base/time_text.h"
#include "simulator/ec2_events.h"
#include "simulator/identity.h"

#include <fmt/format.h>

#include <utility>

namespace lifehook::simulator {
namespace {

using namespace std::chrono_literals;

constexpr duration boot_time = 5s;      // of those launched here; Auto Scaling says when its own run
constexpr duration stop_time = 5s;      // in stopping, and in shutting-down
constexpr duration visible_ended = 1h;  // as terminated
constexpr duration spot_notice = 2min;  // from the warning to the end
constexpr auto group_tag = "aws:autoscaling:groupName";

bool has_ended(const ec2_instance& each) { return each.state == "shutting-down" || each.state == "terminated"; }

// "User initiated (2026-03-02 10:15:30 GMT)".
std::string dated(std::string_view why, time_point when) {
  const auto text = to_rfc3339(when);
  return fmt::format("{} ({} {} GMT)", why, text.substr(0, 10), text.substr(11, 8));
}

}  // namespace

ec2_instances::ec2_instances(clock& time, account owner, sqs& queues, fleet& instances, random_source& random)
    : clock_(time), owner_(std::move(owner)), queues_(queues), fleet_(instances), random_(random) {
  instances.listen(*this);
}

std::string ec2_instances::make_id() { return "i-0" + make_hex(random_, 16); }

const ec2_instance* ec2_instances::find(std::string_view id) const {
  const auto found = instances_.find(id);
  return found == instances_.end() ? nullptr : found->second.get();
}

ec2_instance* ec2_instances::find(std::string_view id) {
  return const_cast<ec2_instance*>(std::as_const(*this).find(id));
}

ec2_instance& ec2_instances::add(std::string id) {
  auto& place = instances_[id];
  place = std::make_unique<ec2_instance>(clock_, std::move(id));
  ++addresses_;
  place->private_ip = fmt::format("10.{}.{}.{}", addresses_ >> 16 & 255, addresses_ >> 8 & 255, addresses_ & 255);
  place->reservation = "r-0" + make_hex(random_, 16);
  place->launched = clock_.now();
  return *place;
}

void ec2_instances::described(const std::string& instance, const launch_details& with) {
  auto& each = add(instance);
  each.tags = with.tags;
  each.spot = with.spot;
}

void ec2_instances::launched(const std::string& instance, const std::string& group) {
  auto& each = *find(instance);
  each.group = group;
  if (!group.empty()) each.tags.insert_or_assign(group_tag, group);
  enter(each, "pending");
}

void ec2_instances::started(const std::string& instance) {
  auto* each = find(instance);
  if (!each || has_ended(*each) || each->state == "running") return;
  each->next.unset();
  if (each->state != "pending") enter(*each, "pending");
  enter(*each, "running");
}

void ec2_instances::stopped(const std::string& instance) {
  auto* each = find(instance);
  if (!each || has_ended(*each)) return;
  enter(*each, "stopping");
  each->next.set(stop_time, [this, each] { enter(*each, "stopped"); });
}

void ec2_instances::detached(const std::string& instance) {
  if (auto* each = find(instance)) {
    each->group.clear();
    each->tags.erase(group_tag);
  }
}

void ec2_instances::ended(const std::string& instance, const std::string&) {
  auto* each = find(instance);
  if (!each || has_ended(*each)) return;
  if (each->reason_code.empty()) {
    each->reason_code = "Client.UserInitiatedShutdown: User initiated shutdown";
    each->reason = dated("User initiated", clock_.now());
  }
  each->reclaim.unset();
  enter(*each, "shutting-down");
  each->next.set(stop_time, [this, each] {
    enter(*each, "terminated");
    each->next.set(visible_ended, [this, id = each->id] { instances_.erase(instances_.find(id)); });
  });
}

void ec2_instances::enter(ec2_instance& each, std::string state) {
  each.state = std::move(state);
  if (told_of_states_.empty()) return;
  const auto event = state_change_event(owner_, each.id, each.state, clock_.now(), make_uuid(random_));
  for (const auto& queue : told_of_states_) queues_.send(queue, event);
}

std::vector<const ec2_instance*> ec2_instances::run(const run_order& order) {
  std::vector<const ec2_instance*> begun;
  const auto reservation = "r-0" + make_hex(random_, 16);
  for (int i = 0; i < order.count; ++i) {
    const auto id = make_id();
    fleet_.launch(id, "", {order.tags, false});
    auto& each = *find(id);
    each.image = order.image;
    each.reservation = reservation;
    if (!order.type.empty()) each.type = order.type;
    each.next.set(boot_time, [this, id] { fleet_.start(id); });
    begun.push_back(&each);
  }
  return begun;
}

void ec2_instances::launch(std::string id, tag_map tags) {
  fleet_.launch(id, "", {std::move(tags), false});
  fleet_.start(id);
}

void ec2_instances::terminate(const std::string& id) {
  const auto group = find(id)->group;
  fleet_.end(id, group);
}

void ec2_instances::warn_spot(const std::string& id) {
  auto& each = *find(id);
  each.spot = true;
  announce(spot_warning_event(owner_, id, clock_.now(), make_uuid(random_)));
  each.reclaim.set(spot_notice, [this, id] { reclaim(id); });
}

void ec2_instances::reclaim(const std::string& id) {
  auto& each = *find(id);
  each.reason_code = "Server.SpotInstanceTermination: Spot instance termination";
  each.reason = dated("Server.SpotInstanceTermination", clock_.now());
  terminate(id);
}

void ec2_instances::recommend_rebalance(const std::string& id) {
  find(id)->spot = true;
  announce(rebalance_event(owner_, id, clock_.now(), make_uuid(random_)));
}

void ec2_instances::announce_reboot(const std::string& id, time_point not_before, time_point not_after) {
  announce(reboot_scheduled_event(owner_, id, {not_before, not_after}, clock_.now(), make_uuid(random_)));
}

void ec2_instances::announce(const std::string& event) {
  for (const auto& queue : bridges_) queues_.send(queue, event);
}

}  // namespace lifehook::simulator
