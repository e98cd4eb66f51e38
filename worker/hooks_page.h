#pragma once

#include "aws/budget.h"
#include "handlers/event.h"
#include "handlers/event_action.h"
#include "handlers/tenure.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::worker {

constexpr std::size_t most_hooks_listed = 1000;  // so that making the page holds up nothing

// An event in hand, and the message that brought it.
struct event_in_hand {
  const handlers::event& about;
  const handlers::tenure& keeps;
  const handlers::event_action* action;  // null while it is not known whose the event is
  std::string_view queue;
  std::string_view message;
  unsigned receive_count = 1;
};

// What a worker has in hand, and why it does not go on.
struct work_in_hand {
  std::size_t events = 0;  // of which the nearest are listed
  std::vector<event_in_hand> nearest;
  std::vector<aws::queued_calls> queued;
  std::size_t heartbeats_in_line = 0;
  std::size_t proofs_in_line = 0;
  time_point now;
};

// The page /hooks as JSON: of each event what it is about, how long it has been in hand and has left, and what is done
// now and what that waits for. Of a token its first eight characters; texts are cut to some length.
std::string hooks_page(const work_in_hand& of);

}  // namespace lifehook::worker
