#include "handlers/deregister_targets.h"

#include "base/side_by_side.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration look_again = 5s;

struct departure_settings {
  std::vector<std::string> target_groups;  // besides those of its Auto Scaling group or service
  bool waits = false;                      // wait_drained
};

departure_settings read(const settings& with) {
  departure_settings read;
  read.target_groups = with.get_or<std::vector<std::string>>("target_groups", {});
  read.waits = with.get_or("wait_drained", read.waits);
  return read;
}

// Who leaves, and what it leaves.
struct departure {
  std::string id;  // an instance, or an IP address; empty: it has none any more
  std::vector<std::string> target_groups;
};

// Also those out of use (no listener yet, a zone that is off): they would take traffic once that changes.
std::vector<aws::target> registered(const std::vector<aws::target_health>& all) {
  std::vector<aws::target> targets;
  for (const auto& each : all)
    if (each.state != "draining" && each.reason != "Target.NotRegistered") targets.push_back(each.of);
  return targets;
}

std::vector<aws::target> without(std::vector<aws::target> all, const std::vector<aws::target>& those) {
  std::erase_if(all, [&](const auto& each) { return std::find(those.begin(), those.end(), each) != those.end(); });
  return all;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool is_draining(const std::vector<aws::target_health>& all) {
  return std::any_of(all.begin(), all.end(), [](const auto& each) { return each.state == "draining"; });
}

class deregister_targets final : public step {
 public:
  explicit deregister_targets(departure_settings with) : settings_(std::move(with)) {}

  task<result<outcome>> run(step_context& in) override {
    auto of = co_await (is_of_task(in.about().kind) ? departure_of_task(in) : departure_of_instance(in));
    if (of.has_error()) co_return std::move(of).error();
    if (of->id.empty()) co_return outcome::gone;
    const auto known = of->target_groups.size();
    std::vector<task<result<outcome>>> leaving;
    for (const auto& each : of->target_groups) leaving.push_back(leave(in, each, of->id));
    if (!in.about().group.empty()) leaving.push_back(leave_newer(in, *of));
    const auto ends = co_await side_by_side(std::move(leaving));
    auto sum = sum_of(in, of->target_groups, ends);
    if (sum.has_error() && is_definite(sum.error())) in.failed_for_good();
    if (known == 0 && sum.has_value() && *sum == outcome::skipped) in.log().info("no_target_groups");
    co_return sum;
  }

 private:
  task<result<departure>> departure_of_instance(step_context& in) {
    departure of{in.about().instance, settings_.target_groups};
    if (in.about().group.empty()) co_return of;
    auto profile = co_await in.ask("asking for the group's target groups",
                                   [&] { return in.services().instances.profile(in.about().group, in.haste()); });
    if (profile.has_error()) co_return std::move(profile).error();
    add(of.target_groups, std::move(profile->target_groups));
    co_return of;
  }

  task<result<departure>> departure_of_task(step_context& in) {
    departure of{{}, settings_.target_groups};
    const auto& about = in.about();
    auto found = co_await in.ask("describing the task", [&] {
      return in.services().runner[in.haste()].describe(about.cluster_arn, about.task_arn);
    });
    if (found.has_error()) co_return std::move(found).error();
    if (*found) of.id = (*found)->private_address;
    if (!about.is_service_task() || of.id.empty()) co_return of;
    auto groups = co_await in.ask("asking for the service's target groups", [&] {
      return in.services().runner[in.haste()].target_groups(
          about.cluster_arn, about.task_group.get().substr(about.task_group.get().find(':') + 1));
    });
    if (groups.has_error()) co_return std::move(groups).error();
    add(of.target_groups, std::move(*groups));
    co_return of;
  }

  // What is known of the group may be minutes old: the instance leaves that at once, and what was attached since as
  // soon as AWS has told.
  task<result<outcome>> leave_newer(step_context& in, departure known) {
    auto profile = co_await in.ask("asking for the group's newer target groups",
                                   [&] { return in.services().instances.fresh_profile(in.about().group, in.haste()); });
    if (profile.has_error()) co_return std::move(profile).error();
    std::vector<std::string> newer;
    for (auto& each : profile->target_groups)
      if (!contains(known.target_groups, each)) newer.push_back(std::move(each));
    std::vector<task<result<outcome>>> leaving;
    for (const auto& each : newer) leaving.push_back(leave(in, each, known.id));
    const auto ends = co_await side_by_side(std::move(leaving));
    co_return sum_of(in, newer, ends);
  }

  static void add(std::vector<std::string>& to, std::vector<std::string> more) {
    for (auto& each : more)
      if (!contains(to, each)) to.push_back(std::move(each));
  }

  // At once, where its registrations were listed a moment ago; then as AWS lists them now, for they may have changed.
  task<result<outcome>> leave(step_context& in, std::string target_group, std::string id) {
    auto& targets = in.services().targets;
    const auto remembered =
        in.dry_run() ? std::vector<aws::target>() : registered(targets.remembered(target_group, id));
    const auto hastened = co_await depart(in, target_group, id, remembered);
    const auto found =
        co_await in.ask("looking at a target group", [&] { return targets.find(target_group, id, in.haste()); });
    if (found.has_error()) co_return found.error();
    const bool has_left = hastened.has_value() && !remembered.empty();
    const auto leaving = has_left ? without(registered(*found), remembered) : registered(*found);
    if (leaving.empty() && !has_left && !is_draining(*found)) {
      in.log().info("not_registered", {{"target_group", target_group}, {"target", id}});
      co_return outcome::skipped;
    }
    if (in.dry_run()) {
      in.log().info("would_deregister", {{"target_group", target_group}, {"target", id}, {"ports", leaving.size()}});
      co_return outcome::done;
    }
    if (const auto left = co_await depart(in, target_group, id, leaving); left.has_error()) co_return left.error();
    if (!settings_.waits) co_return outcome::done;
    co_return co_await wait_until_drained(in, std::move(target_group), std::move(id));
  }

  static task<result<>> depart(step_context& in, std::string target_group, std::string id,
                               std::vector<aws::target> leaving) {
    if (leaving.empty()) co_return result<>();
    auto left = co_await in.ask("deregistering from a target group",
                                [&] { return in.services().targets.deregister(target_group, leaving, in.haste()); });
    if (left.has_value())
      in.log().info("deregistered", {{"target_group", target_group}, {"target", id}, {"ports", leaving.size()}});
    co_return left;
  }

  task<result<outcome>> wait_until_drained(step_context& in, std::string target_group, std::string id) {
    for (bool was_registered = false;;) {
      const auto found = co_await in.ask("looking at a target group",
                                         [&] { return in.services().targets.find(target_group, id, in.haste()); });
      if (found.has_error()) co_return found.error();
      // Listed as if it had not left: late, or somebody has registered it again, which the second look tells.
      const bool is_registered = !registered(*found).empty();
      if (!is_draining(*found) && (!is_registered || std::exchange(was_registered, true))) co_return outcome::done;
      in.waits_for("it drains in " + target_group);
      if (const auto paused = co_await in.pause_or_requeue(look_again); paused.has_error()) co_return paused.error();
    }
  }

  // A target group of the Auto Scaling group's, or the service's, that was deleted has nothing in it to leave; one that
  // somebody wrote down has, and is not where it was looked for. Any other that fails is told though others were left;
  // of several errors the one that trying again may help.
  result<outcome> sum_of(step_context& in, const std::vector<std::string>& groups,
                         const std::vector<result<outcome>>& ends) {
    auto sum = outcome::skipped;
    std::optional<error> failed;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].has_value()) {
        if (sum != outcome::done && *ends[i] != outcome::skipped) sum = *ends[i];
        continue;
      }
      const auto& why = ends[i].error();
      if (i < groups.size()) tell(in, groups[i], why);
      const bool has_gone =
          why.code() == errc::not_found && i < groups.size() && !contains(settings_.target_groups, groups[i]);
      if (has_gone && sum == outcome::skipped) sum = outcome::gone;
      if (has_gone) continue;
      if (!failed || !is_definite(why)) failed = why;
    }
    if (failed) return *failed;
    return sum;
  }

  static bool is_definite(const error& why) { return why.code() == errc::not_found || why.code() == errc::rejected; }

  static void tell(step_context& in, const std::string& target_group, const error& why) {
    in.log().warn("deregistering_failed",
                  {{"target_group", target_group}, {"meaning", name(why.code())}, {"error", why.what()}});
  }

  departure_settings settings_;
};

std::string contradiction(const settings& with) {
  const auto of = read(with);
  for (const auto& each : of.target_groups)
    if (!is_target_group_arn(each))
      return fmt::format("target_groups: expected the ARN of a target group, got \"{}\"", each);
  return {};
}

std::unique_ptr<step> make(const settings& with, step_services&) {
  return std::make_unique<deregister_targets>(read(with));
}

std::string describe(const settings& with) {
  const auto of = read(with);
  std::string text = "from the target groups of its Auto Scaling group or service";
  if (!of.target_groups.empty()) text += fmt::format(", and {}", fmt::join(of.target_groups, ", "));
  if (of.waits) text += ", waits until they have drained it";
  return text;
}

}  // namespace

step_kind deregister_targets_kind() {
  return {.name = "deregister_targets",
          .help = "takes the instance, or the task's IP address, out of its load balancers' target groups",
          .schema = {{"target_groups", setting_kind::text_list, "ARNs of further target groups"},
                     {"wait_drained", setting_kind::yes_no, "wait until the deregistration delay is over"}},
          .events = {event_kind::terminating, event_kind::spot_interruption, event_kind::rebalance_recommendation,
                     event_kind::capacity_reservation_interruption, event_kind::state_change,
                     event_kind::scheduled_change, event_kind::task_interruption},
          .contradiction = contradiction,
          .make = make,
          .describe = describe,
          .permissions = {{.policy = "deregister-targets",
                           .remark = "elasticloadbalancing:DeregisterTargets is allowed for every target group: put "
                                     "yours in place of targetgroup/*/*"}}};
}

}  // namespace lifehook::handlers
