#include "handlers/rerun_task.h"

#include "base/seldom.h"
#include "base/time_text.h"
#include "handlers/rerun_reason.h"
#include "handlers/services.h"
#include "handlers/step.h"
#include "handlers/task_network.h"
#include "handlers/task_tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration look_again = 3s;
constexpr duration longest_backoff = 10min;
constexpr duration until_capacity = 1s;       // at least: the budget of calls is shared with the drains
constexpr duration network_lasts = 24h * 30;  // longer than most standalone tasks run
constexpr duration stopped_lasts = 2h;        // ECS tells of a stopped task for an hour at least: then none runs again
constexpr duration until_heard_again = 10min;
constexpr duration between_warnings = 1h;

struct rerun_settings {
  rerun_on on = rerun_on::interruption;
  std::int64_t attempts = 3;
  duration backoff = 3s;
  double factor = 1.5;

  duration before(std::int64_t attempt) const {
    const auto grown =
        std::chrono::duration<double>(backoff).count() * std::pow(factor, static_cast<double>(attempt - 1));
    return std::min(longest_backoff,
                    std::chrono::duration_cast<duration>(std::chrono::duration<double>(std::min(grown, 3600.0))));
  }
};

rerun_settings read(const settings& with) {
  rerun_settings read;
  if (with.get_or<std::string>("on", "interruption") == "failure") read.on = rerun_on::failure;
  read.attempts = with.get_or("attempts", read.attempts);
  read.backoff = with.get_or("backoff", read.backoff);
  read.factor = with.get_or("factor", read.factor);
  return read;
}

using found_task = std::optional<aws::whole_task>;

class rerun_task final : public step {
 public:
  explicit rerun_task(rerun_settings with) : settings_(with) {}

  task<result<outcome>> run(step_context& in) override {
    if (in.about().is_service_task()) co_return outcome::skipped;
    if (in.about().kind == event_kind::task_running) co_return co_await hear(in);
    auto ended = co_await rerun(in);
    co_await let_network_go(in);
    co_return ended;
  }

 private:
  // A task that begins to run needs nothing yet, and there may be thousands: what does not answer is asked again from
  // the queue, so that none of them takes a hook's place in hand. One that may not go back there goes without its note.
  task<result<outcome>> hear(step_context& in) {
    for (const bool is_last : {false, true}) {
      const auto noted = co_await describe_and_note(in);
      if (noted.has_value() || !is_outage(noted.error().code()) || in.dry_run()) co_return noted;
      in.log().error("network_not_noted", {{"error", noted.error().what()}});
      if (is_last) co_return outcome::skipped;
      if (const auto rested = co_await in.pause_in_queue(until_heard_again); rested.has_error())
        co_return rested.error();
    }
    co_return outcome::skipped;
  }

  task<result<outcome>> describe_and_note(step_context& in) {
    const auto found = co_await in.services().runner[in.haste()].describe(in.about().cluster_arn, in.about().task_arn);
    if (found.has_error()) co_return found.error();
    if (!*found) co_return outcome::gone;
    if (const auto noted = co_await note_network(in, **found); noted.has_error()) co_return noted.error();
    co_return outcome::done;
  }

  task<result<outcome>> rerun(step_context& in) {
    auto found = co_await describe(in);
    if (found.has_error()) co_return std::move(found).error();
    if (!*found) {
      in.log().warn("task_gone", {{"why", "ECS does not know it any more"}});
      co_return outcome::gone;
    }
    if (const auto noted = co_await in.ask("noting the task's network", [&] { return note_network(in, **found); });
        noted.has_error())
      co_return noted.error();
    auto stopped = co_await wait_until_stopped(in, std::move(**found));
    if (stopped.has_error()) co_return std::move(stopped).error();
    if (!*stopped) co_return outcome::gone;
    co_return co_await run_again(in, std::move(**stopped));
  }

  static task<result<found_task>> describe(step_context& in) {
    return in.ask("describing the task", [&] {
      return in.services().runner[in.haste()].describe(in.about().cluster_arn, in.about().task_arn);
    });
  }

  // Nothing outside awsvpc, or when the interface is gone already.
  task<result<>> note_network(step_context& in, const aws::whole_task& of) {
    if (of.interface_id.empty() || of.last_status == "STOPPED" || in.dry_run()) co_return result<>();
    const auto found = co_await in.services().ec2[in.haste()].interface_of(of.interface_id);
    if (found.has_error()) co_return found.error();
    if (!*found) co_return result<>();
    const auto text =
        to_text(aws::task_network{{(*found)->subnet}, (*found)->security_groups, (*found)->has_public_address});
    const auto forgot = co_await in.services().state.write_spare_note(network_key(of.arn), text, network_lasts);
    if (forgot.has_error()) co_return forgot.error();
    if (*forgot) warn_of_forgotten(in);
    co_return result<>();
  }

  void warn_of_forgotten(step_context& in) {
    if (!forgotten_warning_.is_due(in.services().time.uptime())) return;
    in.log().warn("networks_forgotten",
                  {{"why", "the state in memory has no room for the networks of all tasks that run"},
                   {"advice", "write state: {backend: sqlite, path: FILE} or {backend: dynamodb, table: NAME}"}});
  }

  // The first to make room from now on, but there for a message that comes again. Left as it is where the state does
  // not answer.
  static task<> let_network_go(step_context& in) {
    if (in.dry_run()) co_return;
    const auto key = network_key(in.about().task_arn);
    const auto note = co_await in.services().state.note(key);
    if (note.has_error() || !*note) co_return;
    co_await in.services().state.write_spare_note(key, **note, stopped_lasts);
  }

  static task<result<found_task>> wait_until_stopped(step_context& in, aws::whole_task now) {
    found_task found(std::move(now));
    while (found && found->last_status != "STOPPED" && !in.dry_run()) {
      in.waits_for("the task has not stopped yet");
      if (const auto paused = co_await in.pause_or_requeue(look_again); paused.has_error()) co_return paused.error();
      auto seen = co_await describe(in);
      if (seen.has_error()) co_return seen;
      found = std::move(*seen);
    }
    co_return found;
  }

  task<result<outcome>> run_again(step_context& in, aws::whole_task stopped) {
    const auto essential = co_await in.ask("reading its task definition", [&] {
      return in.services().runner[in.haste()].essential_containers(stopped.definition_arn);
    });
    if (essential.has_error() && essential.error().code() != errc::not_found) co_return essential.error();
    const auto decided = rerun_of(stopped, essential.has_value() ? *essential : std::vector<std::string>(),
                                  settings_.on, in.about().kind == event_kind::task_interruption);
    if (is_stopped_by_drain(stopped)) {
      const auto tags =
          co_await in.ask("reading the task's tags", [&] { return in.services().state.note(tags_key(stopped.arn)); });
      if (tags.has_error()) co_return tags.error();
      if (*tags) add_tags(stopped, **tags);
    }
    const auto attempt = next_attempt(stopped);
    in.log().info(!decided.again ? "not_run_again"
                  : in.dry_run() ? "would_run_again"
                                 : "running_again",
                  {{"why", decided.why}, {"stop_code", stopped.stop_code}, {"attempt", attempt}});
    if (!decided.again) co_return outcome::skipped;
    if (attempt > settings_.attempts) {
      in.log().warn("attempts_used_up", {{"attempts", settings_.attempts}});
      co_return outcome::at_max;
    }
    if (in.dry_run()) co_return outcome::done;
    auto network = co_await network_of(in, stopped);
    if (network.has_error()) co_return std::move(network).error();
    if (const auto waited = co_await back_off(in, stopped, attempt); waited.has_error()) co_return waited.error();
    co_return co_await request(in, request_of(stopped, in.about().cluster_arn, std::move(*network)));
  }

  // Counted from the task's stop, as AWS tells it: a message that goes back to the queue meanwhile does not wait anew.
  task<result<>> back_off(step_context& in, const aws::whole_task& stopped, std::int64_t attempt) {
    const auto wait = settings_.before(attempt);
    if (!stopped.stopped_at) co_return co_await in.pause_in_hand(wait);
    const auto left = std::min(wait, in.by_our_clock(*stopped.stopped_at) + wait - in.now());
    if (left <= 0s) co_return result<>();
    in.waits_for("its backoff");
    co_return co_await in.pause_or_requeue(left);
  }

  static task<result<std::optional<aws::task_network>>> network_of(step_context& in, const aws::whole_task& stopped) {
    const auto note = co_await in.ask("reading the task's network",
                                      [&] { return in.services().state.note(network_key(stopped.arn)); });
    if (note.has_error()) co_return note.error();
    auto known = *note ? read_task_network(**note) : std::nullopt;
    if (!known && !stopped.subnet.empty())
      co_return error{errc::rejected,
                      "the security groups of the task are not known: its network interface was gone before lifehook "
                      "heard of the task; send ECS Task State Change events of RUNNING tasks to the queue too"};
    co_return known;
  }

  // Capacity may come back: asked again with the same token, which runs one task.
  task<result<outcome>> request(step_context& in, aws::run_request what) {
    for (std::int64_t attempt = 1;; ++attempt) {
      const auto ran =
          co_await in.ask("running the task again", [&] { return in.services().runner[in.haste()].run(what); });
      if (ran.has_error() && aws::is_token_used(ran.error())) {
        in.log().info("already_run_again", {{"error", ran.error().what()}});
        co_return outcome::done;
      }
      if (ran.has_error()) co_return ran.error();
      if (!ran->arns.empty()) {
        in.log().info("task_run_again", {{"new_task", ran->arns.front()}});
        co_return outcome::done;
      }
      const auto why = ran->failures.empty() ? std::string("ECS gave no reason") : ran->failures.front();
      in.stuck(outcome::no_capacity, why, in.now());
      in.log().warn("no_capacity", {{"why", why}, {"tries", attempt}});
      if (const auto paused = co_await in.pause_or_requeue(std::max(settings_.before(attempt), until_capacity));
          paused.has_error())
        co_return paused.error();
    }
  }

  rerun_settings settings_;
  seldom forgotten_warning_{between_warnings};
};

std::string contradiction(const settings& with) {
  const auto of = read(with);
  if (of.attempts < 1 || of.attempts > 100) return "attempts must be between 1 and 100";
  if (of.factor < 1) return "factor must be at least 1: waits do not get shorter";
  return {};
}

std::unique_ptr<step> make(const settings& with, step_services&) { return std::make_unique<rerun_task>(read(with)); }

std::string describe(const settings& with) {
  const auto of = read(with);
  return fmt::format("after {}, at most {} times, waits {} x {}",
                     of.on == rerun_on::failure ? "a failure or an interruption" : "an interruption", of.attempts,
                     lifehook::to_text(of.backoff), of.factor);
}

}  // namespace

step_kind rerun_task_kind() {
  return {.name = "rerun_task",
          .help = "runs a standalone ECS task again once it has stopped",
          .schema = {{"on", setting_kind::choice, "what calls for it", {"interruption", "failure"}},
                     {"attempts", setting_kind::count, "runs again, at most"},
                     {"backoff", setting_kind::span, "wait before the first"},
                     {"factor", setting_kind::number, "how waits grow"}},
          .events = {event_kind::task_interruption, event_kind::task_stopped},
          .contradiction = contradiction,
          .make = make,
          .describe = describe,
          .hears_running_tasks = true,
          .needs_shared_state = true,
          .ends = {outcome::no_capacity},
          .permissions = {{.policy = "rerun-task",
                           .remark = "iam:PassRole is allowed for every role: put those of your task definitions in "
                                     "place of role/*"}}};
}

}  // namespace lifehook::handlers
