#pragma once

#include "base/backoff.h"
#include "simulator/ssm.h"

#include <unordered_map>

namespace lifehook::simulator {

// An instance as SSM knows it, from its agent's registration on.
struct managed_node {
  std::string instance;
  bool online = true;
  bool ended = false;
  time_point registered, last_ping;
};

struct ssm_command;

struct ssm_invocation {
  ssm_invocation(clock& time, ssm_command& of, managed_node& on) : command(of), node(on), next(time), expiry(time) {}

  ssm_command& command;
  managed_node& node;
  std::string status = "Pending", details = "Pending";
  int exit_code = -1;
  std::optional<time_point> started, ended;
  std::optional<time_point> due;  // when its script ends
  alarm next;                     // delivery, the script's end, the end of a cancellation
  alarm expiry;

  bool over() const { return ended.has_value(); }
};

// What SendCommand was asked.
struct command_order {
  std::string document, comment, output_bucket, output_prefix;
  boost::json::object parameters;
  std::vector<std::string> instances;
  std::chrono::seconds delivery_timeout{3600}, execution_timeout{3600};
};

struct ssm_command {
  std::string id;
  std::uint64_t order = 0;  // by sending: the lowest is the oldest
  command_order asked;
  time_point sent;
  std::vector<std::unique_ptr<ssm_invocation>> invocations;

  time_point expires() const { return sent + asked.delivery_timeout + asked.execution_timeout; }
};

// The behaviour of Run Command behind its wire.
class ssm_model {
 public:
  ssm_model(clock& time, account owner, std::uint64_t seed) : clock_(time), owner_(std::move(owner)), random_(seed) {}

  void manage(const std::string& instance);
  void end(const std::string& instance);
  void set_online(managed_node& each, bool online);
  managed_node* node(std::string_view instance);  // null: never registered, or ended
  const std::map<std::string, managed_node, std::less<>>& nodes() const { return nodes_; }

  void create_document(std::string name) { documents_.push_back(std::move(name)); }
  bool knows_document(std::string_view name) const;
  void set_run_time(duration of_a_script);
  void fail_with(int exit_code) { exit_code_ = exit_code; }

  // All of its instances must be managed.
  ssm_command& send(command_order what);
  void cancel(ssm_invocation& each);
  ssm_command* command(const std::string& id);
  const std::map<std::uint64_t, std::unique_ptr<ssm_command>>& commands() const { return commands_; }
  // Whether callers see it: SSM takes a moment to know a new invocation, and forgets commands after 30 days.
  bool is_visible(const ssm_invocation& each) const;
  bool is_kept(const ssm_command& each) const;
  const account& owner() const { return owner_; }
  time_point now() const { return clock_.now(); }

 private:
  void deliver(ssm_invocation& each);
  void run(ssm_invocation& each);
  void report(ssm_invocation& each);
  void finish(ssm_invocation& each, std::string status, std::string details, int exit_code = -1);

  clock& clock_;
  account owner_;
  random_source random_;
  duration run_time_ = std::chrono::seconds(5);
  int exit_code_ = 0;
  std::vector<std::string> documents_{"AWS-RunShellScript", "AWS-RunPowerShellScript"};
  std::map<std::string, managed_node, std::less<>> nodes_;
  std::map<std::uint64_t, std::unique_ptr<ssm_command>> commands_;
  std::unordered_map<std::string, ssm_command*> by_id_;
  std::uint64_t sent_ = 0;
};

}  // namespace lifehook::simulator
