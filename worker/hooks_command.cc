#include "aws/curl_transport.h"
#include "aws/environment.h"
#include "base/task_group.h"
#include "worker/commands.h"
#include "worker/config.h"
#include "worker/hooks_table.h"
#include "worker/status_place.h"
#include "worker/termination.h"

#include <fmt/format.h>

#include <cstdio>

namespace lifehook::worker {

namespace {

constexpr auto patience = std::chrono::seconds(10);
constexpr std::size_t largest_page = 64U << 20;

result<std::string> place_of(const hooks_options& asked) {
  if (!asked.status.empty()) return status_place(asked.status);
  if (asked.config.empty()) return status_place(default_status_place);
  const auto loaded = load_config(asked.config, aws::process_environment());
  if (loaded.has_error()) return loaded.error();
  return status_place_of(*loaded);
}

task<result<std::string>> ask(std::string place, loop_executor executor) {
  aws::curl_settings direct;  // a worker is asked without a proxy
  direct.user_agent = "lifehook-hooks";
  const auto time = make_real_clock(executor);
  const auto wire = aws::make_curl_transport(*time, executor, std::move(direct));
  aws::http_request request;
  request.method = "GET";
  request.url = fmt::format("http://{}/hooks", place);
  request.timeout = patience;
  request.max_body = largest_page;
  const auto answer = co_await wire->send(std::move(request));
  if (answer.has_error())
    co_return error{errc::unreachable, fmt::format("no worker answers at {}: {}\nIt answers where status.listen says, "
                                                   "once it runs; say where with -c FILE or --status HOST:PORT",
                                                   place, answer.error().what())};
  if (answer->status != 200)
    co_return error{errc::rejected,
                    fmt::format("{} answers {} to /hooks: it is no worker of this version", place, answer->status)};
  co_return answer->body;
}

task<> tell(std::string place, bool as_json, loop_executor executor, termination& ending, int& exit_code) {
  const auto page = co_await ending.unless_asked(ask(std::move(place), executor));
  ending.done();
  const auto text = page.has_error() || as_json ? page : hooks_table(*page);
  if (text.has_value()) {
    fmt::print("{}", *text);
    exit_code = 0;
  } else if (text.error().code() != errc::cancelled) {
    fmt::print(stderr, "{}\n", text.error().what());
  }
}

}  // namespace

int hooks_command(const hooks_options& with) {
  auto place = place_of(with);
  if (place.has_error()) {
    fmt::print(stderr, "{}\n", place.error().what());
    return 2;
  }
  asio::io_context io(1);
  termination ending(io.get_executor());
  task_group tasks(io.get_executor());
  int exit_code = 1;
  tasks.spawn(tell(*std::move(place), with.json, io.get_executor(), ending, exit_code));
  io.run();
  return exit_code;
}

}  // namespace lifehook::worker
