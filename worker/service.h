#pragma once

#include "queues/queue.h"
#include "worker/budget_watch.h"
#include "worker/delivery.h"
#include "worker/orphan_watch.h"
#include "worker/wiring.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::worker {

// The worker: its queues, the delivery, and what they stand on. Started once, stopped once.
class service {
 public:
  service(loop_executor executor, surroundings with, config of, std::string region, bool dry_run);
  ~service();

  // Reads every queue's attributes: warns, or refuses (errc::rejected, `what` says which queue and what to change).
  task<result<>> check_queues();
  void start();

  // Stops in three steps, all within `limit`: no new messages; a grace for work to finish; then everything in hand is
  // given back with a heartbeat, flushed and joined. False when something did not end in time, such as a look that AWS
  // answers late and no message waits for: it cannot be unwound safely (stop_or_end). What SQS would not take back has
  // ended; "stopped" tells how much was left behind.
  task<bool> stop(duration limit);

  // Empty when ready; else what does not answer and why, as it was last found: "queue lifecycle: SQS ReceiveMessage:
  // ...". Never waits.
  std::vector<std::string> not_ready() const;
  bool healthy() const;
  // What is in hand, as JSON (worker/hooks_page.h).
  std::string hooks() const;
  std::size_t in_hand() const;
  std::size_t reset_most_in_hand();  // of each queue at once, since it was asked last

 private:
  task<result<>> check_queue(queues::queue& of);
  void watch(task<> work);
  void warn_of_hooks_left_open();
  task<> watch_credentials();
  task<> watch_state();
  task<> claim_state();
  task<> watch_clock();
  task<> watch_upkeep();
  task<> tell_identity();
  std::size_t left_behind() const;
  task<> wait_until_empty();
  task<> wait_until_over();

  surroundings with_;
  config config_;
  bool dry_run_;
  task_group tasks_;
  wiring wiring_;
  budget_watch budget_;
  std::vector<std::unique_ptr<queues::queue>> queues_;
  delivery delivery_;
  orphan_watch orphans_;
  std::deque<interrupt> watches_;         // of what goes on until the worker stops
  result<> credentials_;                  // of the last check
  result<> state_;                        // of the last probe
  std::optional<duration> state_shared_;  // since when another worker has the state's file, in uptime
  seldom sharing_warning_{std::chrono::hours(1)};
};

}  // namespace lifehook::worker
