#include "base/time_text.h"
#include "handlers/parse_bridge.h"
#include "handlers/parse_fields.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <unordered_set>

namespace lifehook::handlers {

namespace {

constexpr std::size_t most_entities = 1000;  // AWS Health pages its events long before

// Why it is none of ours; empty when it is.
std::string_view reason_to_ignore(const boost::json::object& detail) {
  if (text_field(detail, "service") != "EC2") return "health_other_service";
  if (text_field(detail, "eventTypeCategory") != "scheduledChange") return "health_other_category";
  const auto status = text_field(detail, "statusCode");
  if (status != "open" && status != "upcoming") return "health_closed";
  // A copy sent to the backup region of an event its own region has sent already.
  if (text_field(detail, "backupEvent") == "true") return "health_backup";
  return {};
}

const boost::json::array* array_field(const boost::json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value ? value->if_array() : nullptr;
}

// An entity is an object with its value, in `affectedEntities`, or the bare value, in `resources`.
std::string_view instance_of(const boost::json::value& entity) {
  if (const auto* object = entity.if_object()) return handlers::instance_of(text_field(*object, "entityValue"));
  if (const auto* text = entity.if_string()) return handlers::instance_of(std::string_view(text->data(), text->size()));
  return {};
}

// Its owner, or AWS, has seen to it: for others of the same change there is still something to do.
bool is_settled(const boost::json::value& entity) {
  const auto* object = entity.if_object();
  return object && text_field(*object, "status") == "RESOLVED";
}

const boost::json::array* entities_of(const bridge_event& from) {
  const auto* affected = array_field(from.detail, "affectedEntities");
  return affected && !affected->empty() ? affected : array_field(from.whole, "resources");
}

std::optional<time_point> start_of(const boost::json::object& detail) {
  const auto http = parse_http_date(text_field(detail, "startTime"));
  return http ? http : time_field(detail, "startTime");
}

event change_of(const bridge_event& from) {
  event change = from.common;
  change.kind = event_kind::scheduled_change;
  if (const auto code = text_field(from.detail, "eventTypeCode"); is_printable(code, 128)) change.detail = code;
  // The envelope's account may be the organisation's administrator.
  const auto account = text_field(from.detail, "affectedAccount");
  if (!account.empty() && is_printable(account, 32)) change.account = account;
  if (const auto arn = text_field(from.detail, "eventArn"); is_printable(arn, 512)) change.change = arn;
  change.starts = start_of(from.detail);
  return change;
}

}  // namespace

result<parsed> parse_health(const bridge_event& from) {
  if (const auto reason = reason_to_ignore(from.detail); !reason.empty()) return ignore(reason);
  const auto* entities = entities_of(from);
  if (!entities) return ignore("health_no_instance");
  if (entities->size() > most_entities)
    return error{errc::malformed, "an AWS Health event about too many instances at once"};
  const auto change = change_of(from);
  parsed changes;
  std::unordered_set<std::string_view> seen;
  for (const auto& entity : *entities) {
    const auto instance = instance_of(entity);
    if (instance.empty() || is_settled(entity) || !seen.insert(instance).second) continue;
    changes.events.push_back(change);
    changes.events.back().instance = instance;
  }
  if (changes.events.empty()) return ignore("health_no_instance");
  return changes;
}

}  // namespace lifehook::handlers
