#include "simulator/elbv2.h"

#include "simulator/elbv2_wire.h"

#include <stdexcept>

namespace lifehook::simulator {
namespace {

// Callers in C++ name what they made themselves: anything unknown is their bug.
template <class Group>
Group& known(Group* found, std::string_view arn) {
  if (!found) throw std::invalid_argument("target group " + std::string(arn) + " is not known");
  return *found;
}

class elbv2_in_memory final : public elbv2 {
 public:
  elbv2_in_memory(clock& time, account owner, fleet& instances, std::uint64_t seed)
      : model_(time, std::move(owner), instances, seed) {}

  std::string_view name() const override { return "elasticloadbalancing"; }

  std::vector<std::string_view> actions() const override {
    std::vector<std::string_view> names;
    for (const auto& each : elbv2_actions()) names.push_back(each.name);
    return names;
  }

  task<answered> handle(request asked) override {
    for (const auto& each : elbv2_actions())
      if (each.name == asked.action) co_return each.act(model_, query_parameters(asked.query));
    co_return fault{400, "InvalidAction", "Could not find operation " + asked.action};
  }

  std::string create_target_group(target_group_settings with) override { return model_.create(std::move(with)).arn; }
  bool has_target_group(std::string_view arn) const override { return model_.find(arn) != nullptr; }

  void register_target(std::string_view arn, std::string id, std::optional<int> port) override {
    auto& group = of(arn);
    model_.enter(group, {std::move(id), port.value_or(group.with.port)});
  }
  duration deregister_target(std::string_view arn, std::string id, std::optional<int> port) override {
    auto& group = of(arn);
    return model_.leave(group, {std::move(id), port.value_or(group.with.port)}, false);
  }
  void set_health(std::string_view arn, std::string_view id, std::string state, std::string reason) override {
    for (auto& [name, each] : of(arn).targets) {
      if (name.id != id) continue;
      each.next.unset();
      each.state = state;
      each.reason = reason;
    }
  }

  std::vector<target_record> targets(std::string_view arn) const override {
    std::vector<target_record> told;
    for (const auto& [name, each] : known(model_.find(arn), arn).targets)
      told.push_back({name.id, name.port, each.state, each.reason});
    return told;
  }
  const std::vector<deregistration>& deregistrations() const override { return model_.deregistrations(); }

 private:
  target_group& of(std::string_view arn) { return known(model_.find(arn), arn); }

  elbv2_model model_;
};

}  // namespace

std::unique_ptr<elbv2> elbv2::make(clock& time, account owner, fleet& instances, std::uint64_t seed) {
  return std::make_unique<elbv2_in_memory>(time, std::move(owner), instances, seed);
}

}  // namespace lifehook::simulator
