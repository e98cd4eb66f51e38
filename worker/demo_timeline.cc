#include "worker/demo_timeline.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::worker {

namespace {

constexpr std::string_view plain = "0";
constexpr std::string_view yellow = "33";
constexpr std::string_view blue = "34";
constexpr std::string_view green = "32";
constexpr std::string_view magenta = "35";
constexpr std::string_view red = "1;31";
constexpr std::string_view grey = "90";

std::string minutes(duration span) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(span).count();
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

}  // namespace

demo_timeline::demo_timeline(simulator::world& of, std::string cluster, time_point began, bool colours,
                             std::function<void(std::string)> print)
    : world_(of), cluster_(std::move(cluster)), began_(began), colours_(colours), print_(std::move(print)) {}

std::string demo_timeline::short_name(const std::string& id) { return id.size() <= 4 ? id : id.substr(id.size() - 4); }

void demo_timeline::say(time_point now, std::string_view colour, std::string_view mark, const std::string& text) {
  const auto line = fmt::format("{:>5}  {} {}", minutes(now - began_), mark, text);
  print_(colours_ ? fmt::format("\x1b[{}m{}\x1b[0m", colour, line) : line);
}

void demo_timeline::look(time_point now) {
  look_at_actions(now);
  look_at_tasks(now);
  first_ = false;
}

std::size_t demo_timeline::tasks_left(const std::string& instance) const {
  const auto tasks = world_.ecs().tasks(cluster_);
  return static_cast<std::size_t>(std::count_if(tasks.begin(), tasks.end(), [&instance](const auto& each) {
    return each.instance == instance && each.last_status != "STOPPED";
  }));
}

void demo_timeline::look_at_actions(time_point now) {
  for (const auto& action : world_.autoscaling().actions_seen()) {
    const auto name = short_name(action.instance);
    const auto [known, is_new] = actions_.try_emplace(action.token);
    if (is_new) {
      leaving_.insert(action.instance);
      say(now, yellow, "hook ",
          fmt::format("{}  {} is held open, {} tasks on the instance", name, action.hook, tasks_left(action.instance)));
    }
    if (!draining_.contains(action.instance) && world_.ecs().instance_status(action.instance) == "DRAINING") {
      draining_.insert(action.instance);
      say(now, plain, "drain",
          fmt::format("{}  set DRAINING: no new tasks here, services start theirs elsewhere", name));
    }
    for (; known->second.heartbeats < action.heartbeats.size(); ++known->second.heartbeats)
      say(now, magenta, "beat ",
          fmt::format("{}  heartbeat {}: the hook stays open", name, known->second.heartbeats + 1));
    if (action.ended && !known->second.ended) {
      known->second.ended = true;
      const auto took = minutes(*action.ended - action.began);
      if (action.timed_out)
        say(now, red, "LATE ", fmt::format("{}  hook timed out after {}: AWS decided {}", name, took, action.result));
      else
        say(now, green, "done ", fmt::format("{}  empty, hook completed with {} after {}", name, action.result, took));
    }
  }
}

void demo_timeline::look_at_tasks(time_point now) {
  for (const auto& task : world_.ecs().tasks(cluster_)) {
    const auto status = task.lost ? std::string("LOST") : task.last_status;
    auto& before = task_status_[task.arn];
    if (before == status) continue;
    const bool appeared = before.empty();
    before = status;
    if (first_) continue;
    const auto name = fmt::format("{}/{}", task.service.empty() ? "standalone" : task.service, short_name(task.arn));
    const auto on = short_name(task.instance);
    if (status == "LOST")
      say(now, red, "LOST ", fmt::format("{}  {} died with its instance", on, name));
    else if (status == "RUNNING")
      say(now, blue, "start", fmt::format("{}  {} runs here now", on, name));
    else if (status == "STOPPED" && is_leaving(task.instance))
      say(now, grey, "stop ", fmt::format("{}  {} has stopped, {} left", on, name, tasks_left(task.instance)));
    else if (appeared)
      say(now, grey, "place", fmt::format("{}  {} is being started here", on, name));
  }
}

}  // namespace lifehook::worker
