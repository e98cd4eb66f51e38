#pragma once

#include "simulator/ecs_definitions.h"
#include "simulator/ecs_scheduler.h"
#include "simulator/sqs.h"

#include <span>

namespace lifehook::simulator {

// What a caller wants run, by RunTask or StartTask or from C++.
struct run_request {
  const task_definition* definition = nullptr;
  std::string group{}, started_by{};
  boost::json::object asked{};
  std::string capacity_provider{}, platform_version{};
  std::optional<task_network> network{};
  std::optional<duration> start_time{}, stop_time{};
};

// A RunTask that took effect under a client token.
struct token_use {
  boost::json::object asked;
  std::vector<std::string> tasks;  // ids
  time_point when;
};

// The behaviour of ECS behind its wire: clusters and what is in them, by name, by id, by EC2 instance.
class ecs_model {
 public:
  ecs_model(clock& time, account owner, sqs& queues, network_interfaces& interfaces, std::uint64_t seed);

  ecs_cluster& create_cluster(std::string name);
  // By name or arn; empty: "default". ClusterNotFoundException for an unknown one, and to change things in one that is
  // INACTIVE.
  or_fault<ecs_cluster*> cluster(std::string_view reference);
  or_fault<ecs_cluster*> active_cluster(std::string_view reference);
  std::map<std::string, ecs_cluster, std::less<>>& clusters() { return clusters_; }
  const std::map<std::string, ecs_cluster, std::less<>>& clusters() const { return clusters_; }

  ecs_instance& register_instance(ecs_cluster& in, std::string ec2_id, int slots);
  void set_status(ecs_instance& each, std::string status);
  void set_connected(ecs_instance& each, bool connected);
  or_fault<> deregister(ecs_instance& each, bool force);
  void instance_ended(std::string_view ec2_id);
  void instance_rebooted(ecs_instance& each);  // its containers died; it stays registered
  ecs_instance* instance_of(std::string_view ec2_id);
  const ecs_instance* instance_of(std::string_view ec2_id) const;
  ecs_instance* instance(ecs_cluster& in, std::string_view reference);  // by id or arn; null: MISSING

  ecs_service& create_service(ecs_cluster& in, service_settings with, const task_definition& runs);
  void update_service(ecs_service& each, service_settings with);
  or_fault<> delete_service(ecs_service& each, bool force);
  ecs_service* service(ecs_cluster& in, std::string_view reference);

  task_definitions& definitions() { return definitions_; }
  or_fault<const task_definition*> definition(std::string_view reference) const;  // family, family:revision or arn

  ecs_task& run_on(ecs_instance& on, const run_request& wanted);
  ecs_task& run_on_fargate(ecs_cluster& in, const run_request& wanted);
  void interrupt(ecs_task& each, const std::map<std::string, int>& exit_codes);
  ecs_task* task_by(ecs_cluster& in, std::string_view reference);
  ecs_task* task_by_arn(std::string_view arn);
  task_life& life() { return life_; }
  fargate_capacity& fargate() { return fargate_; }
  void bridge_tasks(std::string queue_arn) { bridges_.push_back(std::move(queue_arn)); }
  const account& owner() const { return owner_; }
  time_point now() const { return clock_.now(); }

  // By cluster and token; null when it is not in use any more: ECS knows a token for a day.
  token_use* token_in_use(const std::string& token);
  void use_token(const std::string& token, token_use by) { client_tokens_.insert_or_assign(token, std::move(by)); }

 private:
  task_order order_of(const run_request& wanted, ecs_cluster& in, ecs_instance* on);
  void announce(const ecs_task& each);
  void leave(ecs_instance& each);

  clock& clock_;
  account owner_;
  sqs& queues_;
  random_source random_;
  fargate_capacity fargate_;
  task_definitions definitions_;
  task_life life_;
  service_scheduler scheduler_;
  std::map<std::string, ecs_cluster, std::less<>> clusters_;
  std::unordered_map<std::string, ecs_instance*> by_ec2_id_;
  std::map<std::string, token_use> client_tokens_;
  std::vector<std::string> bridges_;
  std::uint64_t registered_ = 0;
};

fault invalid_parameter(std::string message);
std::string_view last_segment(std::string_view arn);  // "arn:...:task/prod/0a1b" -> "0a1b"

}  // namespace lifehook::simulator
