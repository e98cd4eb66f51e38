#pragma once

#include "base/clock.h"
#include "handlers/event.h"
#include "handlers/list_tries.h"

#include <optional>
#include <string>
#include <string_view>

namespace lifehook::handlers {

// What people and other systems are told of an event, beside what it says itself.
struct notice {
  const event& about;
  std::string_view group;  // as configured
  std::string account;     // empty: not known
  std::string region;
  time_point time;                     // the event's
  std::optional<time_point> deadline;  // when its list is ended, done or not
  std::optional<failed_step> failed;   // of the list's steps before, the first that has
};

// One JSON object, stable for those who read it: keys are never renamed, new ones may come. What is not known, or does
// not apply, is left out. No token and no NotificationMetadata: a topic's subscribers are not the worker's equals.
std::string to_json(const notice& of);

// The same for people: a custom notification of Amazon Q Developer in chat applications (AWS Chatbot), which brings no
// other text to Slack or Teams. One thread of the channel is about one instance or task. What may be long stands in the
// description, not in the title.
std::string to_chat(const notice& of, std::string_view subject);

// Whom it is about, in a few words: i-..., or the id that ends a task's ARN.
std::string short_subject(const event& about);

// What tells it apart from all others, on every machine and in every copy of its event: of two that are told to one
// topic by one list, `alike` is how many such steps stand before. Another outcome of the steps before is news. 64
// hexadecimal digits.
std::string identity_of(const notice& of, std::string_view topic, std::string_view subject, std::size_t alike);

}  // namespace lifehook::handlers
