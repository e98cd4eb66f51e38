#include "simulator/ec2_maintenance.h"

#include "simulator/identity.h"

namespace lifehook::simulator {
namespace {

constexpr duration window = std::chrono::hours(2);  // in which a reboot begins
constexpr duration visible_ended = std::chrono::days(7);

}  // namespace

const std::list<maintenance_event>& ec2_maintenance::of(std::string_view instance) const {
  static const std::list<maintenance_event> none;
  const auto found = events_.find(instance);
  return found == events_.end() ? none : found->second;
}

std::string ec2_maintenance::schedule_reboot(const std::string& instance, time_point start, duration takes) {
  auto& each = events_[instance].emplace_back(clock_);
  each.id = "instance-event-0" + make_hex(random_, 16);
  each.code = "instance-reboot";
  each.description = "The instance is scheduled for a reboot";
  each.not_before = start;
  each.not_after = start + window;
  each.next.set(start, [this, instance, &each, takes] { begin(instance, each, takes); });
  instances_.announce_reboot(instance, each.not_before, each.not_after);
  return each.id;
}

void ec2_maintenance::begin(const std::string& instance, maintenance_event& each, duration takes) {
  const auto* on = instances_.find(instance);
  if (!on || on->state != "running") return end(instance, each, "[Canceled] ");
  instances_.reboot(instance, takes);
  each.next.set(takes, [this, instance, &each] { end(instance, each, "[Completed] "); });
}

void ec2_maintenance::end(const std::string& instance, maintenance_event& each, std::string_view how) {
  each.description.insert(0, how);
  each.next.set(visible_ended, [this, instance, &each] {
    events_[instance].remove_if([&each](const auto& other) { return &other == &each; });
  });
}

}  // namespace lifehook::simulator
