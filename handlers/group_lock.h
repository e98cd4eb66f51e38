#pragma once

#include "base/within.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <optional>
#include <string>
#include <utility>

namespace lifehook::handlers {

constexpr duration lock_lasts = std::chrono::seconds(30);      // from when it is asked for
constexpr duration longest_locked = std::chrono::seconds(20);  // well within it: clocks of replicas differ

// A short lock that all replicas honour, and all steps of one event: it is the step's (step_context::owner). Taking it
// waits for its place among those of this process to be the first, then for other replicas, and waits out an
// unreachable state (rule 2); tells by when, in uptime, what is done under it must have ended. One that was answered
// for so late that too little of it is left counts as an outage, and is dropped.
task<result<duration>> take_lock(step_context& in, std::string key, lock_line::place& mine);
task<> drop_lock(step_context& in, std::string key);

// Drops a lock whose work was cut off (its time was over, the worker stops), else others would wait until it runs out:
// some seconds later, when a call that was on its way has arrived.
class lock_guard {
 public:
  lock_guard(step_context& in, std::string key) : in_(in), key_(std::move(key)) {}
  ~lock_guard();
  lock_guard(const lock_guard&) = delete;
  lock_guard& operator=(const lock_guard&) = delete;
  task<> drop();

 private:
  step_context& in_;
  std::string key_;
  bool is_held_ = true;
};

// What changes AWS by what it reads is serialised among all who do: one piece of work at a time for each key. Work that
// takes longer than the lock is safe for is ended. An outage begins it anew, from its reading on: work must find out
// what an earlier try of it did. A lock that a worker leaves behind as it dies, or that was being asked for as its work
// was cut off, runs out by itself.
template <class Work>
auto serialised(step_context& in, std::string key, Work work) -> decltype(work()) {
  const auto doing = "working under the lock " + key;
  for (unsigned attempt = 0;; ++attempt) {
    std::optional<lock_line::place> mine(std::in_place, in.services().locks, key, in.services().tasks.executor());
    const auto ends = co_await take_lock(in, key, *mine);
    if (ends.has_error()) co_return ends.error();
    auto& time = in.services().time;
    lock_guard held(in, key);
    auto done = co_await within(time, *ends - time.uptime(), work());
    co_await held.drop();
    mine.reset();  // others need not wait for an outage of this one's work
    if (done.has_value() || !is_outage(done.error().code())) co_return done;
    co_await in.wait_out(doing, done.error(), attempt);
  }
}

}  // namespace lifehook::handlers
