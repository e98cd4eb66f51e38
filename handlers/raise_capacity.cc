#include "handlers/raise_capacity.h"

#include "handlers/capacity_record.h"
#include "handlers/cause_catalog.h"
#include "handlers/deadline.h"
#include "handlers/group_lock.h"
#include "handlers/group_members.h"
#include "handlers/lifecycle_state.h"
#include "handlers/noted_group.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration look_again = 5s;
constexpr duration until_arrived = 3s;  // a call that the window's end has cut short

bool gives_back(const settings& with) { return with.get_or("restore", true); }

class raise_capacity final : public step {
 public:
  task<result<outcome>> run(step_context& in) override {
    if (in.about().group.empty()) {
      in.log().info("in_no_group");
      co_return outcome::skipped;
    }
    if (in.dry_run()) co_return co_await say(in);
    co_return co_await serialised(in, capacity_lock(in.about().group), [&in] { return raise(in); });
  }

  task<result<outcome>> give_back(step_context& in) override {
    if (in.about().group.empty() || in.dry_run()) co_return outcome::skipped;
    capacity_record of(in);
    const auto change = co_await of.on_its_way();
    if (change.has_error()) co_return change.error();
    const auto stage = co_await of.stage();
    if (stage.has_error()) co_return stage.error();
    const bool may_be_raised = *change && (*change)->instance == in.about().instance;
    if (!*stage && !may_be_raised) co_return outcome::skipped;
    if (*stage == capacity_stage::restored) co_return outcome::done;
    if (!*stage)
      if (const auto paused = co_await in.pause_in_hand(until_arrived); paused.has_error()) co_return paused.error();
    if (const auto waited = co_await wait_for_replacement(in, of); waited.has_error()) co_return waited.error();
    co_return co_await serialised(in, capacity_lock(in.about().group), [&in] { return restore(in); });
  }

 private:
  static task<result<outcome>> say(step_context& in) {
    const auto group = co_await capacity_record(in).group();
    if (group.has_error()) co_return group.error();
    if (!*group) co_return outcome::gone;
    const auto stays = co_await reason_for_none(in, **group);
    if (stays.has_error()) co_return stays.error();
    if (*stays) co_return **stays;
    in.log().info("would_raise_capacity", {{"scaling_group", in.about().group},
                                           {"from", (*group)->desired},
                                           {"to", (*group)->desired + 1},
                                           {"max", (*group)->max_size}});
    co_return outcome::done;
  }

  // What an earlier try of this or of another instance left on its way is settled first: what is noted then is certain.
  static task<result<std::optional<capacity_stage>>> settled_stage(capacity_record& of) {
    if (const auto settled = co_await of.settle(); settled.has_error()) co_return settled.error();
    co_return co_await of.stage();
  }

  static task<result<outcome>> raise(step_context& in) {
    capacity_record of(in);
    const auto stage = co_await settled_stage(of);
    if (stage.has_error()) co_return stage.error();
    if (*stage) co_return outcome::done;
    const auto group = co_await of.group();
    if (group.has_error()) co_return group.error();
    if (!*group) co_return outcome::gone;
    const auto stays = co_await reason_for_none(in, **group);
    if (stays.has_error()) co_return stays.error();
    if (*stays) co_return **stays;
    if (const auto kept = co_await note_group(in); kept.has_error()) co_return kept.error();
    const auto raised = co_await of.change((*group)->desired, (*group)->desired + 1);
    if (raised.has_error() && raised.error().code() == errc::not_found) co_return outcome::gone;
    if (raised.has_error() && is_above_max(raised.error())) co_return at_max(in, **group);
    if (raised.has_error()) co_return raised.error();
    in.raised((*group)->desired + 1);
    in.log().info("capacity_raised", {{"scaling_group", in.about().group}, {"desired", (*group)->desired + 1}});
    co_return outcome::done;
  }

  static task<result<std::optional<outcome>>> reason_for_none(step_context& in, const aws::scaling_group& group) {
    const auto needless = co_await is_made_up_for(in, group);
    if (needless.has_error()) co_return needless.error();
    if (*needless) co_return std::optional(made_up_for(in));
    co_return group.desired >= group.max_size ? std::optional(at_max(in, group)) : std::nullopt;
  }

  // Its group launches another by itself, or is to have fewer: raised for its sake, one too many would be launched, and
  // given back by the end of another. One that is leaving, and is to be replaced, is replaced sooner by a raise.
  static task<result<bool>> is_made_up_for(step_context& in, const aws::scaling_group& group) {
    const auto& all = group.instances;
    const auto own =
        std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.id == in.about().instance; });
    if (own != all.end()) co_return is_leaving(own->lifecycle_state) && staying(group) >= group.desired;
    const auto member = co_await ask_for_member(in);  // the list may lag behind
    if (member.has_error()) co_return member.error();
    co_return !*member;
  }

  static outcome made_up_for(step_context& in) {
    in.log().info("not_raised",
                  {{"scaling_group", in.about().group},
                   {"why", "the instance is leaving its group or has left it, which needs no more for its sake"}});
    return outcome::skipped;
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
  static task<result<>> wait_for_replacement(step_context& in, capacity_record& of) {
    const auto by = in.give_back_by();
    for (;;) {
      if (in.now() >= by) co_return result<>();
      const auto replaced = co_await is_replaced(in, of);
      if (replaced.has_error()) co_return replaced.error();
      if (*replaced) co_return result<>();
      const auto left = by - in.now();
      in.waits_for("its replacement is to serve first");
      if (const auto paused = co_await in.pause_or_requeue(std::min<duration>(look_again, left)); paused.has_error())
        co_return paused.error();
    }
  }

  static task<result<bool>> is_replaced(step_context& in, capacity_record& of) {
    const auto group = co_await of.group();
    if (group.has_error()) co_return group.error();
    co_return !*group || in_service(**group) >= std::max((*group)->desired, in.least_in_service());
  }

  static task<result<outcome>> restore(step_context& in) {
    capacity_record of(in);
    const auto stage = co_await settled_stage(of);
    if (stage.has_error()) co_return stage.error();
    if (!*stage) co_return outcome::skipped;
    if (*stage == capacity_stage::restored) co_return outcome::done;
    const auto member = co_await ask_for_member(in);
    if (member.has_error()) co_return member.error();
    if (!*member) co_return co_await follow_end(in, **stage);
    const auto needed = co_await is_needed(in, **stage);
    if (needed.has_error()) co_return needed.error();
    co_return co_await (*needed ? keep(in) : end(in, **stage));
  }

  // Its list failed, so that its work may still be on it; its event does not say that it ends; and no replacement
  // serves or is on its way, so that lowering desired ends no other.
  static task<result<bool>> is_needed(step_context& in, capacity_stage at) {
    const bool may_stay = at == capacity_stage::raised && !interruption_window(in.about().kind);
    if (!may_stay || !in.list_has_failed()) co_return false;
    capacity_record of(in);
    const auto group = co_await of.group();
    if (group.has_error()) co_return group.error();
    co_return group->has_value() && staying(**group) < (*group)->desired;
  }

  // It may be interrupted yet, and is then to be replaced as any other.
  static task<result<outcome>> keep(step_context& in) {
    in.log().warn("not_replaced",
                  {{"scaling_group", in.about().group},
                   {"why", "its list failed and nothing replaces it: it is left in service, and desired is lowered"}});
    const auto lowered = co_await lower(in);
    if (lowered.has_error()) co_return lowered;
    capacity_record of(in);
    if (const auto noted = co_await of.enter_kept(); noted.has_error()) co_return noted.error();
    co_return lowered;
  }

  // The instance has gone: by our call, whose answer was lost, or by itself, and then desired is still to be lowered.
  static task<result<outcome>> follow_end(step_context& in, capacity_stage at) {
    if (at == capacity_stage::ending) {
      const auto by_user = co_await ended_by_user(in);
      if (by_user.has_error()) co_return by_user.error();
      if (*by_user) co_return co_await close(in, "ended_with_decrement");
    }
    co_return co_await lower(in);
  }

  // Auto Scaling tells whose call it was. An end it does not list (yet) is taken for ours.
  static task<result<bool>> ended_by_user(step_context& in) {
    const told_end end{in.about().group, in.about().instance, in.event_time()};
    const auto cause =
        co_await in.ask("reading why the instance ended", [&] { return in.services().causes.cause_of_end(end); });
    if (cause.has_error()) co_return cause.error();
    co_return *cause == scaling_cause::user_request || *cause == scaling_cause::unknown;
  }

  // A lost answer is no reason to ask again: the next try looks at the instance first. Where others have lowered
  // desired since, to the minimum or below what was set here, what was raised is given back already: there it is
  // replaced.
  static task<result<outcome>> end(step_context& in, capacity_stage before) {
    capacity_record of(in);
    const auto group = co_await of.group();
    if (group.has_error()) co_return group.error();
    const bool lowers = !*group || ((*group)->desired > (*group)->min_size && !of.is_taken_back((*group)->desired));
    if (const auto noted = co_await of.enter(capacity_stage::ending); noted.has_error()) co_return noted.error();
    if (const auto forgot = co_await of.forget_last(); forgot.has_error()) co_return forgot.error();
    const auto ended = co_await in.services().autoscaling.terminate(in.about().instance, lowers);
    if (ended.has_error()) co_return co_await not_ended(in, before, ended.error());
    if (lowers && *group) co_await until_lowered(in, (*group)->desired - 1);
    co_return co_await close(in, lowers ? "ended_with_decrement" : "ended_and_replaced");
  }

  // After a no it is not this call that ends it: what stood before holds again.
  static task<result<outcome>> not_ended(step_context& in, capacity_stage before, error why) {
    if (changed_nothing(why)) {
      capacity_record of(in);
      if (const auto noted = co_await of.enter(before); noted.has_error()) co_return noted.error();
    }
    if (why.code() == errc::rejected) co_return refused(in, why);
    co_return why;
  }

  static outcome refused(step_context& in, const error& why) {
    in.log().warn("end_refused", {{"scaling_group", in.about().group}, {"error", why.what()}});
    return outcome::failed;
  }

  static task<> until_lowered(step_context& in, int to) {
    return until_shown(in, [to](const aws::scaling_group& now) { return now.desired <= to; });
  }

  static task<result<outcome>> lower(step_context& in) {
    capacity_record of(in);
    const auto group = co_await of.group();
    if (group.has_error()) co_return group.error();
    if (!*group) co_return outcome::gone;
    if ((*group)->desired <= (*group)->min_size) co_return co_await close(in, "at_min");
    if (of.is_taken_back((*group)->desired)) co_return co_await close(in, "lowered_by_others");
    const int wanted = (*group)->desired - 1;
    if (const auto lowered = co_await of.change((*group)->desired, wanted); lowered.has_error())
      co_return lowered.error();
    co_await until_lowered(in, wanted);
    co_return restored(in, "lowered");
  }

  static task<result<outcome>> close(step_context& in, std::string_view how) {
    capacity_record of(in);
    if (const auto noted = co_await of.enter(capacity_stage::restored); noted.has_error()) co_return noted.error();
    co_return restored(in, how);
  }

  static outcome restored(step_context& in, std::string_view how) {
    in.log().info("capacity_restored", {{"scaling_group", in.about().group}, {"how", how}});
    return outcome::done;
  }
};

std::unique_ptr<step> make(const settings&, step_services&) { return std::make_unique<raise_capacity>(); }

std::string describe(const settings& with) {
  return gives_back(with) ? "desired + 1 within the group's maximum, given back when it is replaced"
                          : "desired + 1 within the group's maximum, for good";
}

}  // namespace

step_kind raise_capacity_kind() {
  return {.name = "raise_capacity",
          .help = "raises the group's desired capacity by one, within its maximum",
          .schema = {{"restore", setting_kind::yes_no, "give the capacity back once the instance is replaced"}},
          .events = {event_kind::spot_interruption, event_kind::rebalance_recommendation,
                     event_kind::capacity_reservation_interruption, event_kind::scheduled_change},
          .make = make,
          .describe = describe,
          .gives_back = gives_back,
          .brings_replacement = true,
          .needs_shared_state = true,
          .permissions = {{.policy = "raise-capacity"}}};
}

}  // namespace lifehook::handlers
