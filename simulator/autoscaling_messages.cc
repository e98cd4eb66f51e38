#include "simulator/autoscaling_messages.h"

#include "base/time_text.h"

#include <boost/json.hpp>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

std::string to_seconds(time_point when) { return to_rfc3339(when).substr(0, 19) + "Z"; }

bool is_launch(const journey_words& on) { return on.transition.ends_with("LAUNCHING"); }

json::object envelope(const account& owner, std::string_view kind, time_point now, std::string event_id) {
  return {{"version", "0"},      {"id", std::move(event_id)}, {"detail-type", kind},   {"source", "aws.autoscaling"},
          {"account", owner.id}, {"time", to_seconds(now)},   {"region", owner.region}};
}

}  // namespace

std::string hook_message(const hook_announcement& of, std::string request_id) {
  json::object body{{"Origin", of.on.origin},
                    {"LifecycleHookName", of.hook.name},
                    {"Destination", of.on.destination},
                    {"AccountId", of.owner.id},
                    {"RequestId", std::move(request_id)},
                    {"LifecycleTransition", of.hook.transition},
                    {"AutoScalingGroupName", of.group.with.name},
                    {"Service", "AWS Auto Scaling"},
                    {"Time", to_rfc3339(of.action.began)},
                    {"EC2InstanceId", of.action.instance}};
  if (!of.hook.metadata.empty()) body.emplace("NotificationMetadata", of.hook.metadata);
  body.emplace("LifecycleActionToken", of.action.token);
  return json::serialize(body);
}

std::string test_notification(const account& owner, const scaling_group& group, time_point now,
                              std::string request_id) {
  return json::serialize(json::object{{"AccountId", owner.id},
                                      {"RequestId", std::move(request_id)},
                                      {"AutoScalingGroupARN", group.arn},
                                      {"AutoScalingGroupName", group.with.name},
                                      {"Service", "AWS Auto Scaling"},
                                      {"Event", "autoscaling:TEST_NOTIFICATION"},
                                      {"Time", to_rfc3339(now)}});
}

std::string hook_event(const hook_announcement& of, std::string event_id) {
  const auto kind =
      is_launch(of.on) ? "EC2 Instance-launch Lifecycle Action" : "EC2 Instance-terminate Lifecycle Action";
  auto event = envelope(of.owner, kind, of.action.began, std::move(event_id));
  event.emplace("resources", json::array{of.group.arn});
  json::object detail{{"LifecycleActionToken", of.action.token},
                      {"AutoScalingGroupName", of.group.with.name},
                      {"LifecycleHookName", of.hook.name},
                      {"EC2InstanceId", of.action.instance},
                      {"LifecycleTransition", of.hook.transition}};
  if (!of.hook.metadata.empty()) detail.emplace("NotificationMetadata", of.hook.metadata);
  detail.emplace("Origin", of.on.origin);
  detail.emplace("Destination", of.on.destination);
  event.emplace("detail", std::move(detail));
  return json::serialize(event);
}

std::string success_event(const account& owner, const group_member& of, time_point now, std::string event_id) {
  const bool launch = is_launch(words(of.on));
  const auto& activity = *of.activity;
  auto event = envelope(owner, launch ? "EC2 Instance Launch Successful" : "EC2 Instance Terminate Successful", now,
                        std::move(event_id));
  event.emplace("resources", json::array{of.group.arn, owner.arn("ec2", "instance/" + of.id)});
  event.emplace(
      "detail",
      json::object{{"StatusCode", "InProgress"},
                   {"Description", activity.description},
                   {"AutoScalingGroupName", of.group.with.name},
                   {"ActivityId", activity.id},
                   {"Details", {{"Subnet ID", "subnet-0123456789abcdef0"}, {"Availability Zone", owner.region + "a"}}},
                   {"RequestId", activity.id},
                   {"StatusMessage", ""},
                   {"EndTime", to_rfc3339(now)},
                   {"EC2InstanceId", of.id},
                   {"StartTime", to_rfc3339(activity.began)},
                   {"Cause", activity.cause}});
  return json::serialize(event);
}

}  // namespace lifehook::simulator
