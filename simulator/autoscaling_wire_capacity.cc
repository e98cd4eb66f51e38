#include "simulator/autoscaling_wire.h"

namespace lifehook::simulator {
namespace {

constexpr std::size_t most_detached = 20;

}  // namespace

void write_pool(query_xml& to, const warm_pool& pool) {
  to.open("WarmPoolConfiguration").number("MinSize", pool.min_size).text("PoolState", pool.state);
  if (pool.max_prepared) to.number("MaxGroupPreparedCapacity", *pool.max_prepared);
  to.open("InstanceReusePolicy").flag("ReuseOnScaleIn", pool.reuse_on_scale_in).close("InstanceReusePolicy");
  to.close("WarmPoolConfiguration");
}

answered set_desired_capacity(autoscaling_model& model, const query_parameters& asked) {
  const auto name = asked.required("AutoScalingGroupName");
  if (!name) return name.error();
  const auto desired = asked.number("DesiredCapacity");
  if (!desired) return desired.error();
  if (!*desired) return validation_error("DesiredCapacity is required");
  if (auto done = model.set_desired(*name, desired->value()); !done) return done.error();
  return answer{};
}

answered terminate_instance(autoscaling_model& model, const query_parameters& asked) {
  const auto id = asked.required("InstanceId");
  if (!id) return id.error();
  const auto decrement = asked.required("ShouldDecrementDesiredCapacity");
  if (!decrement) return decrement.error();
  const auto told = model.terminate(*id, *decrement == "true");
  if (!told) return told.error();
  query_xml written;
  written.open("Activity");
  write_activity(written, **told);
  written.close("Activity");
  return xml_answer(std::move(written));
}

answered detach_instances(autoscaling_model& model, const query_parameters& asked) {
  const auto name = asked.required("AutoScalingGroupName");
  if (!name) return name.error();
  const auto decrement = asked.required("ShouldDecrementDesiredCapacity");
  if (!decrement) return decrement.error();
  const auto ids = asked.list("InstanceIds");
  if (ids.empty() || ids.size() > most_detached)
    return validation_error("Between 1 and 20 instance ids may be passed in");
  const auto told = model.detach(*name, ids, *decrement == "true");
  if (!told) return told.error();
  query_xml written;
  written.list("Activities", *told, [](query_xml& to, const auto& each) { write_activity(to, *each); });
  return xml_answer(std::move(written));
}

answered set_instance_health(autoscaling_model& model, const query_parameters& asked) {
  const auto id = asked.required("InstanceId");
  if (!id) return id.error();
  const auto health = asked.text("HealthStatus");
  if (health != "Healthy" && health != "Unhealthy")
    return validation_error("Valid instance health states are: [Healthy, Unhealthy]");
  if (auto done = model.set_health(*id, health); !done) return done.error();
  return answer{};
}

answered attach_target_groups(autoscaling_model& model, const query_parameters& asked) {
  const auto group = named_group(model, asked);
  if (!group) return group.error();
  const auto arns = asked.list("TargetGroupARNs");
  if (auto done = model.attach_target_groups(**group, arns); !done) return done.error();
  return answer{};
}

answered detach_target_groups(autoscaling_model& model, const query_parameters& asked) {
  const auto group = named_group(model, asked);
  if (!group) return group.error();
  const auto arns = asked.list("TargetGroupARNs");
  if (auto done = model.detach_target_groups(**group, arns); !done) return done.error();
  return answer{};
}

answered describe_target_groups(autoscaling_model& model, const query_parameters& asked) {
  const auto group = named_group(model, asked);
  if (!group) return group.error();
  query_xml written;
  written.list("LoadBalancerTargetGroups", (*group)->with.target_groups, [](query_xml& to, const std::string& arn) {
    to.text("LoadBalancerTargetGroupARN", arn).text("State", "InService");
  });
  return xml_answer(std::move(written));
}

answered put_warm_pool(autoscaling_model& model, const query_parameters& asked) {
  const auto group = named_group(model, asked);
  if (!group) return group.error();
  const auto smallest = asked.number("MinSize");
  const auto most = asked.number("MaxGroupPreparedCapacity");
  if (!smallest) return smallest.error();
  if (!most) return most.error();
  warm_pool pool;
  pool.min_size = smallest->value_or(0);
  if (most->value_or(-1) >= 0) pool.max_prepared = *most;  // -1 takes the limit away
  pool.state = asked.given("PoolState").value_or(pool.state);
  pool.reuse_on_scale_in = asked.flag("InstanceReusePolicy.ReuseOnScaleIn");
  model.put_warm_pool(**group, std::move(pool));
  return answer{};
}

answered describe_warm_pool(autoscaling_model& model, const query_parameters& asked) {
  const auto group = named_group(model, asked);
  if (!group) return group.error();
  const auto page = read_page(asked, 50, 50);
  if (!page) return page.error();
  std::vector<const group_member*> warm;
  bool begun = page->after.empty();
  bool more = false;
  for (const auto& [order, each] : (*group)->members) {
    if (!each->state.starts_with("Warmed:")) continue;
    if (begun) {
      more = warm.size() == page->size;
      if (more) break;
      warm.push_back(each);
    }
    begun = begun || each->id == page->after;
  }
  query_xml written;
  if ((*group)->pool) write_pool(written, *(*group)->pool);
  written.list("Instances", warm,
               [&model](query_xml& to, const auto* each) { write_instance(to, *each, model.owner()); });
  if (more) written.text("NextToken", next_token(warm.back()->id));
  return xml_answer(std::move(written));
}

}  // namespace lifehook::simulator
