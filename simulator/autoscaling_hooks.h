#pragma once

#include "base/backoff.h"
#include "simulator/autoscaling_groups.h"

#include <functional>

namespace lifehook::simulator {

// min(172800 s, 100 x heartbeat timeout), counted from entering the wait state.
std::chrono::seconds global_timeout(const hook_settings& hook);

// What a caller names an action by; the token decides when there is one.
struct action_name {
  std::string group, hook, token, instance;
};

// The lifecycle actions of all groups: each with its token, its heartbeat timer and its global timeout, and with its
// story, which is kept. Look-ups by token and by (group, hook, instance) are O(1).
class lifecycle_actions {
 public:
  // Called when an action ends by a call or by time; `result` is CONTINUE or ABANDON. It may open and cut actions.
  using end_of_action = std::function<void(const lifecycle_record& ended)>;

  lifecycle_actions(clock& time, random_source& random, end_of_action then)
      : clock_(time), random_(random), then_(std::move(then)) {}

  lifecycle_record open(const hook_settings& hook, const std::string& group, const std::string& instance);
  // "No active Lifecycle Action found" for one that is over, of another hook, or unknown.
  or_fault<> complete(const action_name& named, std::string result);
  or_fault<> heartbeat(const action_name& named);
  // Of open ones, from their next heartbeat on. AWS does not say which timeout it takes: here the shorter one.
  void take_shorter(const std::string& group, const hook_settings& hook);
  // Ends one without telling anyone: its instance's fate has been decided elsewhere.
  void cut(const std::string& token, std::string result);
  // Ends all of one hook as AWS does when the hook is deleted.
  void end_of_hook(const std::string& group, const std::string& hook);
  bool is_open(const std::string& token) const { return open_.contains(token); }

  const std::vector<lifecycle_record>& seen() const { return seen_; }

 private:
  struct running {
    running(clock& time, std::size_t of, const hook_settings& by) : record(of), hook(by), limit(time) {}
    std::size_t record;
    hook_settings hook;
    time_point global_deadline;
    alarm limit;
  };

  std::optional<std::size_t> find(const action_name& named) const;
  void arm(running& action);
  lifecycle_record finish(std::size_t record, std::string result, bool timed_out);

  clock& clock_;
  random_source& random_;
  end_of_action then_;
  std::vector<lifecycle_record> seen_;
  std::unordered_map<std::string, std::unique_ptr<running>> open_;  // by token
  std::unordered_map<std::string, std::size_t> by_token_;
  std::unordered_map<std::string, std::size_t> by_names_;  // group, hook, instance: the latest
};

}  // namespace lifehook::simulator
