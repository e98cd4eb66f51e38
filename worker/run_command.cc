#include "base/interrupt.h"
#include "base/line_output.h"
#include "base/metrics.h"
#include "base/process.h"
#include "worker/commands.h"
#include "worker/host.h"
#include "worker/service.h"
#include "worker/status_endpoint.h"
#include "worker/termination.h"
#include "worker/work_burst.h"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>

namespace lifehook::worker {

namespace {

constexpr duration last_flush = std::chrono::milliseconds(250);
constexpr duration settled = std::chrono::seconds(2);  // after the start
constexpr std::size_t much_in_hand = 1000;
constexpr duration between_looks_at_memory = std::chrono::seconds(30);

void complain(const std::string& text) { fmt::print(stderr, "{}\n", text); }

status_sources sources(service& of, surroundings& with) {
  return {[&with] { return with.counts.exposition(); }, [&of] { return of.healthy(); },
          [&of] { return of.not_ready(); }, [&of] { return of.hooks(); }};
}

// What a reader that fell behind has missed, or what could not be written, is counted, and said once it goes on.
void tell_of_dropped_lines(line_output& out, surroundings& with) {
  out.when_room_again([log = with.log](std::uint64_t lost) {
    log.warn("log_lines_dropped",
             {{"count", lost}, {"why", "the worker's output was not read, or could not be written"}});
  });
  with.counts.on_scrape([&out, &with, told = std::uint64_t{0}]() mutable {
    with.counts.log_lines_dropped.add({}, static_cast<double>(out.dropped() - told));
    told = out.dropped();
  });
}

// What the start needed, and what each burst of work needs, is not kept for the next one; nor, while much is in hand,
// what it took to begin with it.
task<> mind_memory(service& worker, clock& time) {
  co_await time.sleep_for(settled);
  for (work_burst burst;;) {
    const auto in_hand = worker.in_hand();
    if (burst.is_over(worker.reset_most_in_hand(), in_hand))
      give_back_memory();
    else if (in_hand >= much_in_hand)
      give_back_freed();
    co_await time.sleep_to_next(between_looks_at_memory);
  }
}

// Works until it is asked to stop; gives the exit code.
task<int> work(service& worker, clock& time, duration stop_timeout, line_output& out, termination& ending) {
  const auto checked = co_await ending.unless_asked(worker.check_queues());
  if (ending.is_asked()) co_return 0;
  if (checked.has_error()) {
    complain(checked.error().what());
    co_return 2;
  }
  worker.start();
  co_await ending.unless_asked(mind_memory(worker, time));
  co_await stop_or_end(worker, stop_timeout, 0, [&out] { out.flush(last_flush); });
  co_return 0;
}

task<> run(config of, bool dry_run, task_group& tasks, termination& ending, int& exit_code) {
  line_output out(STDOUT_FILENO);
  host on(tasks.executor(), of, out.sink());
  const auto region = co_await ending.unless_asked(on.region(of));
  if (ending.is_asked()) co_return ending.done();
  if (region.has_error()) {
    complain(region.error().what());
    exit_code = 2;
    co_return ending.done();
  }
  auto made = on.make_surroundings(of, *region, dry_run);
  if (made.has_error()) {
    complain(made.error().what());
    exit_code = 2;
    co_return ending.done();
  }
  auto& with = *made;
  tell_of_dropped_lines(out, with);
  ending.when_repeated([log = with.log](std::string_view signal) {
    log.info("stopping_already", {{"signal", signal}, {"advice", "it changes nothing; SIGINT twice ends at once"}});
  });
  service worker(tasks.executor(), with, of, *region, dry_run);
  task_group status_tasks(tasks.executor());
  std::unique_ptr<status_endpoint> status;
  try {
    status = std::make_unique<status_endpoint>(status_tasks, of.status_address, of.status_port, sources(worker, with));
  } catch (const boost::system::system_error& failed) {
    complain(fmt::format("status.listen {}:{}: {}", of.status_address, of.status_port, failed.code().message()));
    exit_code = 2;
    co_return ending.done();
  }
  with.log.info("status_endpoint", {{"address", of.status_address}, {"port", status->port()}});
  exit_code = co_await work(worker, with.time, of.stop_timeout, out, ending);
  status->close();
  co_await status_tasks.join();
  ending.done();
}

}  // namespace

int run_command(const std::filesystem::path& config_file, bool dry_run) {
  auto loaded = load_for_work(config_file);
  if (loaded.has_error()) {
    complain(loaded.error().what());
    return 2;
  }
  if (dry_run) loaded = without_new_file(*std::move(loaded));
  asio::io_context io(1);
  termination ending(io.get_executor());
  task_group tasks(io.get_executor());
  int exit_code = 0;
  tasks.spawn(run(std::move(*loaded), dry_run, tasks, ending, exit_code));
  io.run();
  return exit_code;
}

}  // namespace lifehook::worker
