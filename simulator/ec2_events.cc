#include "simulator/ec2_events.h"

#include "base/time_text.h"
#include "simulator/wire.h"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

json::object envelope(const account& owner, std::string_view kind, time_point now, std::string event_id) {
  return {{"version", "0"},        {"id", std::move(event_id)}, {"detail-type", kind},
          {"source", "aws.ec2"},   {"account", owner.id},       {"time", to_rfc3339(now).substr(0, 19) + "Z"},
          {"region", owner.region}};
}

std::string about(json::object event, std::string arn, json::object detail) {
  event.emplace("resources", json::array{std::move(arn)});
  event.emplace("detail", std::move(detail));
  return json::serialize(event);
}

std::string arn_of(const account& owner, std::string_view instance) {
  return owner.arn("ec2", "instance/" + std::string(instance));
}

}  // namespace

std::string state_change_event(const account& owner, std::string_view instance, std::string_view state, time_point now,
                               std::string event_id) {
  return about(envelope(owner, "EC2 Instance State-change Notification", now, std::move(event_id)),
               arn_of(owner, instance), {{"instance-id", instance}, {"state", state}});
}

// Its arn names the availability zone, as it often does on AWS, and no account.
std::string spot_warning_event(const account& owner, std::string_view instance, time_point now, std::string event_id) {
  auto arn = "arn:aws:ec2:" + owner.region + "a:instance/" + std::string(instance);
  return about(envelope(owner, "EC2 Spot Instance Interruption Warning", now, std::move(event_id)), std::move(arn),
               {{"instance-id", instance}, {"instance-action", "terminate"}});
}

std::string rebalance_event(const account& owner, std::string_view instance, time_point now, std::string event_id) {
  return about(envelope(owner, "EC2 Instance Rebalance Recommendation", now, std::move(event_id)),
               arn_of(owner, instance), {{"instance-id", instance}});
}

// Its communication is named after the event: one is sent for each.
std::string reboot_scheduled_event(const account& owner, std::string_view instance, const maintenance_window& when,
                                   time_point now, std::string event_id) {
  constexpr std::string_view code = "AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED";
  const auto arn = fmt::format("arn:aws:health:{}::event/EC2/{}/{}_{}", owner.region, code, code, event_id);
  json::object detail{{"eventArn", arn},
                      {"service", "EC2"},
                      {"eventTypeCode", code},
                      {"eventTypeCategory", "scheduledChange"},
                      {"eventScopeCode", "ACCOUNT_SPECIFIC"},
                      {"communicationId", event_id + "-1"},
                      {"startTime", http_date(when.not_before)},
                      {"endTime", http_date(when.not_after)},
                      {"lastUpdatedTime", http_date(now)},
                      {"statusCode", "upcoming"},
                      {"eventRegion", owner.region},
                      {"eventDescription", json::array{json::object{{"language", "en_US"},
                                                                    {"latestDescription", "A reboot is scheduled."}}}},
                      {"affectedEntities", json::array{json::object{{"entityValue", instance}}}},
                      {"affectedAccount", owner.id},
                      {"page", "1"},
                      {"totalPages", "1"},
                      {"backupEvent", "false"}};
  auto event = envelope(owner, "AWS Health Event", now, std::move(event_id));
  event["source"] = "aws.health";
  return about(std::move(event), std::string(instance), std::move(detail));
}

}  // namespace lifehook::simulator
