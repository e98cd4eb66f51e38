#include "worker/commands.h"
#include "worker/delivery.h"
#include "worker/host.h"
#include "worker/termination.h"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace lifehook::worker {

namespace {

constexpr std::size_t most_bytes = 1U << 20;  // as SQS allows

// A byte more than there may be, of what may have no end.
std::string read_at_most(std::istream& from) {
  std::string text(most_bytes + 1, '\0');
  from.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(from.gcount()));
  return text;
}

result<std::string> read_message(const std::string& file) {
  std::string text;
  if (file == "-") {
    text = read_at_most(std::cin);
  } else {
    if (std::filesystem::is_directory(file))
      return error{errc::malformed, fmt::format("{}: is a directory, not a message body", file)};
    std::ifstream from(file, std::ios::binary);
    if (!from) return error{errc::malformed, fmt::format("{}: cannot be read: {}", file, std::strerror(errno))};
    text = read_at_most(from);
  }
  if (text.size() > most_bytes)
    return error{errc::malformed, fmt::format("{}: larger than 1 MiB, which SQS does not carry", file)};
  return text;
}

// A dry run leaves every message where it is, whatever it is.
void tell(boost::json::object line, handlers::verdict::kind what, bool dry_run) {
  line["disposition"] = dry_run ? "leave" : name(what);
  if (dry_run) line["dry_run"] = true;
  fmt::print("{}\n", boost::json::serialize(line));
}

// What a queue would say of a message that has just been sent and received for the first time.
handlers::tenure::terms fresh_terms(time_point now) {
  handlers::tenure::terms terms;
  terms.received = terms.sent = terms.first_received = now;
  terms.hold_until = terms.release_by = now + std::chrono::hours(24 * 365);
  terms.may_requeue = false;
  return terms;
}

// The word for how the event ended, or for why it has not.
std::string_view ending_of(const handlers::verdict& ended, const handlers::tenure& kept, bool dry_run) {
  const bool over = ended.what == handlers::verdict::kind::remove;
  if (!over && kept.why() == handlers::give_up::stop) return "stopped";
  return dry_run && kept.list().would_hold() ? "held" : ended.word;
}

task<> attend(handlers::reception& reception, surroundings& with, std::shared_ptr<const handlers::event> event,
              termination& ending, task_group& tasks, bool dry_run, int& exit_code) {
  boost::json::object line{{"event", handlers::name(event->kind)}, {"instance", event->instance}};
  if (!event->group.empty()) line["scaling_group"] = event->group.get();
  if (!event->hook.empty()) line["hook"] = event->hook.get();
  handlers::tenure keeps(fresh_terms(with.time.now()));
  interrupt finished;
  const auto stop_when_asked = [](interrupt& until, termination& asked, handlers::tenure& of) -> task<> {
    const auto was_asked = co_await until.guard(asked.asked());
    if (was_asked.has_value()) of.end(handlers::give_up::stop);
  };
  tasks.spawn(stop_when_asked(finished, ending, keeps));
  const auto ended = co_await reception.receive(event, keeps, with.log);
  finished.raise();
  line["group"] = ended.group;
  const auto outcome = ending_of(ended, keeps, dry_run);
  line["outcome"] = outcome;
  if (!ended.would.empty()) line["would"] = ended.would;
  if (!ended.in_the_wait) line["in_the_wait"] = false;
  if (!ended.why.empty()) {
    line["why"] = ended.why;
    line["would_match"] = handlers::wanted_for(*event, reception.groups());
  }
  tell(std::move(line), ended.what, dry_run);
  const bool settled = dry_run || ended.what == handlers::verdict::kind::remove;
  const bool unfinished = outcome == "stopped" || outcome == "held";
  if (!settled || unfinished || handlers::is_failure(ended.how)) exit_code = 1;
  co_await tasks.join();
}

task<> handle(config of, std::string body, bool dry_run, task_group& tasks, termination& ending, int& exit_code) {
  using kind = handlers::verdict::kind;
  auto parsed = handlers::parse(body);
  if (parsed.has_error()) {
    tell({{"event", "malformed"}, {"outcome", "malformed"}, {"error", parsed.error().what()}}, kind::leave, dry_run);
    exit_code = 1;
    co_return ending.done();
  }
  if (parsed->none) {
    tell({{"event", parsed->none->kind}, {"outcome", "ignored"}}, kind::remove, dry_run);
    co_return ending.done();
  }
  host on(tasks.executor(), of, [](std::string_view line) { fmt::print(stderr, "{}\n", line); });
  const auto region = co_await on.region(of);
  if (region.has_error()) {
    fmt::print(stderr, "{}\n", region.error().what());
    exit_code = 2;
    co_return ending.done();
  }
  auto made = on.make_surroundings(of, *region, dry_run);
  if (made.has_error()) {
    fmt::print(stderr, "{}\n", made.error().what());
    exit_code = 2;
    co_return ending.done();
  }
  auto& with = *made;
  task_group work(tasks.executor());
  wiring parts(with, *region, of, work, dry_run);
  for (auto& event : parsed->events)
    co_await attend(parts.reception, with, std::make_shared<const handlers::event>(std::move(event)), ending, work,
                    dry_run, exit_code);
  ending.done();
}

}  // namespace

int handle_command(const std::filesystem::path& config_file, const std::string& message_file, bool dry_run) {
  auto loaded = load_for_work(config_file);
  if (loaded.has_error()) {
    fmt::print(stderr, "{}\n", loaded.error().what());
    return 2;
  }
  auto body = read_message(message_file);
  if (body.has_error()) {
    fmt::print(stderr, "{}\n", body.error().what());
    return 2;
  }
  if (dry_run) loaded = without_new_file(*std::move(loaded));
  loaded->format = log_format::text;
  loaded->keep_foreign = {};  // there is no queue to put it back to
  asio::io_context io(1);
  termination ending(io.get_executor());
  task_group tasks(io.get_executor());
  int exit_code = 0;
  tasks.spawn(handle(std::move(*loaded), std::move(*body), dry_run, tasks, ending, exit_code));
  io.run();
  return exit_code;
}

}  // namespace lifehook::worker
