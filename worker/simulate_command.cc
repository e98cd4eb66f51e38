#include "simulator/port.h"
#include "simulator/world.h"
#include "worker/commands.h"
#include "worker/termination.h"

#include "base/task_group.h"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

#include <cstdio>
#include <optional>

namespace lifehook::worker {

namespace {

// Nothing when it is none: what to listen on should not depend on DNS.
std::optional<std::string> numeric_address(const std::string& text) {
  if (text == "localhost") return "127.0.0.1";
  boost::system::error_code failed;
  const auto address = asio::ip::make_address(text, failed);
  return failed ? std::nullopt : std::optional(address.to_string());
}

// As it stands in a URL.
std::string in_url(const std::string& address) {
  return address.find(':') == address.npos ? address : fmt::format("[{}]", address);
}

task<> serve(const simulate_options& with, loop_executor executor, termination& ending) {
  const auto time = make_real_clock(executor, with.speed);
  simulator::world_settings settings;
  settings.seed = with.seed;
  settings.limits = with.limits;
  simulator::world world(executor, *time, settings);
  simulator::port listening(executor, world, with.address, with.port);
  const auto url = fmt::format("http://{}:{}", in_url(with.address), listening.number());
  fmt::print("listening on {}\n", url);
  fmt::print(
      "AWS in memory: SQS, Auto Scaling, ECS, EC2, ELBv2, DynamoDB, SSM, SNS, STS; region {}, account {}, any "
      "credentials, "
      "clock x{}\n",
      settings.owner.region, settings.owner.id, with.speed);
  fmt::print("use it with: AWS_ENDPOINT_URL={} AWS_REGION={} AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any\n", url,
             settings.owner.region);
  if (with.speed > 1)
    fmt::print("a worker's clock does not run x{0}: here its messages and hooks run out {0} times sooner\n",
               with.speed);
  std::fflush(stdout);
  co_await ending.asked();
  listening.close();
  ending.done();
}

}  // namespace

int simulate_command(const simulate_options& asked) {
  const auto address = numeric_address(asked.address);
  if (!address) {
    fmt::print(stderr, "--address {}: expected an IP address such as 127.0.0.1 or 0.0.0.0, or localhost\n",
               asked.address);
    return 2;
  }
  auto with = asked;
  with.address = *address;
  asio::io_context io(1);
  termination ending(io.get_executor());
  task_group tasks(io.get_executor());
  tasks.spawn(serve(with, io.get_executor(), ending));
  try {
    io.run();
  } catch (const boost::system::system_error& failed) {
    fmt::print(stderr, "cannot listen on {}:{}: {}\n", with.address, with.port, failed.code().message());
    return 1;
  }
  return 0;
}

}  // namespace lifehook::worker
