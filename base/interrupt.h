#pragma once

#include "base/async.h"
#include "base/error.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace lifehook {

// "Whichever comes first", the only cancellation there is: work guarded by an interrupt ends at its current wait when
// the interrupt is raised, and the parent that guards it goes on with errc::cancelled and settles. Guards one piece of
// work at a time; raising twice is raising once. Guards nest: the outermost ends all. Owned by the parent; must outlive
// the work. One that a task was spawned with (task_group::spawn) guards on that task alone, and does so without a
// coroutine thread of its own: where thousands wait, that is a tenth of their memory.
class interrupt {
 public:
  interrupt() = default;
  interrupt(const interrupt&) = delete;
  interrupt& operator=(const interrupt&) = delete;

  void raise() {
    if (raised_) return;
    raised_ = true;
    if (!is_home_ || guards_) signal_.emit(asio::cancellation_type::terminal);
  }
  bool raised() const { return raised_; }
  void reset() { raised_ = false; }  // between two pieces of guarded work

  template <class T>
  task<result<T>> guard(task<result<T>> work) {
    return is_home_ ? guard_here(std::move(work)) : guard_apart(std::move(work));
  }

  // The slot of the task this interrupt is to guard on.
  asio::cancellation_slot make_home() {
    is_home_ = true;
    return signal_.slot();
  }

 private:
  template <class T>
  task<result<T>> guard_here(task<result<T>> work) {
    if (raised_) co_return given_up();
    std::optional<result<T>> ended;
    {
      const guarding until_it_ends(guards_);
      try {
        ended.emplace(co_await std::move(work));
      } catch (const boost::system::system_error& thrown) {
        if (!raised_ || thrown.code() != asio::error::operation_aborted) throw;
      }
    }
    if (raised_) co_await asio::this_coro::reset_cancellation_state();
    if (ended) co_return std::move(*ended);
    co_return given_up();
  }

  template <class T>
  task<result<T>> guard_apart(task<result<T>> work) {
    if (raised_) co_return given_up();
    auto executor = co_await asio::this_coro::executor;
    const auto around = co_await asio::this_coro::cancellation_state;
    const relay passes_on(around.slot(), signal_);
    auto running = asio::co_spawn(executor, contain(std::move(work)),
                                  asio::bind_cancellation_slot(signal_.slot(), asio::use_awaitable));
    co_return co_await std::move(running);
  }

  class guarding {
   public:
    explicit guarding(bool& of) : of_(of) { of_ = true; }
    ~guarding() { of_ = false; }
    guarding(const guarding&) = delete;
    guarding& operator=(const guarding&) = delete;

   private:
    bool& of_;
  };

  // The work's wait listens to our signal alone: what is raised by a guard around this one is passed on to it.
  class relay {
   public:
    relay(asio::cancellation_slot from, asio::cancellation_signal& to) : from_(from) {
      if (from_.is_connected()) from_.assign([&to](asio::cancellation_type type) { to.emit(type); });
    }
    ~relay() {
      if (from_.is_connected()) from_.clear();
    }
    relay(const relay&) = delete;
    relay& operator=(const relay&) = delete;

   private:
    asio::cancellation_slot from_;
  };

  static error given_up() { return {errc::cancelled, "gave up", {}}; }

  // Cancelled work must not leave its cancellation behind: Asio's spawn entry point itself awaits once more when the
  // work ended before its first wait, and would throw there, where nobody catches.
  template <class T>
  task<result<T>> contain(task<result<T>> work) {
    std::exception_ptr bug;
    std::optional<result<T>> ended;
    try {
      ended.emplace(co_await std::move(work));
    } catch (const boost::system::system_error& thrown) {
      if (!raised_ || thrown.code() != asio::error::operation_aborted) bug = std::current_exception();
    } catch (...) {
      bug = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (bug) std::rethrow_exception(bug);
    if (ended) co_return std::move(*ended);
    co_return given_up();
  }

  asio::cancellation_signal signal_;
  bool raised_ = false;
  bool is_home_ = false;
  bool guards_ = false;
};

}  // namespace lifehook
