#include "handlers/raise_capacity.h"

#include "handlers/capacity_note.h"
#include "handlers/cause_catalog.h"
#include "handlers/group_lock.h"
#include "handlers/group_members.h"
#include "handlers/membership.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

using stage_of = capacity_note::step;

constexpr duration note_lasts = 72h;  // longer than any event may take
constexpr duration look_again = 5s;

// What both halves ask and tell. Must outlive what it is asked.
class capacity {
 public:
  explicit capacity(step_context& in) : in_(in) {}

  task<result<std::optional<capacity_note>>> note() {
    auto asking = in_.ask("reading what was raised", [&] { return in_.services().state.note(key()); });
    const auto found = co_await std::move(asking);
    if (found.has_error()) co_return found.error();
    co_return *found ? read_capacity_note(**found) : std::nullopt;
  }
  task<result<>> write(capacity_note now) {
    return in_.ask("noting what is raised",
                   [&, text = to_text(now)] { return in_.services().state.write_note(key(), text, note_lasts); });
  }
  task<result<std::string>> remember() {
    return in_.ask("noting the instance's group",
                   [&] { return remember_group(in_.services().state, in_.about().instance, in_.about().group); });
  }
  task<result<std::optional<aws::scaling_group>>> group() {
    return in_.ask("asking for the group's capacity",
                   [&] { return in_.services().hook.instances.group(in_.about().group); });
  }
  task<result<>> set(int desired) {
    return in_.ask("setting the group's desired capacity",
                   [&, desired] { return in_.services().hook.autoscaling.set_desired(in_.about().group, desired); });
  }

 private:
  std::string key() const { return capacity_key(in_.about().group, in_.about().instance); }

  step_context& in_;
};

class raise_capacity final : public step {
 public:
  explicit raise_capacity(bool restores) : restores_(restores) {}

  task<result<outcome>> run(step_context& in) override {
    if (in.about().group.empty()) {
      in.log().info("in_no_group");
      co_return outcome::skipped;
    }
    if (in.dry_run()) {
      in.log().info("would_raise_capacity", {{"scaling_group", in.about().group}});
      co_return outcome::done;
    }
    auto raising = serialised(in, capacity_lock(in.about().group), [&in] { return raise(in); });
    co_return co_await std::move(raising);
  }

  bool gives_back() const override { return restores_; }

  task<result<outcome>> give_back(step_context& in) override {
    if (in.about().group.empty()) co_return outcome::skipped;
    capacity of(in);
    auto reading = of.note();
    const auto note = co_await std::move(reading);
    if (note.has_error()) co_return note.error();
    if (!*note) co_return outcome::skipped;
    if ((*note)->at == stage_of::restored) co_return outcome::done;
    auto waiting = wait_for_replacement(in);
    if (const auto waited = co_await std::move(waiting); waited.has_error()) co_return waited.error();
    auto restoring = serialised(in, capacity_lock(in.about().group), [&in] { return restore(in); });
    co_return co_await std::move(restoring);
  }

 private:
  static task<result<outcome>> raise(step_context& in) {
    capacity of(in);
    auto reading = of.note();
    const auto note = co_await std::move(reading);
    if (note.has_error()) co_return note.error();
    if (*note && (*note)->at != stage_of::raising) co_return outcome::done;
    auto asking = of.group();
    const auto group = co_await std::move(asking);
    if (group.has_error()) co_return group.error();
    if (!*group) co_return outcome::gone;
    // Found "raising": whoever wrote it may or may not have told AWS.
    const bool has_taken_effect = *note && (*group)->desired >= (*note)->desired;
    const capacity_note raised{stage_of::raised, has_taken_effect ? (*note)->desired : (*group)->desired + 1};
    if (!has_taken_effect) {
      if ((*group)->desired >= (*group)->max_size) co_return at_max(in, **group);
      auto remembering = of.remember();
      if (const auto kept = co_await std::move(remembering); kept.has_error()) co_return kept.error();
      auto noting = of.write({stage_of::raising, raised.desired});
      if (const auto noted = co_await std::move(noting); noted.has_error()) co_return noted.error();
      auto setting = of.set(raised.desired);
      const auto set = co_await std::move(setting);
      if (set.has_error() && set.error().code() == errc::not_found) co_return outcome::gone;
      if (set.has_error() && is_above_max(set.error())) co_return at_max(in, **group);
      if (set.has_error()) co_return set.error();
    }
    auto noting = of.write(raised);
    if (const auto noted = co_await std::move(noting); noted.has_error()) co_return noted.error();
    in.log().info("capacity_raised", {{"scaling_group", in.about().group}, {"desired", raised.desired}});
    co_return outcome::done;
  }

  // The maximum was lowered since it was read. Other rejections, such as of an activity in progress, pass.
  static bool is_above_max(const error& why) {
    return why.code() == errc::rejected && why.what().find("above max") != std::string::npos;
  }

  static outcome at_max(step_context& in, const aws::scaling_group& group) {
    in.log().warn("capacity_at_max", {{"scaling_group", group.name},
                                      {"desired", group.desired},
                                      {"max", group.max_size},
                                      {"advice", "raise the group's maximum to let interruptions be replaced early"}});
    return outcome::at_max;
  }

  // Until then the instance still serves. Its own end is no reason to wait: then it is the replacement's turn anyway.
  static task<result<>> wait_for_replacement(step_context& in) {
    const auto by = in.give_back_by();
    capacity of(in);
    for (;;) {
      if (in.services().hook.time.now() >= by) co_return result<>();
      auto asking = of.group();
      const auto group = co_await std::move(asking);
      if (group.has_error()) co_return group.error();
      if (!*group || in_service(**group) >= (*group)->desired) co_return result<>();
      const auto left = by - in.services().hook.time.now();
      auto pausing = in.pause(std::min<duration>(look_again, left));
      if (const auto paused = co_await std::move(pausing); paused.has_error()) co_return paused.error();
    }
  }

  static task<result<outcome>> restore(step_context& in) {
    capacity of(in);
    auto reading = of.note();
    const auto note = co_await std::move(reading);
    if (note.has_error()) co_return note.error();
    if (!*note) co_return outcome::skipped;
    if ((*note)->at == stage_of::restored) co_return outcome::done;
    if ((*note)->at == stage_of::raising) {
      auto asking = of.group();
      const auto group = co_await std::move(asking);
      if (group.has_error()) co_return group.error();
      const bool was_raised = *group && (*group)->desired >= (*note)->desired;
      if (!was_raised) co_return outcome::skipped;
    }
    auto finding = in.ask("asking Auto Scaling for the instance",
                          [&] { return in.services().hook.instances.instance(in.about().instance); });
    const auto found = co_await std::move(finding);
    if (found.has_error()) co_return found.error();
    const bool still_serves = is_member(*found, in.about().group);
    auto restoring = still_serves ? end(in) : follow_end(in, **note);
    co_return co_await std::move(restoring);
  }

  // The instance has gone: by our call, whose answer was lost, or by itself, and then desired is still to be lowered.
  static task<result<outcome>> follow_end(step_context& in, capacity_note note) {
    if (note.at == stage_of::ending) {
      auto asking = ended_by_user(in);
      const auto by_user = co_await std::move(asking);
      if (by_user.has_error()) co_return by_user.error();
      if (*by_user) {
        auto closing = close(in, "ended_with_decrement");
        co_return co_await std::move(closing);
      }
    }
    auto lowering = lower(in, note);
    co_return co_await std::move(lowering);
  }

  // Auto Scaling tells whose call it was. An end it does not list (yet) is taken for ours.
  static task<result<bool>> ended_by_user(step_context& in) {
    const told_end end{in.about().group, in.about().instance, in.event_time()};
    auto asking = in.ask("reading why the instance ended", [&] { return in.services().causes.cause_of_end(end); });
    const auto cause = co_await std::move(asking);
    if (cause.has_error()) co_return cause.error();
    co_return *cause == scaling_cause::user_request || *cause == scaling_cause::unknown;
  }

  // A lost answer is no reason to ask again: the next try looks at the instance first.
  static task<result<outcome>> end(step_context& in) {
    capacity of(in);
    auto noting = of.write({stage_of::ending, 0});
    if (const auto noted = co_await std::move(noting); noted.has_error()) co_return noted.error();
    auto asking = in.services().hook.autoscaling.terminate_with_decrement(in.about().instance);
    if (const auto ended = co_await std::move(asking); ended.has_error()) {
      if (ended.error().code() == errc::rejected) co_return refused(in, ended.error());
      co_return ended.error();
    }
    auto closing = close(in, "ended_with_decrement");
    co_return co_await std::move(closing);
  }

  static outcome refused(step_context& in, const error& why) {
    in.log().warn("end_refused", {{"scaling_group", in.about().group}, {"error", why.what()}});
    return outcome::failed;
  }

  static task<result<outcome>> lower(step_context& in, capacity_note note) {
    capacity of(in);
    auto asking = of.group();
    const auto group = co_await std::move(asking);
    if (group.has_error()) co_return group.error();
    if (!*group) co_return outcome::gone;
    const bool has_taken_effect = note.at == stage_of::lowering && (*group)->desired <= note.desired;
    const int lowered = note.at == stage_of::lowering ? note.desired : (*group)->desired - 1;
    if (has_taken_effect || lowered < (*group)->min_size) {
      auto closing = close(in, has_taken_effect ? "lowered" : "at_min");
      co_return co_await std::move(closing);
    }
    auto noting = of.write({stage_of::lowering, lowered});
    if (const auto noted = co_await std::move(noting); noted.has_error()) co_return noted.error();
    auto setting = of.set(lowered);
    if (const auto set = co_await std::move(setting); set.has_error()) co_return set.error();
    auto closing = close(in, "lowered");
    co_return co_await std::move(closing);
  }

  static task<result<outcome>> close(step_context& in, std::string_view how) {
    capacity of(in);
    auto noting = of.write({stage_of::restored, 0});
    if (const auto noted = co_await std::move(noting); noted.has_error()) co_return noted.error();
    in.log().info("capacity_restored", {{"scaling_group", in.about().group}, {"how", how}});
    co_return outcome::done;
  }

  bool restores_;
};

std::string no_contradiction(const settings&) { return {}; }
std::unique_ptr<step> make(const settings& with, step_services&) {
  return std::make_unique<raise_capacity>(with.get_or("restore", true));
}
std::string describe(const settings& with) {
  return with.get_or("restore", true) ? "desired + 1 within the group's maximum, given back when it is replaced"
                                      : "desired + 1 within the group's maximum, for good";
}

}  // namespace

step_kind raise_capacity_kind() {
  return {"raise_capacity",
          "raises the group's desired capacity by one, within its maximum",
          {{"restore", setting_kind::yes_no, "give the capacity back once the instance is replaced"}},
          {event_kind::spot_interruption, event_kind::rebalance_recommendation,
           event_kind::capacity_reservation_interruption, event_kind::scheduled_change},
          no_contradiction,
          make,
          describe};
}

}  // namespace lifehook::handlers
