#pragma once

#include "aws/credential_chain.h"
#include "base/metrics.h"
#include "simulator/world.h"
#include "tests/support/shifted_clock.h"
#include "tests/support/virtual_time.h"
#include "worker/config.h"
#include "worker/service.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lifehook::test {

inline aws::environment empty_environment() {
  return [](std::string_view) -> std::optional<std::string> { return std::nullopt; };
}

// One replica of the worker on virtual time, with its own chance and its own log.
struct replica {
  replica(virtual_time& on, aws::http_transport& wire, const std::string& config_text, std::uint64_t seed,
          bool dry_run = false, const aws::environment& env = empty_environment(), duration clock_off = {});

  // Logged lines of an event, as JSON.
  std::vector<boost::json::object> logged(std::string_view event) const;

  shifted_clock time;
  random_source random;
  metrics counts;
  std::unique_ptr<aws::credential_provider> keys;
  std::vector<std::string> lines;
  worker::config settings;
  std::unique_ptr<worker::service> service;
};

// A small fleet in a simulated AWS: queue with dead-letter queue, cluster "prod", group "web-fleet" with a terminating
// hook "drain", and workers that drain it. Everything can be changed before `start`.
class scenario {
 public:
  explicit scenario(std::uint64_t seed = 1, simulator::world_settings aws = {});
  ~scenario();

  virtual_time time;
  simulator::world world;

  std::chrono::seconds heartbeat_timeout{30};
  int instances = 4;
  std::string queue_settings;                    // further keys of the queue, as YAML flow: "hold: 0s, in_hand: 5"
  bool tells = true;                             // the hook notifies the queue
  std::string settings;                          // further top-level keys, as YAML lines
  std::string group_settings = "deadline: 40m";  // further keys of the group, as YAML flow
  std::string terminating = "[{drain_ecs: {cluster: prod}}]";
  unsigned max_receive_count = 20;

  void furnish();                          // queue, cluster, group, hook
  void deploy(int tasks_per_service = 4);  // services web and api
  replica& add_worker(bool dry_run = false);
  void start();  // furnish, deploy, one worker started
  void start(replica& worker);
  bool stop(replica& worker, duration limit = std::chrono::seconds(25));

  std::string queue_url() const { return "http://aws.invalid/111122223333/lifecycle"; }
  std::string dead_letters() const { return "http://aws.invalid/111122223333/lifecycle-dead-letters"; }
  void scale_in_to(int desired) { world.autoscaling().set_desired("web-fleet", desired); }
  // A terminating hook whose default is CONTINUE; put again, it replaces the one of that name. `told`: a queue's ARN.
  void put_hook(const std::string& name, std::chrono::seconds timeout, const std::string& told = {},
                const std::string& group = "web-fleet");
  std::uint64_t calls(const std::string& operation);  // "sqs.SendMessage": how many AWS has answered
  // The body of a terminate message, as Auto Scaling sends it, for an action that exists nowhere.
  std::string terminate_body(const std::string& instance, const std::string& group = "web-fleet",
                             const std::string& hook = "drain") const;
  void add_fault(simulator::fault_kind kind, std::string service, std::string action, duration lasting,
                 double share = 1.0);

  const std::vector<simulator::lifecycle_record>& actions() { return world.autoscaling().actions_seen(); }
  std::size_t ended_actions();
  std::size_t lost_tasks();
  bool queue_is_empty();  // nothing visible, in flight or delayed
  // All that was begun has ended, and every message is gone.
  bool settled(std::size_t expected) { return ended_actions() == expected && queue_is_empty(); }
  std::string config_text() const;

 private:
  std::vector<std::unique_ptr<replica>> workers_;
  std::uint64_t seed_;
};

}  // namespace lifehook::test
