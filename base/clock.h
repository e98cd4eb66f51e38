#pragma once

#include "base/async.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace lifehook {

using duration = std::chrono::microseconds;
using time_point = std::chrono::sys_time<duration>;

class alarm;

// One of the program's two seams: all time comes from here, as UTC wall time with microseconds. Sleeping is by
// duration, so a wall clock that steps never stretches a wait. Thousands of waits share one queue and one timer.
// Single-threaded: used on its executor's thread only. Must outlive its alarms; pending sleeps end with it.
class clock {
  struct sleeper;

 public:
  virtual ~clock();
  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;

  virtual time_point now() const = 0;
  duration uptime() const { return monotonic(); }  // since its making; never steps

  // Ends a sleep before its time: it then completes as if its time had come. Does nothing while none sleeps by it.
  class sleep_handle {
   public:
    void wake();

   private:
    friend class clock;
    std::weak_ptr<sleeper> of_;
  };

  // Completes after `wait`; throws boost::system::system_error(operation_aborted) when cancelled by its slot.
  task<> sleep_for(duration wait, sleep_handle* by = nullptr);
  task<> sleep_until(time_point when);

 protected:
  // What an alarm waits for.
  struct waiter {
    waiter(alarm& who, std::function<void()> then) : owner(&who), call(std::move(then)) {}
    ~waiter();
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    void fire();  // the call may destroy the owner

    alarm* owner;
    std::function<void()> call;
  };
  // Keyed by the clock's own monotonic reading, so that wall steps do not reorder.
  using waiters = std::multimap<duration, waiter>;

  clock() = default;
  virtual duration monotonic() const = 0;
  virtual void earliest_changed() = 0;  // a new earliest waiter was added

  void fire_due();  // fires all whose time has come, in order
  const waiters& pending() const { return waiters_; }
  void drop_all();  // derived destructors call this first

 private:
  friend class alarm;
  waiters::iterator add(duration wait, alarm& who, std::function<void()> call);
  void remove(waiters::iterator entry);

  waiters waiters_;
};

// Calls a function once at a time, unless unset or destroyed first. Owned by whoever wants the call; cheap (no
// coroutine).
class alarm {
 public:
  explicit alarm(clock& time) : clock_(time) {}
  ~alarm() { unset(); }
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;

  void set(duration wait, std::function<void()> call);  // replaces what was set
  void set(time_point when, std::function<void()> call) { set(when - clock_.now(), std::move(call)); }
  void unset();
  bool is_set() const { return set_; }

 private:
  friend class clock;
  clock& clock_;
  clock::waiters::iterator place_;
  bool set_ = false;
};

// The machine's clock on Asio. `speed` > 1 lets time run faster than it does, for the demo and the simulator.
std::unique_ptr<clock> make_real_clock(loop_executor executor, double speed = 1.0);

// A clock that stands still until `jump`: tests run hours in milliseconds.
class virtual_clock final : public clock {
 public:
  explicit virtual_clock(time_point start) : start_(start) {}
  ~virtual_clock() override { drop_all(); }

  time_point now() const override { return start_ + elapsed_; }
  bool jump();                                         // to the next waiter and fires it; false when nobody waits
  void advance(duration by);                           // moves without skipping: fires all due on the way
  void set(time_point to) { start_ = to - elapsed_; }  // as an administrator does: nobody's wait changes

 private:
  duration monotonic() const override { return elapsed_; }
  void earliest_changed() override {}

  time_point start_;
  duration elapsed_{0};
};

}  // namespace lifehook
