#include "simulator/autoscaling.h"

#include "simulator/autoscaling_wire.h"

#include <stdexcept>

namespace lifehook::simulator {
namespace {

// Callers in C++ name what they made themselves: anything refused is their bug.
template <class T>
void insist(const or_fault<T>& done) {
  if (!done) throw std::invalid_argument(done.error().message);
}

class autoscaling_in_memory final : public autoscaling {
 public:
  autoscaling_in_memory(clock& time, account owner, sqs& queues, elbv2& balancers, fleet& instances, std::uint64_t seed)
      : model_(time, std::move(owner), queues, balancers, instances, seed) {}

  std::string_view name() const override { return "autoscaling"; }

  std::vector<std::string_view> actions() const override {
    std::vector<std::string_view> names;
    for (const auto& each : autoscaling_actions()) names.push_back(each.name);
    return names;
  }

  task<answered> handle(request asked) override {
    for (const auto& each : autoscaling_actions())
      if (each.name == asked.action) co_return each.act(model_, query_parameters(asked.query));
    co_return fault{400, "InvalidAction", "Could not find operation " + asked.action};
  }

  void create_group(group_settings with) override {
    insist(model_.check_target_groups(with.target_groups));
    model_.create_group(std::move(with));
  }
  void put_hook(std::string_view group, hook_settings with) override {
    model_.put_hook(of(group), std::move(with), true);
  }
  void bridge(std::string queue_arn) override { model_.bridge(std::move(queue_arn)); }
  void set_desired(std::string_view group, int desired) override { insist(model_.set_desired(group, desired)); }
  void terminate(std::string_view instance, bool decrement) override { insist(model_.terminate(instance, decrement)); }
  void terminate_because(std::string_view instance, ending_cause cause) override {
    insist(model_.terminate_because(instance, cause));
  }
  void scale_by_policy(std::string_view group, std::string policy, int delta) override {
    insist(model_.scale_by_policy(group, policy, delta));
  }
  void replace_root_volume(std::string_view instance) override { insist(model_.replace_root_volume(instance)); }

  std::vector<std::string> instances(std::string_view group) const override {
    std::vector<std::string> ids;
    for (const auto& [order, each] : of(group).members) ids.push_back(each->id);
    return ids;
  }

  std::string lifecycle_state(std::string_view instance) const override {
    if (const auto* each = model_.registry().member(instance)) return each->state;
    return model_.has_ended(instance) ? "Terminated" : "";
  }

  const std::vector<lifecycle_record>& actions_seen() const override { return model_.actions().seen(); }

 private:
  scaling_group& of(std::string_view group) {
    if (auto* found = model_.registry().find(group)) return *found;
    throw std::invalid_argument(no_such_group(group).message);
  }
  const scaling_group& of(std::string_view group) const {
    if (const auto* found = model_.registry().find(group)) return *found;
    throw std::invalid_argument(no_such_group(group).message);
  }

  autoscaling_model model_;
};

}  // namespace

std::unique_ptr<autoscaling> autoscaling::make(clock& time, account owner, sqs& queues, elbv2& balancers,
                                               fleet& instances, std::uint64_t seed) {
  return std::make_unique<autoscaling_in_memory>(time, std::move(owner), queues, balancers, instances, seed);
}

}  // namespace lifehook::simulator
