#pragma once

#include "aws/curl_transport.h"
#include "base/interrupt.h"
#include "base/task_group.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace lifehook::aws {

// A busy machine may stop a test for seconds in the midst of a connect.
inline curl_settings patient(curl_settings with = {}) {
  with.connect_timeout = std::chrono::minutes(1);
  return with;
}

// One executor with a curl transport on it. Requests are started, then waited for by running the executor.
struct wire_stage {
  using outcome = std::optional<result<http_response>>;

  asio::io_context io{1};
  std::unique_ptr<clock> time = make_real_clock(io.get_executor());
  task_group group{io.get_executor()};
  std::unique_ptr<http_transport> wire;

  explicit wire_stage(curl_settings with = patient()) { use(std::move(with)); }
  ~wire_stage() { wire.reset(); }

  void use(curl_settings with) { wire = make_curl_transport(*time, io.get_executor(), std::move(with)); }

  std::shared_ptr<outcome> start(http_request request) {
    auto answer = std::make_shared<outcome>();
    group.spawn(keep(*wire, std::move(request), answer));
    return answer;
  }
  result<http_response> fetch(http_request request) {
    const auto answer = start(std::move(request));
    run_until([&] { return answer->has_value(); });
    if (!*answer) return error{errc::internal, "the test hangs"};
    return **answer;
  }
  // A limit on real time ends a test that hangs; nothing here waits for it.
  bool run_until(const std::function<bool()>& reached) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!reached() && std::chrono::steady_clock::now() < limit) io.run_one_for(std::chrono::seconds(1));
    EXPECT_TRUE(reached());
    return reached();
  }

 private:
  static task<> keep(http_transport& wire, http_request request, std::shared_ptr<outcome> answer) {
    answer->emplace(co_await wire.send(std::move(request)));
  }
};

inline http_request get(std::string url) { return {.method = "GET", .url = std::move(url), .headers = {}, .body = {}}; }

}  // namespace lifehook::aws
