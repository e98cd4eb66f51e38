#pragma once

#include "aws/limits.h"
#include "handlers/event.h"

#include <optional>

namespace lifehook::handlers {

struct deadline_facts {
  event_kind kind = event_kind::terminating;
  std::optional<time_point> event_time;
  time_point sent;            // SQS SentTimestamp: stands in for a missing event time
  time_point first_received;  // survives requeue and replicas
  duration group_deadline{};
  std::optional<duration> global_timeout;  // of the hook, once known
};

// Interruptions leave 120 s from the event's time; nullopt for kinds whose window is the group's deadline. Of those is
// the interruption of a task: it can only be run again once it has stopped.
std::optional<duration> interruption_window(event_kind kind);

// What a span leaves for work: less the margin of deadline_of.
duration work_within(duration span);

// By when what was raised for an interrupted instance is given back by ending it: 20 s before it ends by itself.
constexpr time_point give_back_by(time_point event_time, duration window) {
  return event_time + window - std::chrono::seconds(20);
}

// What an interruption leaves for work, by a list that gives back or does not. nullopt as above.
std::optional<duration> interruption_work(event_kind kind, bool gives_back);

// When work on an event must have ended: the earliest of first receive + deadline, event time + the
// hook's global timeout, and event time + the interruption window; each less a margin of 10 s, or a tenth of it if that
// is less.
time_point deadline_of(const deadline_facts& facts);

// Until a hook's own timing is known the shortest AWS allows is assumed, so that no heartbeat comes late.
using aws::shortest_heartbeat_timeout;

// The longest a message may be invisible, or requeued for: a quarter of the hook's heartbeat timeout.
constexpr duration quarter(duration heartbeat_timeout) { return heartbeat_timeout / 4; }

// The longest a message may be requeued for: SQS keeps one invisible for twelve hours from its receive. `release_by`
// is the tenure's. Pure.
duration longest_off(time_point release_by, time_point now);

}  // namespace lifehook::handlers
