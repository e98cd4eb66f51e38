// The floor again, through lifehook's own transport: what libcurl costs, with nothing else beside it. Same lanes, same
// calls as floor.cc; an answer comes as the transport hands it over.
#include "aws/curl_transport.h"
#include "aws/sigv4.h"
#include "base/task_group.h"
#include "bench/floor_calls.h"
#include "bench/hook_names.h"
#include "bench/options.h"

#include <boost/asio/co_spawn.hpp>

#include <deque>

namespace lifehook::bench {

namespace {

constexpr std::string_view usage =
    "usage: bench_floor_transport --port PORT [--batch 1] [--lanes 16]\n"
    "  As bench_floor, but by the transport lifehook uses. Runs until it is ended.\n";

constexpr unsigned long_poll = 20;

struct shared_client {
  aws::http_transport& wire;
  std::string url;
  std::size_t batch;
  aws::signer signing{};
  aws::credentials keys{
      .access_key_id = "AKIDFLOOR", .secret_access_key = "secret", .session_token = {}, .expires = {}};

  aws::http_request ready(const planned_call& call, unsigned wait_seconds) {
    auto request = unsigned_request(call, url, wait_seconds);
    const auto now = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
    signing.sign(request, keys, {now, region, signing_name(call.what)});
    return request;
  }
};

task<> lane(shared_client& with) {
  std::vector<unsigned> hooks;  // received, and not planned for yet
  std::deque<planned_call> calls{{floor_call::receive, {}}};
  for (;;) {
    const auto answer = co_await with.wire.send(with.ready(calls.front(), hooks.empty() ? long_poll : 0));
    if (answer.has_error()) throw std::runtime_error(answer.error().what());
    const bool received = calls.front().what == floor_call::receive;
    calls.pop_front();
    if (received) {
      const auto messages = hooks_received(answer->body);
      hooks.insert(hooks.end(), messages.begin(), messages.end());
      if (hooks.size() >= with.batch || messages.empty()) {
        for (auto& call : plan_for(hooks, with.batch)) calls.push_back(std::move(call));
        hooks.clear();
      }
    }
    if (calls.empty()) calls.push_back({floor_call::receive, {}});
  }
}

void run(std::span<char* const> arguments) {
  asio::io_context io(1);
  const auto time = make_real_clock(io.get_executor());
  const auto wire = aws::make_curl_transport(*time, io.get_executor(), {});
  const auto port = static_cast<unsigned short>(option(arguments, "--port", 0));
  shared_client with{.wire = *wire,
                     .url = "http://127.0.0.1:" + std::to_string(port),
                     .batch = static_cast<std::size_t>(option(arguments, "--batch", 1))};
  for (auto n = static_cast<int>(option(arguments, "--lanes", 16)); n > 0; --n)
    asio::co_spawn(io, lane(with), [](const std::exception_ptr& failed) {
      if (failed) std::rethrow_exception(failed);
    });
  io.run();
}

}  // namespace

}  // namespace lifehook::bench

int main(int count, char** values) {
  using namespace lifehook::bench;
  return run_program("bench_floor_transport", usage, {values, static_cast<std::size_t>(count)}, run);
}
