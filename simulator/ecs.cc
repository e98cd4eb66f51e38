#include "simulator/ecs.h"

#include "simulator/ecs_wire.h"

#include <stdexcept>

namespace lifehook::simulator {
namespace {

// Callers in C++ name what they made themselves: anything unknown is their bug.
template <class T>
T& known(T* found, std::string_view what, std::string_view name) {
  if (!found) throw std::invalid_argument(std::string(what) + " " + std::string(name) + " is not known");
  return *found;
}

class ecs_in_memory final : public ecs, private fleet::listener {
 public:
  ecs_in_memory(clock& time, account owner, simulator::sqs& queues, fleet& instances, network_interfaces& interfaces,
                std::uint64_t seed)
      : clock_(time), model_(time, std::move(owner), queues, interfaces, seed) {
    instances.listen(*this);
  }

  std::string_view name() const override { return "ecs"; }

  std::vector<std::string_view> actions() const override {
    std::vector<std::string_view> names;
    for (const auto& each : ecs_actions()) names.push_back(each.name);
    return names;
  }

  task<answered> handle(request asked) override {
    for (const auto& each : ecs_actions())
      if (each.name == asked.action) co_return each.act(model_, asked.body);
    co_return fault{400, "InvalidAction", "Could not find operation " + asked.action};
  }

  void create_cluster(std::string name) override {
    model_.create_cluster(std::move(name)).capacity_providers = {std::string(on_demand), std::string(spot)};
  }

  std::string register_instance(std::string_view cluster, std::string ec2_instance_id, int slots) override {
    return model_.register_instance(in(cluster), std::move(ec2_instance_id), slots).arn;
  }

  void join_on_launch(std::string_view cluster, std::string group, int slots, duration after) override {
    in(cluster);
    joining_.insert_or_assign(std::move(group), join{std::string(cluster), slots, after});
  }

  void create_service(service_settings with) override {
    auto& cluster = in(with.cluster);
    const auto& runs = model_.definitions().known_or_plain(with.name);
    if (!with.capacity_provider.empty()) with.launch_type = "FARGATE";
    model_.create_service(cluster, std::move(with), runs);
  }

  std::string run_task(std::string_view cluster, std::string family, std::string_view ec2_instance_id) override {
    in(cluster);
    const run_request wanted{.definition = &model_.definitions().known_or_plain(family)};
    return model_.run_on(on(ec2_instance_id), wanted).arn;
  }

  std::string run_fargate_task(fargate_task_settings with) override {
    run_request wanted{.definition = &model_.definitions().known_or_plain(with.family)};
    wanted.started_by = std::move(with.started_by);
    wanted.capacity_provider = std::move(with.capacity_provider);
    wanted.network = task_network{std::move(with.subnets), std::move(with.security_groups), false};
    wanted.start_time = with.start_time;
    wanted.stop_time = with.stop_time;
    if (!with.overrides.empty()) wanted.asked.emplace("overrides", std::move(with.overrides));
    boost::json::array tags;
    for (const auto& [key, value] : with.tags) tags.push_back(boost::json::object{{"key", key}, {"value", value}});
    wanted.asked.emplace("tags", std::move(tags));
    return model_.run_on_fargate(in(with.cluster), wanted).arn;
  }

  void refuse_capacity(std::string capacity_provider, int times) override {
    model_.fargate().refuse(std::move(capacity_provider), times);
  }

  void interrupt_spot_task(std::string_view arn, std::map<std::string, int> exit_codes) override {
    auto& each = of(arn);
    if (each.capacity_provider != spot) throw std::invalid_argument("task " + each.id + " is not on Fargate Spot");
    model_.interrupt(each, exit_codes);
  }

  void exit_task(std::string_view arn, const std::map<std::string, int>& exit_codes) override {
    model_.life().exit(of(arn), exit_codes);
  }

  void bridge_tasks(std::string queue_arn) override { model_.bridge_tasks(std::move(queue_arn)); }

  void stop_task(std::string_view arn) override {
    model_.life().stop(of(arn), "UserInitiated", "Task stopped by user");
  }
  void set_agent_connected(std::string_view ec2_instance_id, bool connected) override {
    model_.set_connected(on(ec2_instance_id), connected);
  }
  void protect_task(std::string_view arn, bool on) override { model_.life().protect(of(arn), on, {}); }

  std::vector<task_record> tasks(std::string_view cluster) const override {
    const auto found = model_.clusters().find(cluster);
    if (found == model_.clusters().end()) return {};
    auto told = found->second.past;
    for (const auto& [order, each] : found->second.tasks) told.push_back(to_record(*each));
    return told;
  }

  std::string instance_status(std::string_view ec2_instance_id) const override {
    const auto* each = model_.instance_of(ec2_instance_id);
    return each ? each->status : "";
  }

 private:
  struct join {
    std::string cluster;
    int slots = 0;
    duration after;
  };

  void launched(const std::string& instance, const std::string& group) override {
    const auto found = joining_.find(group);
    if (found == joining_.end()) return;
    auto& wait = *boots_.insert_or_assign(instance, std::make_unique<alarm>(clock_)).first->second;
    wait.set(found->second.after, [this, instance, with = found->second] {
      boots_.erase(instance);
      register_instance(with.cluster, instance, with.slots);
    });
  }

  void ended(const std::string& instance, const std::string&) override {
    boots_.erase(instance);
    model_.instance_ended(instance);
  }

  void rebooted(const std::string& instance, duration takes) override {
    auto* each = model_.instance_of(instance);
    if (!each || each->status == "INACTIVE") return;
    model_.set_connected(*each, false);
    model_.instance_rebooted(*each);
    auto& wait = *boots_.insert_or_assign(instance, std::make_unique<alarm>(clock_)).first->second;
    wait.set(takes, [this, instance, each] {
      boots_.erase(instance);
      model_.set_connected(*each, true);
    });
  }

  ecs_cluster& in(std::string_view name) { return **model_.cluster(name); }
  ecs_instance& on(std::string_view ec2_id) { return known(model_.instance_of(ec2_id), "instance", ec2_id); }
  ecs_task& of(std::string_view arn) { return known(model_.task_by_arn(arn), "task", arn); }

  clock& clock_;
  ecs_model model_;
  std::map<std::string, join> joining_;                            // by group
  std::unordered_map<std::string, std::unique_ptr<alarm>> boots_;  // by instance
};

}  // namespace

std::unique_ptr<ecs> ecs::make(clock& time, account owner, simulator::sqs& queues, fleet& instances,
                               network_interfaces& interfaces, std::uint64_t seed) {
  return std::make_unique<ecs_in_memory>(time, std::move(owner), queues, instances, interfaces, seed);
}

}  // namespace lifehook::simulator
