#pragma once

#include "simulator/world.h"

#include <functional>
#include <map>
#include <set>
#include <string>

namespace lifehook::worker {

// Tells a simulated scale-in as it happens: looks at the world and prints what has changed since the last look, one
// line each.
class demo_timeline {
 public:
  demo_timeline(simulator::world& of, std::string cluster, time_point began, bool colours,
                std::function<void(std::string)> print);

  void look(time_point now);
  // Names are short: the last four characters say which instance or task.
  static std::string short_name(const std::string& id);

 private:
  void look_at_actions(time_point now);
  void look_at_tasks(time_point now);
  void say(time_point now, std::string_view colour, std::string_view mark, const std::string& text);
  std::size_t tasks_left(const std::string& instance) const;
  bool is_leaving(const std::string& instance) const { return leaving_.contains(instance); }

  struct seen_action {
    std::size_t heartbeats = 0;
    bool ended = false;
  };

  simulator::world& world_;
  std::string cluster_;
  time_point began_;
  bool colours_;
  std::function<void(std::string)> print_;
  std::map<std::string, seen_action> actions_;      // by token
  std::map<std::string, std::string> task_status_;  // by arn
  std::set<std::string> leaving_;
  std::set<std::string> draining_;
  bool first_ = true;
};

}  // namespace lifehook::worker
