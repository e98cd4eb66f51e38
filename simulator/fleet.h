#pragma once

#include "base/clock.h"

#include <functional>
#include <string>
#include <vector>

namespace lifehook::simulator {

// How the services of one world hear of instances: Auto Scaling launches and ends them, ECS loses their tasks. The
// world owns it; listeners outlive it.
class fleet {
 public:
  struct listener {
    virtual ~listener() = default;
    virtual void launched(const std::string& instance, const std::string& group) = 0;
    virtual void ended(const std::string& instance, const std::string& group) = 0;  // its containers die now
  };
  void listen(listener& to) { listeners_.push_back(&to); }
  void launch(const std::string& instance, const std::string& group) {
    for (auto* each : listeners_) each->launched(instance, group);
  }
  void end(const std::string& instance, const std::string& group) {
    for (auto* each : listeners_) each->ended(instance, group);
  }

 private:
  std::vector<listener*> listeners_;
};

}  // namespace lifehook::simulator
