#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace lifehook {

namespace asio = boost::asio;

template <class T = void>
using task = asio::awaitable<T>;

}  // namespace lifehook
