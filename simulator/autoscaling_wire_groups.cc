#include "simulator/autoscaling_wire.h"

#include <algorithm>
#include <set>

namespace lifehook::simulator {
namespace {

constexpr std::size_t most_names = 50;  // of instances in one DescribeAutoScalingInstances

struct listing_filter {
  std::string name;
  std::vector<std::string> values;

  bool accepts(std::string_view text) const { return std::find(values.begin(), values.end(), text) != values.end(); }
};

std::vector<listing_filter> read_filters(const query_parameters& asked) {
  std::vector<listing_filter> filters;
  for (const auto& each : asked.structures("Filters"))
    filters.push_back({asked.text(each + "Name"), asked.list(each + "Values")});
  return filters;
}

bool passes(const scaling_group& group, const listing_filter& filter) {
  const auto& tags = group.with.tags;
  if (filter.name.starts_with("tag:")) {
    const auto tag = tags.find(filter.name.substr(4));
    return tag != tags.end() && filter.accepts(tag->second);
  }
  return std::any_of(tags.begin(), tags.end(), [&filter](const auto& tag) {
    return filter.accepts(filter.name == "tag-key" ? tag.first : tag.second);
  });
}

bool is_group_filter(const listing_filter& filter) {
  return filter.name.starts_with("tag:") || filter.name == "tag-key" || filter.name == "tag-value";
}

struct shown_tag {
  std::string group, key, value;
  bool propagates = true;
};

std::vector<shown_tag> tags_of(const scaling_group& group) {
  std::vector<shown_tag> tags;
  for (const auto& [key, value] : group.with.tags)
    tags.push_back({group.with.name, key, value, !group.with.unpropagated.contains(key)});
  return tags;
}

void write_tag(query_xml& to, const shown_tag& tag) {
  to.text("ResourceId", tag.group)
      .text("ResourceType", "auto-scaling-group")
      .text("Key", tag.key)
      .text("Value", tag.value)
      .flag("PropagateAtLaunch", tag.propagates);
}

// Instances in the warm pool are told of by DescribeWarmPool.
std::vector<const group_member*> members_shown(const scaling_group& group) {
  std::vector<const group_member*> shown;
  for (const auto& [order, each] : group.members)
    if (!each->state.starts_with("Warmed:")) shown.push_back(each);
  return shown;
}

void write_group(query_xml& to, const scaling_group& group, const account& owner, bool with_instances) {
  to.text("AutoScalingGroupName", group.with.name)
      .text("AutoScalingGroupARN", group.arn)
      .number("MinSize", group.with.min_size)
      .number("MaxSize", group.with.max_size)
      .number("DesiredCapacity", group.with.desired)
      .number("DefaultCooldown", 300)
      .texts("AvailabilityZones", std::vector{owner.region + "a"})
      .text("HealthCheckType", "EC2")
      .number("HealthCheckGracePeriod", 0)
      .time("CreatedTime", group.created);
  if (with_instances)
    to.list("Instances", members_shown(group),
            [&owner](query_xml& xml, const group_member* each) { write_instance(xml, *each, owner); });
  to.texts("TargetGroupARNs", group.with.target_groups).list("Tags", tags_of(group), write_tag);
  if (group.with.rebalances) to.flag("CapacityRebalance", true);
  if (!group.pool) return;
  write_pool(to, *group.pool);
  to.number("WarmPoolSize", group.warm_capacity());
}

// Writes at most a page of what `keep` accepts, in order of names, and says where the next page begins.
template <class Map, class Keep, class Write>
void write_page(query_xml& to, std::string_view list, const Map& all, const page_request& page, Keep keep,
                Write write) {
  std::string last;
  std::size_t written = 0;
  to.open(list);
  auto each = all.upper_bound(page.after);
  for (; each != all.end() && written < page.size; ++each) {
    if (!keep(*each->second)) continue;
    to.open("member");
    write(to, *each->second);
    to.close("member");
    last = each->first;
    ++written;
  }
  to.close(list);
  const bool more = std::any_of(each, all.end(), [&keep](const auto& rest) { return keep(*rest.second); });
  if (more) to.text("NextToken", next_token(last));
}

or_fault<> add_hooks(autoscaling_model& model, scaling_group& group, const query_parameters& asked) {
  std::vector<hook_settings> hooks;
  for (const auto& prefix : asked.structures("LifecycleHookSpecificationList")) {
    auto hook = read_hook(asked, prefix, {});
    if (!hook) return hook.error();
    hooks.push_back(*std::move(hook));
  }
  for (auto& hook : hooks) model.put_hook(group, std::move(hook), true);
  return {};
}

void put_tag(group_settings& on, const query_parameters& asked, const std::string& prefix) {
  const auto key = asked.text(prefix + "Key");
  on.tags[key] = asked.text(prefix + "Value");
  if (asked.flag(prefix + "PropagateAtLaunch", true))
    on.unpropagated.erase(key);
  else
    on.unpropagated.insert(key);
}

or_fault<group_settings> read_group(const query_parameters& asked) {
  const auto name = asked.required("AutoScalingGroupName");
  const auto min = asked.number("MinSize");
  const auto max = asked.number("MaxSize");
  const auto desired = asked.number("DesiredCapacity");
  if (!name) return name.error();
  for (const auto* each : {&min, &max, &desired})
    if (!*each) return each->error();
  if (!*min || !*max) return validation_error("MinSize and MaxSize are required");
  group_settings with;
  with.name = *name;
  with.min_size = min->value();
  with.max_size = max->value();
  with.desired = desired->value_or(with.min_size);
  for (const auto& each : asked.structures("Tags")) put_tag(with, asked, each);
  with.target_groups = asked.list("TargetGroupARNs");
  with.rebalances = asked.flag("CapacityRebalance");
  if (with.min_size < 0 || with.min_size > with.max_size)
    return validation_error("Max bound must be greater than or equal to min bound");
  if (with.desired < with.min_size || with.desired > with.max_size)
    return validation_error("Desired capacity must be between the specified min size and max size");
  return with;
}

}  // namespace

answered create_group(autoscaling_model& model, const query_parameters& asked) {
  auto with = read_group(asked);
  if (!with) return with.error();
  if (model.registry().find(with->name))
    return fault{
        400, "AlreadyExists",
        "AutoScalingGroup by this name already exists - A group with the name " + with->name + " already exists"};
  if (auto known = model.check_target_groups(with->target_groups); !known) return known.error();
  if (asked.structures("LifecycleHookSpecificationList").empty()) {
    model.create_group(*std::move(with));
    return answer{};
  }
  const auto name = with->name;  // its first instances go through its hooks
  const int desired = std::exchange(with->desired, 0);
  const int smallest = std::exchange(with->min_size, 0);
  auto& group = model.create_group(*std::move(with));
  auto hooked = add_hooks(model, group, asked);
  if (!hooked) {
    model.registry().remove(name);
    return hooked.error();
  }
  group.with.min_size = smallest;
  if (auto filled = model.set_desired(name, desired); !filled) return filled.error();
  return answer{};
}

answered update_group(autoscaling_model& model, const query_parameters& asked) {
  const auto name = asked.required("AutoScalingGroupName");
  const auto min = asked.number("MinSize");
  const auto max = asked.number("MaxSize");
  const auto desired = asked.number("DesiredCapacity");
  if (!name) return name.error();
  for (const auto* each : {&min, &max, &desired})
    if (!*each) return each->error();
  if (auto done = model.update_group(*name, *min, *max, *desired); !done) return done.error();
  return answer{};
}

answered delete_group(autoscaling_model& model, const query_parameters& asked) {
  const auto name = asked.required("AutoScalingGroupName");
  if (!name) return name.error();
  if (auto done = model.delete_group(*name, asked.flag("ForceDelete")); !done) return done.error();
  return answer{};
}

answered describe_groups(autoscaling_model& model, const query_parameters& asked) {
  const auto page = read_page(asked, 50, 100);
  if (!page) return page.error();
  const auto filters = read_filters(asked);
  for (const auto& filter : filters)
    if (!is_group_filter(filter))
      return validation_error("Filter type " + filter.name +
                              " is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>");
  const auto named = asked.list("AutoScalingGroupNames");
  const std::set<std::string> names(named.begin(), named.end());
  const bool with_instances = asked.flag("IncludeInstances", true);
  query_xml written;
  write_page(
      written, "AutoScalingGroups", model.registry().all(), *page,
      [&](const scaling_group& group) {
        return (names.empty() || names.contains(group.with.name)) &&
               std::all_of(filters.begin(), filters.end(), [&group](const auto& f) { return passes(group, f); });
      },
      [&](query_xml& to, const scaling_group& group) { write_group(to, group, model.owner(), with_instances); });
  return xml_answer(std::move(written));
}

answered describe_instances(autoscaling_model& model, const query_parameters& asked) {
  const auto page = read_page(asked, most_names, most_names);
  if (!page) return page.error();
  const auto ids = asked.list("InstanceIds");
  if (ids.size() > most_names)
    return validation_error("The number of instance ids that may be passed in is limited to 50");
  const auto write = [&model](query_xml& to, const group_member& each) {
    write_instance(to, each, model.owner());
    to.text("AutoScalingGroupName", each.group.with.name);
  };
  query_xml written;
  if (ids.empty()) {
    write_page(
        written, "AutoScalingInstances", model.registry().members(), *page, [](const group_member&) { return true; },
        write);
    return xml_answer(std::move(written));
  }
  std::vector<const group_member*> known;
  for (const auto& id : std::set<std::string>(ids.begin(), ids.end()))
    if (const auto* each = model.registry().member(id)) known.push_back(each);
  written.list("AutoScalingInstances", known, [&write](query_xml& to, const auto* each) { write(to, *each); });
  return xml_answer(std::move(written));
}

answered describe_activities(autoscaling_model& model, const query_parameters& asked) {
  const auto page = read_page(asked, 100, 100);
  if (!page) return page.error();
  const auto named = asked.list("ActivityIds");
  const std::set<std::string> ids(named.begin(), named.end());
  const auto group = asked.text("AutoScalingGroupName");
  if (!group.empty() && !model.registry().find(group)) return no_such_group(group);
  std::vector<const scaling_activity*> found;
  bool begun = page->after.empty();
  bool more = false;
  for (const auto& [name, each] : model.registry().all()) {
    if (!group.empty() && name != group) continue;
    for (const auto& activity : each->activities) {
      if (begun && (ids.empty() || ids.contains(activity->id))) {
        more = found.size() == page->size;
        if (more) break;
        found.push_back(activity.get());
      }
      begun = begun || activity->id == page->after;
    }
    if (more) break;
  }
  query_xml written;
  written.list("Activities", found, [](query_xml& to, const auto* each) { write_activity(to, *each); });
  if (more) written.text("NextToken", next_token(found.back()->id));
  return xml_answer(std::move(written));
}

answered create_or_update_tags(autoscaling_model& model, const query_parameters& asked) {
  for (const auto& each : asked.structures("Tags")) {
    auto* group = model.registry().find(asked.text(each + "ResourceId"));
    if (!group) return no_such_group(asked.text(each + "ResourceId"));
    put_tag(group->with, asked, each);
  }
  return answer{};
}

answered describe_tags(autoscaling_model& model, const query_parameters& asked) {
  const auto page = read_page(asked, 50, 100);
  if (!page) return page.error();
  std::map<std::string, std::unique_ptr<shown_tag>> all;  // by group and key
  for (const auto& [name, group] : model.registry().all())
    for (auto& each : tags_of(*group)) {
      auto key = name + '\n' + each.key;
      all.emplace(std::move(key), std::make_unique<shown_tag>(std::move(each)));
    }
  const auto filters = read_filters(asked);
  const auto keep = [&filters](const shown_tag& each) {
    return std::all_of(filters.begin(), filters.end(), [&each](const listing_filter& filter) {
      if (filter.name == "auto-scaling-group") return filter.accepts(each.group);
      if (filter.name == "key") return filter.accepts(each.key);
      return filter.name == "value" && filter.accepts(each.value);
    });
  };
  query_xml written;
  write_page(written, "Tags", all, *page, keep, write_tag);
  return xml_answer(std::move(written));
}

}  // namespace lifehook::simulator
