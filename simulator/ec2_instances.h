#pragma once

#include "base/backoff.h"
#include "simulator/ec2_ids.h"
#include "simulator/fleet.h"
#include "simulator/sqs.h"

#include <optional>

namespace lifehook::simulator {

struct ec2_instance {
  ec2_instance(clock& time, std::string with_id) : id(std::move(with_id)), next(time), reclaim(time) {}

  std::string id, group;
  std::string state = "pending";
  std::string image = "ami-0c1f2e3d4b5a69788", type = "m5.large";
  std::string private_ip, reservation;
  std::string reason, reason_code;  // of its end
  tag_map tags;
  bool spot = false;
  time_point launched;
  alarm next;     // what becomes of its state by itself
  alarm reclaim;  // of a spot interruption
};

struct run_order {
  int count = 1;
  std::string image, type;
  tag_map tags;
};

// The instances of EC2: those the fleet launches and those launched here, each through its states, told to EventBridge
// in the form of "EC2 Instance State-change Notification". An ended one stays for an hour.
class ec2_instances final : public fleet::listener {
 public:
  ec2_instances(clock& time, account owner, sqs& queues, fleet& instances, random_source& random);

  std::vector<const ec2_instance*> run(const run_order& order);  // pending, in no group
  void launch(std::string id, tag_map tags);                     // running at once, in no group
  void terminate(const std::string& id);                         // by hand; an ended one stays ended
  void reboot(const std::string& id, duration takes = usual_reboot) { fleet_.reboot(id, takes); }
  void warn_spot(const std::string& id);
  void recommend_rebalance(const std::string& id);
  void announce_reboot(const std::string& id, time_point not_before, time_point not_after);  // as AWS Health does
  void bridge_state_changes(std::string queue_arn) { told_of_states_.push_back(std::move(queue_arn)); }

  ec2_instance* find(std::string_view id);
  const ec2_instance* find(std::string_view id) const;
  const std::map<std::string, std::unique_ptr<ec2_instance>, std::less<>>& all() const { return instances_; }
  const account& owner() const { return owner_; }

 private:
  void described(const std::string& instance, const launch_details& with) override;
  void launched(const std::string& instance, const std::string& group) override;
  void ended(const std::string& instance, const std::string& group) override;
  void started(const std::string& instance) override;
  void stopped(const std::string& instance) override;
  void detached(const std::string& instance) override;
  void bridged(const std::string& queue) override { bridges_.push_back(queue); }

  ec2_instance& add(std::string id);
  void enter(ec2_instance& each, std::string state);
  void announce(const std::string& event);
  void reclaim(const std::string& id);
  std::string make_id();

  clock& clock_;
  account owner_;
  sqs& queues_;
  fleet& fleet_;
  random_source& random_;
  std::vector<std::string> bridges_, told_of_states_;  // queues
  std::map<std::string, std::unique_ptr<ec2_instance>, std::less<>> instances_;
  std::uint32_t addresses_ = 0;
};

}  // namespace lifehook::simulator
