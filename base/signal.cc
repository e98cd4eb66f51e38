#include "base/signal.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace lifehook {

task<> signal::wait() {
  const auto before = wakes_;
  co_await timer_.async_wait(asio::as_tuple(use_awaitable));
  if (wakes_ == before) throw boost::system::system_error(asio::error::operation_aborted);
}

task<> latch::wait() {
  while (!set_) co_await changed_.wait();
}

}  // namespace lifehook
