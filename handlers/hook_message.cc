#include "handlers/hook_message.h"

#include "base/time_text.h"
#include "handlers/parse_hook.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace lifehook::handlers {

namespace {

namespace json = boost::json;

std::string_view word_of(place of) {
  switch (of) {
    case place::ec2: return "EC2";
    case place::scaling_group: return "AutoScalingGroup";
    case place::warm_pool: return "WarmPool";
    case place::unstated:
    case place::other: return {};
  }
  return {};
}

void add(json::object& to, std::string_view key, std::string_view value) {
  if (!value.empty()) to.emplace(key, value);
}

}  // namespace

std::string hook_message(const event& about) {
  json::object body{{"Service", "AWS Auto Scaling"}};
  add(body, "LifecycleTransition", transition_of(about.kind));
  add(body, "AutoScalingGroupName", about.group);
  add(body, "LifecycleHookName", about.hook);
  add(body, "EC2InstanceId", about.instance);
  add(body, "LifecycleActionToken", about.token);
  add(body, "RequestId", about.id);
  add(body, "AccountId", about.account);
  add(body, "Origin", word_of(about.origin));
  add(body, "Destination", word_of(about.destination));
  if (about.time) add(body, "Time", to_rfc3339(*about.time));
  return json::serialize(body);
}

}  // namespace lifehook::handlers
