#pragma once

#include "base/backoff.h"
#include "simulator/elbv2.h"

namespace lifehook::simulator {

struct target_name {
  std::string id;
  int port = 0;
  auto operator<=>(const target_name&) const = default;
};

struct registered_target {
  explicit registered_target(clock& time) : next(time) {}

  std::string state = "initial", reason = "Elb.RegistrationInProgress";
  time_point drained;  // when it will be, while it drains
  alarm next;          // healthy by itself, or drained
};

struct target_group {
  target_group_settings with;
  std::string arn;
  std::map<target_name, registered_target> targets;
};

// The behaviour of ELBv2 behind its wire.
class elbv2_model final : public fleet::listener {
 public:
  elbv2_model(clock& time, account owner, fleet& instances, std::uint64_t seed);

  target_group& create(target_group_settings with);
  void remove(std::string_view arn);
  target_group* find(std::string_view arn);
  const target_group* find(std::string_view arn) const;
  const target_group* named(std::string_view name) const;
  void enter(target_group& group, const target_name& target);                    // a draining one is registered again
  duration leave(target_group& group, const target_name& target, bool by_call);  // until it has drained

  const std::map<std::string, target_group, std::less<>>& all() const { return groups_; }  // by arn
  const std::vector<deregistration>& deregistrations() const { return deregistrations_; }
  const account& owner() const { return owner_; }

 private:
  void launched(const std::string&, const std::string&) override {}
  void ended(const std::string& instance, const std::string& group) override;

  clock& clock_;
  account owner_;
  random_source random_;
  std::map<std::string, target_group, std::less<>> groups_;
  std::vector<deregistration> deregistrations_;
};

}  // namespace lifehook::simulator
