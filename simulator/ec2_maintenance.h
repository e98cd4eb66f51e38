#pragma once

#include "simulator/ec2_instances.h"

#include <list>

namespace lifehook::simulator {

struct maintenance_event {
  explicit maintenance_event(clock& time) : next(time) {}

  std::string id, code, description;
  time_point not_before, not_after;
  alarm next;  // what becomes of it by itself
};

// Reboots that AWS schedules for instances: announced by AWS Health, listed from then on until a week after their end,
// "[Completed] " once the instance is up again. An instance that does not run at the time is left alone: "[Canceled] ".
class ec2_maintenance {
 public:
  ec2_maintenance(clock& time, ec2_instances& instances, random_source& random)
      : clock_(time), instances_(instances), random_(random) {}

  std::string schedule_reboot(const std::string& instance, time_point start, duration takes);  // the event's id
  const std::list<maintenance_event>& of(std::string_view instance) const;

 private:
  void begin(const std::string& instance, maintenance_event& each, duration takes);
  void end(const std::string& instance, maintenance_event& each, std::string_view how);

  clock& clock_;
  ec2_instances& instances_;
  random_source& random_;
  std::map<std::string, std::list<maintenance_event>, std::less<>> events_;  // by instance
};

}  // namespace lifehook::simulator
