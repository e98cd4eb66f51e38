#pragma once

#include "base/log.h"
#include "handlers/reception.h"
#include "queues/queue.h"
#include "worker/hooks_page.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lifehook {
struct metrics;  // base/metrics.h
}

namespace lifehook::worker {

// The one place where work settles a message: takes a held one, parses it, has each of its events attended, and settles
// it by what they say. Complete, then delete, is the order of its lines.
class delivery {
 public:
  delivery(clock& time, handlers::reception& to, task_group& tasks, metrics& counts, random_source& random, logger log,
           bool dry_run);
  ~delivery();

  // Has each of the message's events attended by a task of its own, while its work does not rest; the last to end
  // settles it.
  void deliver(queues::held_message held, std::string_view body);
  // Gives back everything in hand: what is still running requeues its message as soon as it can.
  void stop_all();
  std::size_t in_hand() const { return in_hand_.size(); }
  // So many of the events in hand, the nearest deadline first; those whose deadline is not known yet come last. What is
  // given is there until anything runs again.
  std::vector<event_in_hand> nearest(std::size_t most) const;

 private:
  using events = std::vector<std::shared_ptr<const handlers::event>>;

  struct delivered;
  struct attended;

  void observe_age(const attended& one);
  void go_on_with(attended& one);
  task<> attend(attended& one);
  task<std::optional<handlers::verdict>> go_on(attended& one);
  void end(attended& one, const handlers::verdict& with);
  // The message's events; empty when it has been settled already: malformed, or of no concern.
  events read(queues::held_message& held, std::string_view body, const logger& log);
  void settle(queues::held_message& held, const handlers::verdict& with);
  handlers::tenure::terms terms_of(const queues::held_message& held) const;

  clock& clock_;
  handlers::reception& reception_;
  task_group& tasks_;
  metrics& metrics_;
  random_source& random_;
  logger log_;
  std::vector<std::shared_ptr<attended>> in_hand_;
  bool dry_run_;  // then no message is removed, whatever it is
  bool stopping_ = false;
};

// What a message's events together mean for it: it is removed when all may be, else the most careful of the verdicts.
handlers::verdict combine(const std::vector<handlers::verdict>& verdicts);

}  // namespace lifehook::worker
