#pragma once

#include "base/clock.h"

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

namespace lifehook::simulator {

struct launch_details {
  std::map<std::string, std::string> tags;
  bool spot = false;
};

inline constexpr duration usual_reboot = std::chrono::seconds(20);  // until what starts by itself is up again

// How the services of one world hear of instances, whoever launches and ends them: Auto Scaling does, EC2 by itself or
// by hand; ECS loses their tasks. The world owns it; listeners outlive it. An instance ends once.
class fleet {
 public:
  struct listener {
    virtual ~listener() = default;
    virtual void launched(const std::string& instance, const std::string& group) = 0;
    virtual void ended(const std::string& instance, const std::string& group) = 0;  // its containers die now
    // Just before `launched`.
    virtual void described(const std::string& /*instance*/, const launch_details&) {}
    virtual void started(const std::string& /*instance*/) {}  // it runs: booted, or started again
    virtual void stopped(const std::string& /*instance*/) {}
    // Its containers die now; it goes on running, and what starts by itself is up after `takes`.
    virtual void rebooted(const std::string& /*instance*/, duration /*takes*/) {}
    virtual void detached(const std::string& /*instance*/) {}  // it leaves its group alive
    virtual void bridged(const std::string& /*queue*/) {}      // gets EventBridge's events from now on
  };
  void listen(listener& to) { listeners_.push_back(&to); }

  void launch(const std::string& instance, const std::string& group, const launch_details& with = {}) {
    tell([&](listener& each) { each.described(instance, with); });
    tell([&](listener& each) { each.launched(instance, group); });
  }
  void end(const std::string& instance, const std::string& group) {
    if (!ended_.insert(instance).second) return;
    tell([&](listener& each) { each.ended(instance, group); });
  }
  void start(const std::string& instance) {
    tell([&](listener& each) { each.started(instance); });
  }
  void stop(const std::string& instance) {
    tell([&](listener& each) { each.stopped(instance); });
  }
  void reboot(const std::string& instance, duration takes = usual_reboot) {
    tell([&](listener& each) { each.rebooted(instance, takes); });
  }
  void detach(const std::string& instance) {
    tell([&](listener& each) { each.detached(instance); });
  }
  void bridge(const std::string& queue) {
    tell([&](listener& each) { each.bridged(queue); });
  }

 private:
  template <class Call>
  void tell(Call call) {
    for (auto* each : listeners_) call(*each);
  }

  std::vector<listener*> listeners_;
  std::unordered_set<std::string> ended_;
};

}  // namespace lifehook::simulator
