#include "simulator/ec2_listing.h"
#include "simulator/ec2_wire.h"

namespace lifehook::simulator {
namespace {

using texts = std::vector<std::string>;

// What DescribeInstanceStatus tells of an instance.
struct instance_status {
  std::string id;
  const ec2_instance* of = nullptr;
  const std::list<maintenance_event>* events = nullptr;
};

texts texts_of_events(const instance_status& each, std::string maintenance_event::* field) {
  texts all;
  for (const auto& event : *each.events) all.push_back(event.*field);
  return all;
}

constexpr std::array<ec2_field<instance_status>, 4> status_fields{
    {{"instance-state-name", [](const instance_status& each) { return texts{each.of->state}; }},
     {"event.code", [](const instance_status& each) { return texts_of_events(each, &maintenance_event::code); }},
     {"event.description",
      [](const instance_status& each) { return texts_of_events(each, &maintenance_event::description); }},
     {"event.instance-event-id",
      [](const instance_status& each) { return texts_of_events(each, &maintenance_event::id); }}}};

void write_event(query_xml& to, const maintenance_event& each) {
  to.text("instanceEventId", each.id).text("code", each.code).text("description", each.description);
  to.time("notAfter", each.not_after).time("notBefore", each.not_before);
}

// Checks are made of instances that run, and all of them pass.
void write_checks(query_xml& to, std::string_view name, bool runs) {
  to.open(name).text("status", runs ? "ok" : "not-applicable");
  if (runs)
    to.items("details", texts{"reachability"},
             [](query_xml& xml, const auto& check) { xml.text("name", check).text("status", "passed"); });
  to.close(name);
}

void write_status(query_xml& to, const instance_status& each, const account& owner) {
  const bool runs = each.of->state == "running";
  to.text("instanceId", each.id).text("availabilityZone", owner.region + "a");
  if (!each.events->empty()) to.items("eventsSet", *each.events, write_event);
  write_state(to, "instanceState", each.of->state);
  write_checks(to, "systemStatus", runs);
  write_checks(to, "instanceStatus", runs);
}

}  // namespace

answered describe_instance_status(ec2_model& model, const query_parameters& asked) {
  std::map<std::string, instance_status, std::less<>> statuses;
  std::map<std::string, const instance_status*, std::less<>> all;
  for (const auto& [id, each] : model.instances.all())
    all.emplace(id, &statuses.emplace(id, instance_status{id, each.get(), &model.maintenance.of(id)}).first->second);
  auto page = read_listing(asked, "InstanceId", instance_kind, all, status_fields);
  if (!page) return page.error();
  if (!asked.flag("IncludeAllInstances"))
    std::erase_if(page->records, [](const auto* each) { return each->of->state != "running"; });
  query_xml written;
  written.items("instanceStatusSet", page->records, [&model](query_xml& to, const instance_status* each) {
    write_status(to, *each, model.instances.owner());
  });
  return ec2_answer(std::move(written), page->next_token);
}

}  // namespace lifehook::simulator
