#include "simulator/ec2.h"

#include "simulator/ec2_wire.h"
#include "simulator/identity.h"

#include <stdexcept>

namespace lifehook::simulator {
namespace {

// Callers in C++ name what they made themselves: anything unknown is their bug.
template <class T>
T& known(T* found, std::string_view id) {
  if (!found) throw std::invalid_argument(std::string(id) + " is not known to EC2");
  return *found;
}

class ec2_in_memory final : public ec2 {
 public:
  ec2_in_memory(clock& time, account owner, sqs& queues, fleet& instances, std::uint64_t seed)
      : model_(time, std::move(owner), queues, instances, seed) {}

  std::string_view name() const override { return "ec2"; }

  std::vector<std::string_view> actions() const override {
    std::vector<std::string_view> names;
    for (const auto& each : ec2_actions()) names.push_back(each.name);
    return names;
  }

  task<answered> handle(request asked) override {
    for (const auto& each : ec2_actions()) {
      if (each.name != asked.action) continue;
      const query_parameters parameters(asked.query, query_style::flat);
      if (parameters.flag("DryRun"))
        co_return fault{412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."};
      co_return each.act(model_, parameters);
    }
    co_return fault{400, "InvalidAction", "The action " + asked.action + " is not valid for this web service."};
  }

  std::string launch(std::string id, tag_map tags) override {
    if (id.empty()) id = "i-0" + make_hex(model_.random, 16);
    model_.instances.launch(id, std::move(tags));
    return id;
  }
  void terminate(std::string_view instance) override { model_.instances.terminate(of(instance)); }
  std::string state(std::string_view instance) const override {
    const auto* each = model_.instances.find(instance);
    return each ? each->state : "";
  }
  tag_map tags(std::string_view resource) const override { return known(model_.tags_of(resource), resource); }
  void tag(std::string_view resource, std::string key, std::string value) override {
    known(model_.tags_of(resource), resource).insert_or_assign(std::move(key), std::move(value));
  }

  const std::vector<image_record>& images() const override { return model_.images.seen(); }
  std::vector<snapshot_record> snapshots() const override {
    std::vector<snapshot_record> there;
    for (const auto& [id, each] : model_.images.snapshots()) there.push_back(each);
    return there;
  }
  void set_image_time(duration until_available) override { model_.images.image_time = until_available; }
  void set_listing_delay(duration until_listed) override { model_.images.listing_delay = until_listed; }
  void fail_next_image(std::string instance) override { model_.images.fail_next(of(instance)); }

  std::string create_interface(std::string subnet, std::vector<std::string> security_groups, std::string private_ip,
                               bool is_public) override {
    return model_.interfaces.create_interface(std::move(subnet), std::move(security_groups), std::move(private_ip),
                                              is_public);
  }
  void delete_interface(std::string_view id) override { model_.interfaces.delete_interface(id); }
  std::size_t interfaces() const override { return model_.interfaces.all().size(); }

  void warn_spot(std::string_view instance) override { model_.instances.warn_spot(of(instance)); }
  void recommend_rebalance(std::string_view instance) override { model_.instances.recommend_rebalance(of(instance)); }
  std::string schedule_reboot(std::string_view instance, time_point start, duration takes) override {
    return model_.maintenance.schedule_reboot(of(instance), start, takes);
  }
  void bridge_state_changes(std::string queue_arn) override {
    model_.instances.bridge_state_changes(std::move(queue_arn));
  }

 private:
  std::string of(std::string_view instance) const { return known(model_.instances.find(instance), instance).id; }

  ec2_model model_;
};

}  // namespace

std::unique_ptr<ec2> ec2::make(clock& time, account owner, sqs& queues, fleet& instances, std::uint64_t seed) {
  return std::make_unique<ec2_in_memory>(time, std::move(owner), queues, instances, seed);
}

}  // namespace lifehook::simulator
