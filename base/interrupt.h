#pragma once

#include "base/async.h"
#include "base/error.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace lifehook {

// "Whichever comes first", the only cancellation there is: work guarded by an interrupt ends at its current wait when the
// interrupt is raised, and the parent that guards it goes on with errc::cancelled and settles. Guards one piece of work at
// a time; raising twice is raising once. Owned by the parent; must outlive the guarded work.
class interrupt {
 public:
  interrupt() = default;
  interrupt(const interrupt&) = delete;
  interrupt& operator=(const interrupt&) = delete;

  void raise() {
    if (raised_) return;
    raised_ = true;
    signal_.emit(asio::cancellation_type::terminal);
  }
  bool raised() const { return raised_; }
  void reset() { raised_ = false; }  // between two pieces of guarded work

  template <class T>
  task<result<T>> guard(task<result<T>> work) {
    if (raised_) co_return error{errc::cancelled, "gave up before it began", {}};
    auto executor = co_await asio::this_coro::executor;
    try {
      auto outcome = asio::co_spawn(executor, std::move(work),
                                    asio::bind_cancellation_slot(signal_.slot(), asio::use_awaitable));
      co_return co_await std::move(outcome);
    } catch (const boost::system::system_error& thrown) {
      if (!raised_ || thrown.code() != asio::error::operation_aborted) throw;
    }
    co_return error{errc::cancelled, "gave up", {}};
  }

 private:
  asio::cancellation_signal signal_;
  bool raised_ = false;
};

}  // namespace lifehook
