#include "handlers/maintenance.h"

#include "handlers/patience.h"

#include <algorithm>
#include <array>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 3> codes{"instance-reboot", "system-reboot", "system-maintenance"};
constexpr duration look_again = 1min;
constexpr duration unlisted_for = 30min;  // after its start
constexpr duration longest_over = 48h;    // after its start
constexpr duration same_start = 1h;       // AWS Health tells of it in whole hours at times

bool reboots(const aws::scheduled_event& listed) {
  return std::find(codes.begin(), codes.end(), listed.code) != codes.end();
}

// EC2 lists for some days what is over: what began long before this change was told of says nothing about it.
bool is_of_before(const aws::scheduled_event& listed, const event& about) {
  if (!listed.not_before || !about.time) return false;
  return *listed.not_before + same_start < std::min(*about.time, about.starts.value_or(*about.time));
}

}  // namespace

bool instance_returns(const event& about) {
  return about.kind == event_kind::scheduled_change && about.detail.get().find("MAINTENANCE") != std::string::npos;
}

maintenance state_of(const std::vector<aws::scheduled_event>& listed, const event& about) {
  const auto is_to_come = [](const auto& each) { return reboots(each) && !each.completed; };
  if (std::any_of(listed.begin(), listed.end(), is_to_come)) return maintenance::to_come;
  const auto is_over = [&about](const auto& each) { return reboots(each) && !is_of_before(each, about); };
  return std::any_of(listed.begin(), listed.end(), is_over) ? maintenance::over : maintenance::unlisted;
}

time_point start_of(const event& about, const std::vector<aws::scheduled_event>& listed, time_point told) {
  if (about.starts) return *about.starts;
  for (const auto& each : listed)
    if (reboots(each) && !each.completed && each.not_before) told = std::max(told, *each.not_before);
  return told;
}

bool is_called_off(const std::vector<aws::scheduled_event>& listed, const event& about) {
  if (!about.starts) return false;
  const auto is_it = [&about](const auto& each) {
    if (reboots(each) != instance_returns(about)) return false;  // another kind of change
    return each.not_before ? std::chrono::abs(*each.not_before - *about.starts) <= same_start : !each.completed;
  };
  const auto goes_on = [is_it](const auto& each) { return is_it(each) && !each.completed; };
  return std::any_of(listed.begin(), listed.end(), is_it) && std::none_of(listed.begin(), listed.end(), goes_on);
}

task<result<>> wait_for_return(step_services& with, const event& about, tenure& keeps, logger log) {
  for (;;) {
    const auto listed = co_await with.ec2.usual.scheduled_events(about.instance);
    const auto now = with.time.now();
    const auto known = listed.has_value() ? *listed : std::vector<aws::scheduled_event>();
    const auto told = about.time.value_or(keeps.by_clock_of_aws(keeps.with().first_received));
    const auto starts = keeps.by_our_clock(start_of(about, known, told));
    if (listed.has_error())
      log.error("reading_maintenance_failed",
                {{"error", listed.error().what()},
                 {"advice", "deploy/iam/set-active-after-maintenance.json allows ec2:DescribeInstanceStatus"}});
    keeps.hindered().end(nullptr, hindrance::kind::outage);
    if (listed.has_error()) keeps.hindered().note(outage_of(listed.error(), "reading its scheduled events", now));
    const auto state = listed.has_value() ? state_of(known, about) : maintenance::to_come;
    if (state == maintenance::over || (state == maintenance::unlisted && now >= starts + unlisted_for))
      co_return result<>();
    const bool may_change = listed.has_error() && listed.error().code() != errc::denied;
    if (!may_change && now >= starts + longest_over)
      co_return error{errc::expired, "the maintenance is not over two days after its start"};
    log.info("maintenance_awaited", {{"starts_in_seconds", std::max(starts - now, duration::zero())}});
    co_await rest_in_queue(with.time, keeps, std::max(starts - now, look_again));
  }
}

}  // namespace lifehook::handlers
