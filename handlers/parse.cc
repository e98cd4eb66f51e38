#include "handlers/event.h"
#include "handlers/parse_bridge.h"
#include "handlers/parse_fields.h"
#include "handlers/parse_hook.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>

namespace lifehook::handlers {

namespace {

namespace json = boost::json;

constexpr std::size_t largest_body = 1 << 20;  // of SQS
constexpr std::size_t usual_body = 16 << 10;   // documents up to about this take no memory but the stack's

error malformed(std::string what) { return {errc::malformed, std::move(what), {}}; }

result<json::value> read_json(std::string_view text, const json::storage_ptr& memory) {
  json::parse_options strict;
  strict.max_depth = 32;
  json::error_code failed;
  auto document = json::parse(text, failed, memory, strict);
  if (failed) return malformed("not JSON: " + failed.message());
  return document;
}

result<parsed> classify(const json::object& body, const json::storage_ptr& memory, bool unwrapped);

result<parsed> read_bridge(const json::object& body, const json::storage_ptr&, bool) { return parse_bridge(body); }

// An SNS envelope: what it carries is a message of its own, but never another envelope.
result<parsed> read_notification(const json::object& body, const json::storage_ptr& memory, bool unwrapped) {
  if (unwrapped) return malformed("an SNS envelope inside another");
  const auto inner = read_json(text_field(body, "Message"), memory);
  if (!inner) return inner.error();
  if (!inner->is_object()) return malformed("an SNS envelope around something that is no JSON object");
  return classify(inner->get_object(), memory, true);
}

result<parsed> read_subscription(const json::object&, const json::storage_ptr&, bool) {
  return ignore("sns_subscription");
}

result<parsed> read_hook(const json::object& body, const json::storage_ptr&, bool) {
  auto action = parse_lifecycle_action(body);
  if (!action) return action.error();
  action->time = time_field(body, "Time");
  if (const auto id = text_field(body, "RequestId"); is_printable(id, 128)) action->id = id;
  if (const auto account = text_field(body, "AccountId"); is_printable(account, 32)) action->account = account;
  return one(*std::move(action));
}

result<parsed> read_notice(const json::object& body, const json::storage_ptr&, bool) {
  return ignore(text_field(body, "Event") == "autoscaling:TEST_NOTIFICATION" ? "test_notification"
                                                                             : "fleet_notification");
}

bool is_bridge(const json::object& body) { return body.contains("detail-type"); }
bool is_notification(const json::object& body) {
  const auto* message = body.if_contains("Message");
  return text_field(body, "Type") == "Notification" && message && message->is_string();
}
bool is_subscription(const json::object& body) {
  const auto type = text_field(body, "Type");
  return type == "SubscriptionConfirmation" || type == "UnsubscribeConfirmation";
}
bool is_hook(const json::object& body) { return body.contains("LifecycleTransition"); }
bool is_notice(const json::object& body) { return text_field(body, "Event").starts_with("autoscaling:"); }

// The first step of identity, by the path a message took; parse_bridge takes the second. The first row that fits
// counts.
struct identity {
  bool (*is)(const json::object& body);
  result<parsed> (*read)(const json::object& body, const json::storage_ptr& memory, bool unwrapped);
};
constexpr auto identities = std::to_array<identity>({{is_bridge, read_bridge},
                                                     {is_notification, read_notification},
                                                     {is_subscription, read_subscription},
                                                     {is_hook, read_hook},
                                                     {is_notice, read_notice}});

// Some of them, for who looks for who sent it.
std::string keys_of(const json::object& body) {
  constexpr std::size_t longest = 170;
  std::string text;
  for (const auto& each : body) {
    if (text.size() > longest) break;
    if (is_printable(each.key(), 32)) text.append(text.empty() ? "; its keys: " : ", ").append(each.key());
  }
  return text;
}

result<parsed> classify(const json::object& body, const json::storage_ptr& memory, bool unwrapped) {
  for (const auto& row : identities)
    if (row.is(body)) return row.read(body, memory, unwrapped);
  return malformed("JSON of no kind we know" + keys_of(body));
}

}  // namespace

result<parsed> parse(std::string_view body) {
  if (body.size() > largest_body) return malformed("a body of more than 1 MiB");
  unsigned char buffer[usual_body];  // NOLINT: deliberately not cleared
  json::monotonic_resource memory(buffer, sizeof buffer);
  const auto document = read_json(body, &memory);
  if (!document) return document.error();
  if (!document->is_object()) return malformed("JSON that is no object");
  return classify(document->get_object(), &memory, false);
}

}  // namespace lifehook::handlers
