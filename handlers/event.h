#pragma once

#include "aws/haste.h"
#include "base/clock.h"
#include "base/error.h"
#include "handlers/rare_text.h"
#include "handlers/shared_name.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

// What a message can tell us that somebody may want handled. The names are the configuration's keys.
enum class event_kind {
  launching,
  terminating,
  spot_interruption,
  rebalance_recommendation,
  capacity_reservation_interruption,
  state_change,
  scheduled_change,
  task_interruption,
  task_stopped,
  task_running,  // of a standalone task: nobody lists it, what runs tasks again takes note of its network
};
// Those that a configuration may list: all but the last (event.cc asserts that nothing comes behind it).
constexpr auto all_event_kinds = [] {
  std::array<event_kind, static_cast<std::size_t>(event_kind::task_running)> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<event_kind>(i);
  return all;
}();

std::string_view name(event_kind kind);
constexpr bool has_hook(event_kind kind) { return kind == event_kind::launching || kind == event_kind::terminating; }
constexpr bool is_of_task(event_kind kind) {
  return kind == event_kind::task_interruption || kind == event_kind::task_stopped || kind == event_kind::task_running;
}
// It leaves a few minutes, and no hook holds AWS back meanwhile.
constexpr aws::haste haste_of(event_kind kind) {
  const bool is_interruption = kind == event_kind::spot_interruption ||
                               kind == event_kind::capacity_reservation_interruption ||
                               kind == event_kind::task_interruption;
  return is_interruption ? aws::haste::hurried : aws::haste::usual;
}

// Where an instance of a hook event comes from or goes to; unstated in messages from before 2021.
enum class place { unstated, ec2, scaling_group, warm_pool, other };  // other: a word newer than this program

// One event about one instance or task, whatever path carried it. Fields that do not apply are empty.
struct event {
  event_kind kind = event_kind::terminating;
  std::optional<time_point> time;  // the event's own; nullopt when the message names none
  std::string id;  // EventBridge id, or the hook message's RequestId; for logs and for telling repeats apart
  shared_name account;
  shared_name region;    // of EventBridge events: where it happened
  std::string instance;  // i-...

  // Of hook events. `token` may be empty: the four names then identify the action.
  shared_name group;  // Auto Scaling group
  shared_name hook;
  std::string token;
  place origin = place::unstated;
  place destination = place::unstated;

  // Of state_change: the new state; of spot and capacity interruptions: terminate, stop, hibernate; of
  // scheduled_change: its event type code; of task events: the stop code.
  rare_text detail;
  std::optional<time_point> starts;  // of scheduled_change
  rare_text change;                  // of scheduled_change: what names it in every copy AWS sends; may be empty
  // Of task events.
  rare_text cluster_arn;
  rare_text task_arn;
  rare_text task_group;          // "family:report", or what RunTask was given; "service:web"
  rare_text definition_family;   // of its task definition: "report"
  std::string cluster() const;   // "prod"
  std::string family() const;    // "report"; empty for tasks of services
  bool is_service_task() const;  // ECS replaces it itself

  // What tells it apart from others of its kind, and hook, about the same subject, in every copy: nothing where an
  // instance is launched or ends, which it is and does once (a copy that a worker made of a lost event has no token),
  // its warm pool aside; else how its token begins, never the whole of it, or when it is to happen or did, `at` where
  // it does not say so. Pages of one Health event carry times of their own.
  std::string occurrence(time_point at) const;

  // Whom it is about, as AWS names it.
  const std::string& subject() const { return is_of_task(kind) ? task_arn.get() : instance; }

  // A return to a warm pool is drained but does not end the instance.
  bool ends_instance() const { return destination == place::unstated || destination == place::ec2; }
};

// Well-formed, and of no concern to us: deleted, counted by this word.
struct ignored {
  std::string
      kind;  // "test_notification", "fleet_notification", "sns_subscription", "instance_launch_successful"... bounded
};

// One message: several events only for scheduled_change (one per affected instance, in order, without repeats).
struct parsed {
  std::vector<event> events;
  std::optional<ignored> none;  // set when events is empty
};

// Reads a message body in all four delivery paths by the two-step table of identity. Pure. malformed when it cannot be
// understood: the message is then left to the queue's redrive policy. Unknown fields are tolerated; ids are checked for
// the characters AWS allows, so that they are safe in requests and logs.
result<parsed> parse(std::string_view body);

}  // namespace lifehook::handlers
