#include "handlers/detach_instance.h"

#include "base/time_text.h"
#include "handlers/capacity_note.h"
#include "handlers/capacity_record.h"
#include "handlers/group_lock.h"
#include "handlers/group_members.h"
#include "handlers/noted_group.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration look_again = 3s;
constexpr duration default_wait = 60s;
constexpr backoff_limits between_tries{1s, 10s};

struct detach_settings {
  int min_in_service = 2;
  duration wait = default_wait;
};

detach_settings read(const settings& with) {
  detach_settings read;
  read.min_in_service = static_cast<int>(with.get_or<std::int64_t>("min_in_service", read.min_in_service));
  read.wait = with.get_or("wait", read.wait);
  return read;
}

class detach_instance final : public step {
 public:
  explicit detach_instance(detach_settings with) : settings_(with) {}

  task<result<outcome>> run(step_context& in) override {
    const auto member = co_await ask_for_member(in);
    if (member.has_error()) co_return member.error();
    if (!*member) co_return gone(in);
    if (in.dry_run()) {
      in.log().info("would_detach", {{"scaling_group", in.about().group}});
      co_return outcome::done;
    }
    // Detached it is in no group, but the message, should it come again for the rest of the list, is still the group's.
    if (const auto kept = co_await note_group(in); kept.has_error()) co_return kept.error();
    const auto raised = co_await serialised(in, capacity_lock(in.about().group), [&] { return raise(in); });
    if (raised.has_error()) co_return raised.error();
    for (unsigned attempt = 0;; ++attempt) {
      const auto enough = co_await wait_until_in_service(in, *raised, attempt == 0);
      if (enough.has_error()) co_return enough.error();
      const auto least = *enough ? std::optional(*raised) : std::nullopt;
      auto ended = co_await serialised(in, capacity_lock(in.about().group), [&] { return detach(in, least); });
      if (ended.has_error()) co_return ended.error();
      if (*ended) co_return **ended;
      if (const auto paused = co_await in.pause_or_requeue(full_jitter(between_tries, attempt, in.services().random));
          paused.has_error())
        co_return paused.error();
    }
  }

 private:
  static outcome gone(step_context& in) {
    in.log().info("not_in_group", {{"why", "it is detached already, is leaving, or has ended"}});
    return outcome::gone;
  }

  static task<result<shared_group>> group(step_context& in) {
    return in.ask("asking for the group's capacity",
                  [&] { return in.services().instances.group(in.about().group, in.haste()); });
  }

  // Tells how many are to serve, as far as this step asks for them.
  task<result<int>> raise(step_context& in) {
    capacity_record others(in);  // a change on its way is judged before this one moves desired
    if (const auto settled = co_await others.settle(); settled.has_error()) co_return settled.error();
    const auto found = co_await others.group();
    if (found.has_error()) co_return found.error();
    if (!*found) co_return 0;
    const int before = std::min(settings_.min_in_service, (*found)->desired);
    if (before == settings_.min_in_service || in_service(**found) >= settings_.min_in_service) co_return before;
    const int wanted = std::min(settings_.min_in_service, (*found)->max_size);
    if (wanted < settings_.min_in_service)
      in.log().warn(
          "capacity_at_max",
          {{"scaling_group", in.about().group}, {"max", (*found)->max_size}, {"wanted", settings_.min_in_service}});
    if (wanted <= before) co_return before;
    // Once for each look: sent again unseen it could undo what others set meanwhile.
    const auto set = co_await others.raise_for_good((*found)->desired, wanted);
    if (set.has_error() && set.error().code() != errc::rejected) co_return set.error();
    if (set.has_error()) co_return before;
    in.log().info("capacity_raised", {{"scaling_group", in.about().group}, {"desired", wanted}});
    co_return wanted;
  }

  // When the event was first seen to wait: a message that goes back to the queue meanwhile does not wait anew. Noted,
  // as neither the event's time nor AWS tells when the steps before this one had ended.
  static task<result<time_point>> began_to_wait(step_context& in) {
    const auto& about = in.about();
    const auto now = in.now_by_aws();
    const auto key = fmt::format("detach|{}|{}|{}|{}", name(about.kind), about.group, about.instance,
                                 about.occurrence(in.event_time()));
    const auto first = co_await in.ask("noting when the wait began", [&] {
      return in.services().state.note_once(key, to_rfc3339(now), in.configured().deadline);
    });
    if (first.has_error()) co_return first.error();
    co_return in.by_our_clock(parse_rfc3339(*first).value_or(now));
  }

  // False: it is detached whatever stands beside it, for `wait` is over and the instance dies anyway. Auto Scaling may
  // show the desired capacity of before a raise for a moment: never fewer than `least` will do.
  task<result<bool>> wait_until_in_service(step_context& in, int least, bool is_first) {
    std::optional<time_point> until;
    for (;;) {
      const auto found = co_await group(in);
      if (found.has_error()) co_return found.error();
      if (!*found || serve(**found, least)) co_return true;
      if (!until) {
        const auto began = co_await began_to_wait(in);
        if (began.has_error()) co_return began.error();
        until = *began + settings_.wait;
      }
      const int wanted = std::max(least, (*found)->desired);
      const auto left = *until - in.now();
      if (left <= 0s) {
        if (is_first)
          in.log().warn("too_few_in_service",
                        {{"in_service", in_service(**found)}, {"desired", wanted}, {"waited_seconds", settings_.wait}});
        co_return false;
      }
      in.waits_for(fmt::format("{} of {} instances of the group are in service", in_service(**found), wanted));
      if (const auto paused = co_await in.pause_or_requeue(std::min<duration>(left, look_again)); paused.has_error())
        co_return paused.error();
    }
  }

  static bool serve(const aws::scaling_group& group, int least) {
    return in_service(group) >= std::max(least, group.desired);
  }

  // Under the group's lock: of two that may each be detached only one may. nullopt: not now. `least` serve, or it does
  // not matter who does. What is not answered is followed by a look, never by the same call.
  static task<result<std::optional<outcome>>> detach(step_context& in, std::optional<int> least) {
    const auto found = co_await group(in);
    if (found.has_error()) co_return found.error();
    if (*found && least && !serve(**found, *least)) co_return std::nullopt;
    const auto member = co_await stays(in, *found);
    if (member.has_error()) co_return member.error();
    if (!*member) co_return gone(in);
    const auto detached = co_await in.services().autoscaling.detach(in.about().group, in.about().instance);
    if (detached.has_error() && detached.error().code() == errc::not_found) co_return co_await not_detached(in);
    if (detached.has_error()) co_return detached.error();
    in.log().info("detached", {{"scaling_group", in.about().group}});
    co_await until_shown(in, [&](const auto& now) { return !is_in_service(now, in.about().instance); });
    co_return outcome::done;
  }

  // Whether it is still to be detached: the group's list may lag behind either way.
  static task<result<bool>> stays(step_context& in, const shared_group& group) {
    if (group && is_in_service(*group, in.about().instance)) co_return true;
    co_return co_await ask_for_member(in);
  }

  static bool is_in_service(const aws::scaling_group& group, const std::string& instance) {
    return std::any_of(group.instances.begin(), group.instances.end(),
                       [&](const auto& each) { return each.id == instance && each.lifecycle_state == "InService"; });
  }

  // It is in no group any more, or in a state that AWS does not detach.
  static task<result<std::optional<outcome>>> not_detached(step_context& in) {
    const auto member = co_await ask_for_member(in);
    if (member.has_error()) co_return member.error();
    co_return *member ? std::nullopt : std::optional(gone(in));
  }

  detach_settings settings_;
};

std::string contradiction(const settings& with) {
  if (read(with).min_in_service > 10'000) return "min_in_service must be at most 10000";
  return {};
}

std::unique_ptr<step> make(const settings& with, step_services&) {
  return std::make_unique<detach_instance>(read(with));
}

std::string describe(const settings& with) {
  const auto reads = read(with);
  return fmt::format("without decrement, once {} are in service or after {}", reads.min_in_service,
                     lifehook::to_text(reads.wait));
}

}  // namespace

step_kind detach_instance_kind() {
  return {
      .name = "detach_instance",
      .help = "detaches the instance from its group, which launches a replacement",
      .schema = {{"min_in_service", setting_kind::count, "instances in service before it is detached"},
                 {.key = "wait",
                  .kind = setting_kind::span,
                  .help = "how long to wait for them",
                  .default_wait = default_wait}},
      .events = {event_kind::spot_interruption, event_kind::rebalance_recommendation,
                 event_kind::capacity_reservation_interruption, event_kind::state_change, event_kind::scheduled_change},
      .contradiction = contradiction,
      .make = make,
      .describe = describe,
      .brings_replacement = true,
      .needs_shared_state = true,
      .permissions = {{.policy = "detach-instance"}}};
}

}  // namespace lifehook::handlers
