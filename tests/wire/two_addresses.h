#pragma once

#include "aws/curl_loop.h"
#include "tests/wire/black_hole.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace lifehook::aws {

inline const asio::ip::address_v4 second_address({127, 0, 0, 2});

struct tried {
  std::optional<CURLcode> how;
  std::chrono::steady_clock::duration took;
};

// Connects to a name with two addresses, 127.0.0.1 and second_address, within four seconds; two are for the first.
inline tried connect_to_both(asio::io_context& io, const char* scheme, unsigned port) {
  const auto time = make_real_clock(io.get_executor());
  const auto loop = std::make_shared<curl_loop>(*time, io.get_executor());
  const auto addresses = fmt::format("two.test:{}:127.0.0.1,{}", port, second_address.to_string());
  auto* const names = curl_slist_append(nullptr, addresses.c_str());
  CURL* const handle = curl_easy_init();
  curl_easy_setopt(handle, CURLOPT_URL, fmt::format("{}://two.test:{}", scheme, port).c_str());
  curl_easy_setopt(handle, CURLOPT_RESOLVE, names);
  curl_easy_setopt(handle, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, 4000L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
  tried all{};

  EXPECT_TRUE(loop->add(handle, [&](CURLcode ended) { all.how = ended; }));
  const auto began = std::chrono::steady_clock::now();
  while (!all.how && io.run_one_for(std::chrono::seconds(20)) > 0) {
  }
  all.took = std::chrono::steady_clock::now() - began;

  loop->remove(handle);
  curl_easy_cleanup(handle);
  curl_slist_free_all(names);
  return all;
}

}  // namespace lifehook::aws
