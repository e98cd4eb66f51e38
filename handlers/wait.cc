#include "handlers/wait.h"

#include "base/time_text.h"
#include "handlers/maintenance.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <fmt/format.h>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration told_long_ago = 10min;
constexpr duration longest_pause = 30s;  // between chances to give the message back

// Until some time before what was announced begins, which may be two weeks ahead: the queue keeps the message.
class wait_before final : public step {
 public:
  explicit wait_before(duration span) : span_(span) {}

  std::optional<time_point> begins(const event& about) const override {
    return about.starts ? std::optional(*about.starts - span_) : std::nullopt;
  }

  task<result<outcome>> run(step_context& in) override {
    const auto starts = begins(in.about());
    if (!starts) {
      in.log().warn("no_start", {{"why", "the event does not say when it starts"}});
      co_return outcome::done;
    }
    if (in.dry_run()) {
      in.log().info("would_wait", {{"until", to_rfc3339(*starts)}});
      co_return outcome::done;
    }
    const auto until = in.by_our_clock(*starts);
    for (;;) {
      const auto left = until - in.now();
      if (left <= 0s) break;
      in.log().info("waiting", {{"until", to_rfc3339(*starts)}});
      in.waits_for("until " + to_rfc3339(*starts));
      if (const auto waited = co_await in.pause_in_queue(left); waited.has_error()) co_return waited.error();
    }
    in.put_off_until(until);
    co_return co_await what_became_of_it(in);
  }

 private:
  // In the days of waiting AWS may have cancelled it, or somebody may have moved the instance by a stop and a start.
  // Where EC2 does not answer it is still to come.
  static task<result<outcome>> what_became_of_it(step_context& in) {
    if (in.now() < in.happened() + told_long_ago) co_return outcome::done;
    const auto listed = co_await in.services().ec2.usual.scheduled_events(in.about().instance);
    if (listed.has_error()) {
      in.log().warn("reading_maintenance_failed",
                    {{"error", listed.error().what()},
                     {"advice", "deploy/iam/set-active-after-maintenance.json allows ec2:DescribeInstanceStatus"}});
      co_return outcome::done;
    }
    if (!is_called_off(*listed, in.about())) co_return outcome::done;
    in.log().info("called_off", {{"why", "EC2 lists the scheduled change as canceled or completed"}});
    co_return outcome::called_off;
  }

  duration span_;
};

class wait final : public step {
 public:
  explicit wait(duration span) : span_(span) {}

  task<result<outcome>> run(step_context& in) override {
    const auto until = in.counts_from() + span_;
    if (in.dry_run()) {
      in.log().info("would_wait", {{"until_event_plus_seconds", span_}});
      co_return outcome::done;
    }
    for (;;) {
      const auto left = until - in.now();
      if (left <= 0s) co_return outcome::done;
      in.waits_for("until " + to_rfc3339(until));
      const auto paused = co_await in.pause_or_requeue(std::min(left, longest_pause));
      if (paused.has_error()) co_return paused.error();
    }
  }

 private:
  duration span_;
};

// From its own begin: after the steps before it. In hand, whatever `hold` says: where a worker stops it begins anew
// elsewhere, unless the step has a `timeout`, with which its time is noted.
class wait_after final : public step {
 public:
  explicit wait_after(duration span) : span_(span) {}

  task<result<outcome>> run(step_context& in) override {
    if (in.dry_run()) {
      in.log().info("would_wait", {{"seconds", span_}});
      co_return outcome::done;
    }
    for (;;) {
      const auto left = span_ - in.watch().used_until(in.services().time.uptime());
      if (left <= 0s) co_return outcome::done;
      in.waits_for("until " + to_rfc3339(in.now() + left));
      const auto paused = co_await in.pause_in_hand(std::min(left, longest_pause));
      if (paused.has_error()) co_return paused.error();
    }
  }

 private:
  duration span_;
};

std::string contradiction(const settings& with) {
  return with.has("for") + with.has("before") + with.has("after") == 1
             ? ""
             : "write one of for: SPAN, after: SPAN, before: SPAN";
}
std::unique_ptr<step> make_wait(const settings& with, step_services&) {
  if (const auto span = with.get<duration>("before")) return std::make_unique<wait_before>(*span);
  if (const auto span = with.get<duration>("after")) return std::make_unique<wait_after>(*span);
  return std::make_unique<wait>(*with.get<duration>("for"));
}
std::string describe_wait(const settings& with) {
  if (const auto span = with.get<duration>("before"))
    return fmt::format("until {} before it starts", lifehook::to_text(*span));
  if (const auto span = with.get<duration>("after"))
    return fmt::format("{} after the steps before it", lifehook::to_text(*span));
  return fmt::format("until {} after the event", lifehook::to_text(*with.get<duration>("for")));
}

}  // namespace

step_kind wait_kind() {
  return {.name = "wait",
          .help = "holds the event open for a time counted from the event, or from the end of the steps before it",
          .schema = {{.key = "for",
                      .kind = setting_kind::span,
                      .help = "how long after the event, such as 5m",
                      .means = span_meaning::from_event},
                     {.key = "after",
                      .kind = setting_kind::span,
                      .help = "how long after the steps before it have ended, such as 30s"},
                     {.key = "before",
                      .kind = setting_kind::span,
                      .help = "how long before the scheduled change starts, such as 24h",
                      .means = span_meaning::before_change,
                      .events = {event_kind::scheduled_change}}},
          .events = {all_event_kinds.begin(), all_event_kinds.end()},
          .contradiction = contradiction,
          .make = make_wait,
          .describe = describe_wait,
          .permissions = {{.policy = "set-active-after-maintenance", .setting = "before"}}};
}

}  // namespace lifehook::handlers
