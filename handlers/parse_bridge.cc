#include "handlers/parse_bridge.h"

#include "handlers/parse_fields.h"
#include "handlers/parse_hook.h"

#include <algorithm>
#include <array>

namespace lifehook::handlers {

namespace {

error malformed(std::string what) { return {errc::malformed, std::move(what), {}}; }

result<parsed> lifecycle(const bridge_event& from) {
  auto action = parse_lifecycle_action(from.detail);
  if (!action) return action.error();
  action->time = from.common.time;
  action->id = from.common.id;
  action->account = from.common.account;
  action->region = from.common.region;
  return one(*std::move(action));
}

// What EC2 says of one instance; `says` is the field that tells what is happening to it.
result<parsed> about_instance(const bridge_event& from, event_kind kind, std::string_view says) {
  event read = from.common;
  read.kind = kind;
  // The ARN in `resources` carries a zone and no account at times: the id in the detail is the one to trust.
  read.instance = text_field(from.detail, "instance-id");
  if (!is_instance_id(read.instance)) return malformed("an event of EC2 without an instance");
  if (const auto word = text_field(from.detail, says); is_printable(word, 32)) read.detail = word;
  return one(std::move(read));
}

template <event_kind kind>
result<parsed> interruption(const bridge_event& from) {
  return about_instance(from, kind, "instance-action");
}

result<parsed> state_change(const bridge_event& from) {
  constexpr std::array<std::string_view, 4> ending{"stopping", "stopped", "shutting-down", "terminated"};
  auto read = about_instance(from, event_kind::state_change, "state");
  if (!read) return read;
  const auto& state = read->events.front().detail;
  if (state.empty()) return malformed("a change of an instance's state without the state");
  if (std::find(ending.begin(), ending.end(), state) == ending.end()) return ignore("instance_state");
  return read;
}

struct identity {
  bridge_names as;
  result<parsed> (*read)(const bridge_event& from);
  event_kind tells;  // or others of tasks
};

constexpr auto identities = std::to_array<identity>({
    {{"aws.autoscaling", "EC2 Instance-terminate Lifecycle Action"}, lifecycle, event_kind::terminating},
    {{"aws.autoscaling", "EC2 Instance-launch Lifecycle Action"}, lifecycle, event_kind::launching},
    {{"aws.ec2", "EC2 Spot Instance Interruption Warning"},
     interruption<event_kind::spot_interruption>,
     event_kind::spot_interruption},
    {{"aws.ec2", "EC2 Instance Rebalance Recommendation"},
     interruption<event_kind::rebalance_recommendation>,
     event_kind::rebalance_recommendation},
    {{"aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"},
     interruption<event_kind::capacity_reservation_interruption>,
     event_kind::capacity_reservation_interruption},
    {{"aws.ec2", "EC2 Instance State-change Notification"}, state_change, event_kind::state_change},
    {{"aws.health", "AWS Health Event"}, parse_health, event_kind::scheduled_change},
    {{"aws.ecs", "ECS Task State Change"}, parse_task_change, event_kind::task_stopped},
});

struct known_and_ignored {
  bridge_names as;
  std::string_view word;
};

constexpr auto ignored_ones = std::to_array<known_and_ignored>({
    {{"aws.autoscaling", "EC2 Instance Launch Successful"}, "instance_launch_successful"},
    {{"aws.autoscaling", "EC2 Instance Launch Unsuccessful"}, "instance_launch_unsuccessful"},
    {{"aws.autoscaling", "EC2 Instance Terminate Successful"}, "instance_terminate_successful"},
    {{"aws.autoscaling", "EC2 Instance Terminate Unsuccessful"}, "instance_terminate_unsuccessful"},
    {{"aws.autoscaling", "EC2 Auto Scaling Instance Refresh Started"}, "instance_refresh"},
    {{"aws.autoscaling", "EC2 Auto Scaling Instance Refresh Succeeded"}, "instance_refresh"},
    {{"aws.autoscaling", "EC2 Auto Scaling Instance Refresh Failed"}, "instance_refresh"},
    {{"aws.autoscaling", "EC2 Auto Scaling Instance Refresh Cancelled"}, "instance_refresh"},
    {{"aws.autoscaling", "EC2 Auto Scaling Instance Refresh Checkpoint Reached"}, "instance_refresh"},
    {{"aws.autoscaling", "EC2 Auto Scaling Instance Refresh Rollback Started"}, "instance_refresh"},
    {{"aws.autoscaling", "EC2 Auto Scaling Instance Refresh Rollback Succeeded"}, "instance_refresh"},
    {{"aws.autoscaling", "EC2 Auto Scaling Instance Refresh Rollback Failed"}, "instance_refresh"},
    {{"aws.ecs", "ECS Container Instance State Change"}, "ecs_container_instance_state"},
    {{"aws.ecs", "ECS Service Action"}, "ecs_service_action"},
    {{"aws.ecs", "ECS Deployment State Change"}, "ecs_deployment_state"},
    {{"aws.health", "AWS Health Abuse Event"}, "health_abuse"},
});

template <class Row, std::size_t size>
const Row* row_of(const std::array<Row, size>& in, bridge_names named) {
  const auto found = std::find_if(in.begin(), in.end(), [&](const Row& each) {
    return each.as.source == named.source && each.as.detail_type == named.detail_type;
  });
  return found == in.end() ? nullptr : &*found;
}

event envelope_of(const boost::json::object& body) {
  event common;
  common.time = time_field(body, "time");
  if (const auto id = text_field(body, "id"); is_printable(id, 128)) common.id = id;
  if (const auto account = text_field(body, "account"); is_printable(account, 32)) common.account = account;
  if (const auto region = text_field(body, "region"); is_printable(region, 32)) common.region = region;
  return common;
}

}  // namespace

parsed one(event of) {
  parsed single;
  single.events.push_back(std::move(of));
  return single;
}

parsed ignore(std::string_view kind) { return {{}, ignored{std::string(kind)}}; }

bridge_names carried_as(event_kind kind) {
  if (is_of_task(kind)) kind = event_kind::task_stopped;
  return std::find_if(identities.begin(), identities.end(), [kind](const auto& each) { return each.tells == kind; })
      ->as;
}

result<parsed> parse_bridge(const boost::json::object& body) {
  const auto source = text_field(body, "source");
  const auto detail_type = text_field(body, "detail-type");
  if (source.empty() || detail_type.empty()) return malformed("an EventBridge event without its source or detail-type");
  const auto* const row = row_of(identities, {source, detail_type});
  const auto* const known = row ? nullptr : row_of(ignored_ones, {source, detail_type});
  if (!row) return ignore(known ? known->word : "other_detail_type");
  const auto* detail = object_field(body, "detail");
  if (!detail) return malformed("an EventBridge event without its detail");
  return row->read({envelope_of(body), body, *detail});
}

}  // namespace lifehook::handlers
