#include "simulator/port.h"
#include "simulator/world.h"
#include "worker/commands.h"
#include "worker/termination.h"

#include "base/task_group.h"

#include <fmt/format.h>

#include <cstdio>

namespace lifehook::worker {

namespace {

task<> serve(const simulate_options& with, asio::any_io_executor executor, termination& ending) {
  const auto time = make_real_clock(executor, with.speed);
  simulator::world_settings settings;
  settings.seed = with.seed;
  settings.limits = with.limits;
  simulator::world world(executor, *time, settings);
  simulator::port listening(executor, world, with.address, with.port);
  fmt::print("listening on http://{}:{}\n", with.address, listening.number());
  fmt::print("AWS in memory: SQS, Auto Scaling, ECS, STS; region {}, account {}, any credentials, clock x{}\n",
             settings.owner.region, settings.owner.id, with.speed);
  fmt::print("use it with: AWS_ENDPOINT_URL=http://{}:{}\n", with.address, listening.number());
  std::fflush(stdout);
  co_await ending.asked();
  listening.close();
  ending.done();
}

}  // namespace

int simulate_command(const simulate_options& with) {
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
