#pragma once

#include "base/async.h"

#include <boost/intrusive/set.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace lifehook {

using duration = std::chrono::microseconds;
using time_point = std::chrono::sys_time<duration>;

class alarm;

// One of the program's two seams: all time comes from here, with microseconds. A wall clock that steps changes no wait,
// no age and no deadline. Thousands of waits share one queue and one timer.
// Single-threaded: used on its executor's thread only. Must outlive its alarms; pending sleeps end with it.
class clock {
  struct sleeper;

 public:
  virtual ~clock();
  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;

  // UTC as the machine's clock told it when this one was made, and later by what has passed since: it never steps, and
  // may so be off for good, as the machine's clock may (AWS's is told beside it, with each message).
  virtual time_point now() const = 0;
  // UTC as the machine's clock tells it now, which is set at times: for what other programs read, and keys that expire.
  virtual time_point wall_now() const = 0;
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
  // Until the uptime is a multiple of `every` again: all that recurs so wakes an idle process once.
  task<> sleep_to_next(duration every) { return sleep_for(every - uptime() % every); }

 protected:
  clock() = default;
  virtual duration monotonic() const = 0;
  virtual void earliest_changed() = 0;  // by an alarm set or unset; not by `fire_due`

  std::optional<duration> earliest() const;  // when the next alarm is due, by `monotonic`; nullopt: none is set
  void fire_due();                           // fires all whose time has come, in order
  void drop_all();                           // derived destructors call this first

 private:
  friend class alarm;
  struct sooner {
    bool operator()(const alarm& a, const alarm& b) const;
  };
  void add(alarm& who, duration wait);
  void unset(alarm& who);
  std::function<void()> take(alarm& who);

  // By the clock's own monotonic reading, so that wall steps do not reorder; equals in the order they were set.
  using place = boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>>;
  boost::intrusive::multiset<alarm, boost::intrusive::base_hook<place>, boost::intrusive::compare<sooner>,
                             boost::intrusive::constant_time_size<false>>
      waiting_;
};

// Calls a function once at a time, unless unset or destroyed first. Owned by whoever wants the call; cheap (no
// coroutine, and itself the node of its clock's queue: thousands are set).
class alarm : public clock::place {
 public:
  explicit alarm(clock& time) : clock_(time) {}
  ~alarm() { unset(); }
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;

  void set(duration wait, std::function<void()> call);  // replaces what was set
  void set(time_point when, std::function<void()> call) { set(when - clock_.now(), std::move(call)); }
  void unset();
  bool is_set() const { return is_linked(); }

 private:
  friend class clock;
  clock& clock_;
  duration due_{0};  // by the clock's monotonic reading
  std::function<void()> call_;
};

// The machine's clock on Asio. `speed` > 1 lets time run faster than it does, for the demo and the simulator.
std::unique_ptr<clock> make_real_clock(loop_executor executor, double speed = 1.0);

// A clock that stands still until `jump`: tests run hours in milliseconds.
class virtual_clock final : public clock {
 public:
  explicit virtual_clock(time_point start) : start_(start) {}
  ~virtual_clock() override { drop_all(); }

  time_point now() const override { return start_ + elapsed_; }
  time_point wall_now() const override { return now() + set_by_; }
  bool jump();                                       // to the next alarm and fires it; false when none is set
  void advance(duration by);                         // moves without skipping: fires all due on the way
  void set(time_point to) { set_by_ = to - now(); }  // the machine's, as an administrator does
  void differ(duration by) { start_ += by; }         // as on another machine

 private:
  duration monotonic() const override { return elapsed_; }
  void earliest_changed() override {}

  time_point start_;
  duration elapsed_{0};
  duration set_by_{0};
};

}  // namespace lifehook
