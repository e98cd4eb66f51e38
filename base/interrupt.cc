#include "base/interrupt.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace lifehook {

namespace {

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

}  // namespace

error interrupt::given_up() { return {errc::cancelled, "gave up", {}}; }

task<> interrupt::run_apart(task<> work) {
  auto executor = co_await asio::this_coro::executor;
  const auto around = co_await asio::this_coro::cancellation_state;
  const relay passes_on(around.slot(), signal_);
  co_await asio::co_spawn(executor, contain(std::move(work)),
                          asio::bind_cancellation_slot(signal_.slot(), use_awaitable));
}

// Cancelled work must not leave its cancellation behind: Asio's spawn entry point itself awaits once more when the work
// ended before its first wait, and would throw there, where nobody catches.
task<> interrupt::contain(task<> work) {
  std::exception_ptr bug;
  try {
    co_await std::move(work);
  } catch (const boost::system::system_error& thrown) {
    if (!raised_ || thrown.code() != asio::error::operation_aborted) bug = std::current_exception();
  } catch (...) {
    bug = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (bug) std::rethrow_exception(bug);
}

}  // namespace lifehook
