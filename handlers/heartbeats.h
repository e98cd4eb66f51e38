#pragma once

#include "aws/autoscaling.h"
#include "base/log.h"
#include "base/signal.h"
#include "handlers/event.h"
#include "handlers/tenure.h"

#include <array>
#include <memory>
#include <optional>
#include <string_view>

namespace lifehook::handlers {

struct step_services;

aws::lifecycle_action_id action_of(const event& about);

// As lifehook_heartbeats_total counts them; `late`: it has no answer yet.
inline constexpr std::array<std::string_view, 6> heartbeat_outcomes{"done",    "gone",   "failed",
                                                                    "timeout", "denied", "late"};

// Keeps one hook open: learns its timing, a shorter one also later, sends a heartbeat every half timeout with jitter,
// at once if the event is older than that, and within a moment if it was in hand before: nobody knows when the last was
// sent then. A failed one is sent again soon, one that AWS rejects with backoff. Owned by the lifecycle action, or by
// what keeps the hook open before there is one; destroying it ends the heartbeats, on every path, exactly once; one
// that waits for its turn gives it up. No coroutine waits between beats: ten thousand open hooks are ten thousand
// alarms. One that has no answer in the last quarter of the timeout is said to be late.
class heartbeats {
 public:
  struct listener {
    virtual ~listener() = default;
    virtual void timing_known(const aws::lifecycle_hook& hook) = 0;
    virtual void timeout_shortened(duration to) = 0;
    virtual void action_over() = 0;  // AWS says there is nothing to keep open
    virtual void proven() {}         // that it is open: what was sought is given
    virtual duration event_age() const = 0;
    virtual bool came_before() const = 0;  // in another's hand, or in ours
  };

  // `group_label` outlives it, as configured names do.
  heartbeats(step_services& with, listener& to, std::shared_ptr<const event> about, std::string_view group_label,
             logger log);
  ~heartbeats();
  heartbeats(const heartbeats&) = delete;
  heartbeats& operator=(const heartbeats&) = delete;

  // The proof that steps wait for (handlers/action_proof.h): given when AWS shows the instance in the wait, or has
  // accepted a heartbeat, or the event is a minute old and AWS says nothing. A young event is looked up first: a look
  // is shared by fifty hooks, a heartbeat by none.
  std::shared_ptr<latch> begin();
  // The heartbeat that goes before a requeue, whatever the schedule, so that whoever receives the message next has
  // time: that may be long after a stop; after a delay of our choice, at most a quarter of the timeout, the one before
  // may do. Waits a few seconds for the answer. The next one follows half a timeout later.
  task<result<>> part(give_up why);
  bool accepted() const;  // AWS accepted a heartbeat for this token
  std::optional<time_point> last_accepted() const;
  duration timeout() const;  // the hook's, or the shortest while unknown
  // Until AWS's timer of the hook runs out (handlers/hook_timer.h).
  duration left() const;
  std::optional<duration> until_end() const;

  struct failure {
    time_point since;
    error why{};         // of the last; none yet: it has no answer
    unsigned tries = 0;  // that failed
    bool is_late = false;
    bool has_run_out = false;
  };
  const failure* failing() const;  // null: the last one was accepted, or none was due

 private:
  struct sending;
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace lifehook::handlers
