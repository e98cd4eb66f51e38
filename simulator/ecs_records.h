#pragma once

#include "simulator/ecs.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace lifehook::simulator {

struct ecs_cluster;
struct ecs_service;

struct ecs_instance;

// Where a service's task stands towards its desired count: good ones count, moving ones are to leave a DRAINING
// instance, held ones would be but are protected or out of reach of a dead agent.
enum class standing { good, moving, held, stopping, over };
inline constexpr std::size_t standing_count = 5;

struct container_definition {
  std::string name, image;
  bool essential = true;
  std::optional<std::chrono::seconds> stop_timeout;
};

struct task_definition {
  std::string arn, family;
  std::vector<container_definition> containers;
  boost::json::object told;  // as DescribeTaskDefinition shows it
};

struct ecs_container {
  std::string name, image, id, runtime;
  bool essential = true;
  std::optional<int> exit_code;
  std::optional<int> ends_with;  // its exit code when it is ended
};

// What a task in awsvpc mode asks for, and the elastic network interface it gets.
struct task_network {
  std::vector<std::string> subnets, security_groups;
  bool is_public = false;
};
struct task_interface {
  std::string attachment, id, subnet, mac, address;
  bool is_deleted = false;
};

struct ecs_task {
  ecs_task(clock& time, ecs_cluster& in, ecs_instance* on, const task_definition& runs)
      : definition(runs), cluster(in), instance(on), next(time), protection(time) {}

  std::string id, arn, group, started_by;
  const task_definition& definition;
  std::uint64_t order = 0;  // by start: the lowest is the oldest
  ecs_cluster& cluster;
  ecs_instance* instance;          // none: on Fargate
  ecs_service* service = nullptr;  // none: standalone
  std::string capacity_provider, platform_version;
  std::vector<ecs_container> containers;
  std::optional<task_interface> interface;
  std::string last_status = "PROVISIONING";
  std::string desired_status = "RUNNING";
  std::string stop_code, stopped_reason;
  std::string final_code;  // the stop code once it has STOPPED; empty: as before
  int kill_code = 143;     // exit code of containers that are ended, by SIGTERM unless told otherwise
  std::uint64_t version = 1;
  bool lost = false;
  bool stalled = false;  // its next step waits for the agent
  bool is_protected = false;
  std::optional<time_point> protected_until;
  time_point created, updated;
  std::optional<time_point> pulled, started, stopping, containers_ended, stopped;
  duration start_time, stop_time;
  boost::json::object asked;  // overrides, tags, enableExecuteCommand: shown again by DescribeTasks
  alarm next;
  alarm protection;

  bool alive() const { return last_status != "STOPPED"; }
  bool wanted() const { return desired_status == "RUNNING"; }
  bool running() const { return wanted() && last_status == "RUNNING"; }
  bool pending() const { return wanted() && (last_status == "PROVISIONING" || last_status == "PENDING"); }
  bool on_fargate() const { return !instance; }
  bool reachable() const;  // by its agent
  bool is_daemon() const;
  bool is_replica() const { return service && !is_daemon(); }
  standing stands() const;
};

using tasks_in_order = std::map<std::uint64_t, ecs_task*>;

struct ecs_instance {
  explicit ecs_instance(ecs_cluster& in) : cluster(in) {}

  std::string id, arn, ec2_id;
  std::uint64_t order = 0;
  ecs_cluster& cluster;
  std::string status = "ACTIVE";
  bool connected = true;
  int slots = 0;
  int taken = 0;  // slots, by all tasks but daemons
  int running = 0, pending = 0, replicas = 0;
  std::uint64_t version = 1;
  time_point registered;
  std::optional<time_point> left;  // when it became INACTIVE
  tasks_in_order tasks;            // stopped ones too, while they are visible

  bool placeable() const { return status == "ACTIVE" && connected && taken < slots; }
};

struct service_event {
  std::string id, message;
  time_point at;
};

struct ecs_service {
  ecs_service(clock& time, ecs_cluster& in) : cluster(in), pass(time), again(time) {}

  ecs_cluster& cluster;
  service_settings with;
  const task_definition* runs = nullptr;
  std::string arn, deployment;
  std::string status = "ACTIVE";
  time_point created;
  std::array<tasks_in_order, standing_count> by_standing;
  std::map<const ecs_instance*, ecs_task*> daemons;  // alive ones
  int healthy = 0, pending = 0, alive = 0;
  bool unsettled = true;             // a steady state has yet to be told of
  std::deque<service_event> events;  // newest first, bounded
  alarm pass, again;

  tasks_in_order& of(standing where) { return by_standing[static_cast<std::size_t>(where)]; }
  int count(standing where) const { return static_cast<int>(by_standing[static_cast<std::size_t>(where)].size()); }
};

struct ecs_cluster {
  std::string name, arn;
  std::string status = "ACTIVE";
  std::vector<std::string> capacity_providers;
  boost::json::array default_strategy;                                          // of capacity providers
  std::map<std::string, std::unique_ptr<ecs_instance>, std::less<>> instances;  // by id; INACTIVE ones too
  std::map<std::string, ecs_instance*, std::less<>> registered;                 // by id; no INACTIVE ones
  std::map<std::string, std::unique_ptr<ecs_service>, std::less<>> services;
  std::map<std::uint64_t, std::unique_ptr<ecs_task>> tasks;
  std::unordered_map<std::string, ecs_task*> tasks_by_id;
  int fargate_running = 0, fargate_pending = 0;
  std::map<std::pair<int, std::uint64_t>, ecs_instance*> placeable;  // the one with most free slots first
  std::map<std::string, ecs_service*> hungry;                        // found no room for all their tasks
  std::map<std::string, ecs_service*> daemon_services;
  std::deque<std::pair<time_point, std::uint64_t>> stopped;  // tasks by when they stopped
  std::vector<task_record> past;                             // of tasks no longer visible
};

inline bool ecs_task::reachable() const { return !instance || instance->connected; }

inline bool ecs_task::is_daemon() const { return service && service->with.daemon; }

inline standing ecs_task::stands() const {
  if (!alive()) return standing::over;
  if (!wanted()) return standing::stopping;
  if (on_fargate() || instance->status == "ACTIVE") return standing::good;
  return is_protected || !instance->connected ? standing::held : standing::moving;
}

}  // namespace lifehook::simulator
