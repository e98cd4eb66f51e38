#pragma once

#include "base/async.h"
#include "base/error.h"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace lifehook {

// "Whichever comes first", the only cancellation there is: work guarded by an interrupt ends at its current wait when
// the interrupt is raised, and the parent that guards it goes on with errc::cancelled and settles; of plain work, which
// has no error of its own, that is the only one. Guards one piece of work at a time; raising twice is raising once.
// Guards nest: the outermost ends all. Owned by the parent; must outlive the work. One that a task was spawned with
// (task_group::spawn) guards on that task alone, and does so without a coroutine thread of its own: where thousands
// wait, that is a tenth of their memory.
class interrupt {
 public:
  interrupt() = default;
  interrupt(const interrupt&) = delete;
  interrupt& operator=(const interrupt&) = delete;

  void raise() {
    if (raised_) return;
    raised_ = true;
    if (guards_) signal_.emit(asio::cancellation_type::terminal);  // else nobody is there to hear it
  }
  bool raised() const { return raised_; }
  void reset() { raised_ = false; }  // between two pieces of guarded work

  template <class Answer>
  task<or_error<Answer>> guard(task<Answer> work) {
    return is_home_ ? guard_here(std::move(work)) : guard_apart(std::move(work));
  }

  // The slot of the task this interrupt is to guard on.
  asio::cancellation_slot make_home() {
    is_home_ = true;
    return signal_.slot();
  }
  // That task has ended: what was kept to reach it is let go.
  void leave_home() { signal_.slot().clear(); }

 private:
  template <class Answer>
  task<or_error<Answer>> guard_here(task<Answer> work) {
    if (raised_) co_return given_up();
    std::optional<or_error<Answer>> ended;
    {
      const guarding until_it_ends(guards_);
      try {
        if constexpr (std::is_void_v<Answer>) {
          co_await std::move(work);
          ended.emplace();
        } else {
          ended.emplace(co_await std::move(work));
        }
      } catch (const boost::system::system_error& thrown) {
        if (!raised_ || thrown.code() != asio::error::operation_aborted) throw;
      }
    }
    if (raised_) co_await asio::this_coro::reset_cancellation_state();
    if (ended) co_return std::move(*ended);
    co_return given_up();
  }

  template <class Answer>
  task<or_error<Answer>> guard_apart(task<Answer> work) {
    if (raised_) co_return given_up();
    std::optional<or_error<Answer>> ended;
    {
      const guarding until_it_ends(guards_);
      co_await run_apart(keep(std::move(work), ended));
    }
    if (ended) co_return std::move(*ended);
    co_return given_up();
  }

  template <class Answer>
  static task<> keep(task<Answer> work, std::optional<or_error<Answer>>& ended) {
    if constexpr (std::is_void_v<Answer>) {
      co_await std::move(work);
      ended.emplace();
    } else {
      ended.emplace(co_await std::move(work));
    }
  }

  // In a coroutine thread of its own; returns when it has ended, or has been given up at its current wait.
  task<> run_apart(task<> work);
  task<> contain(task<> work);
  static error given_up();

  class guarding {
   public:
    explicit guarding(bool& of) : of_(of) { of_ = true; }
    ~guarding() { of_ = false; }
    guarding(const guarding&) = delete;
    guarding& operator=(const guarding&) = delete;

   private:
    bool& of_;
  };

  asio::cancellation_signal signal_;
  bool raised_ = false;
  bool is_home_ = false;
  bool guards_ = false;
};

}  // namespace lifehook
