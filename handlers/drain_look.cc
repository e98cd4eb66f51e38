#include "handlers/drain_look.h"

#include "handlers/drain_tasks.h"
#include "handlers/services.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration stop_again = 30s;
constexpr duration confirm_beat = 250ms;
constexpr duration once_found = 1s;  // until it is looked at
constexpr duration seek_again = 1min;
constexpr duration longest_in_line = 1min;  // between chances to give the message back

duration until_multiple(duration now, duration of) { return of - now % of; }

}  // namespace

outcome not_in_cluster(step_context& in, const cluster_choice& among) {
  in.log().write(
      among.any ? log_level::info : log_level::warn, "not_in_cluster",
      {{"clusters", among.any ? "auto" : fmt::format("{}", fmt::join(among.names, ", "))},
       {"outcome", name(outcome::skipped)},
       {"advice",
        "nothing, where its ECS agent had not registered it yet; if it is in another cluster, name that: its "
        "tasks end with it"}});
  return outcome::skipped;
}

drain_look::drain_look(step_context& in, const drain_settings& with, turnstile& looks)
    : ear(in.services().news, in.about().instance),
      in_(in),
      settings_(with),
      turnstile_(looks),
      progress_at_(in.now()) {}

task<result<std::optional<outcome>>> drain_look::look() {
  if (!has_turn()) co_return std::optional<outcome>();
  auto looked = co_await (counted_ ? round() : first_look());
  turn_.reset();
  co_return looked;
}

std::string drain_look::progress() const {
  if (!counted_ && none_found_) return "it is in no cluster: seen so once more, it is passed over";
  if (stands_in_line() && !counted_) return "stands in line for its first look: many drains begin at once";
  if (!counted_) return "its container instance is being found";
  if (instances_.empty()) return "its container instance is gone";
  if (was_just_found()) return "it is found, and its first look is under way";
  if (is_counting_) return "no task runs or is pending; those that were told to stop are being counted";
  if (last_.empty()) return in_doubt_ ? "no task was seen yet" : "no tasks are left: seen once more, it is drained";
  return fmt::format("tasks: {} running, {} pending, {} stopping{}", last_.running, last_.pending, last_.stopping,
                     connected_ ? "" : "; the ECS agent is not connected");
}

task<result<std::optional<outcome>>> drain_look::first_look() {
  const auto found = co_await find_proven(in_, settings_.clusters);
  if (found.has_error()) co_return found.error();
  if (found->instances.empty())
    co_return is_sure_of_none() ? std::optional(not_in_cluster(in_, settings_.clusters)) : std::nullopt;
  none_found_ = false;
  counted_.emplace(*found->cluster, in_.haste());
  progress_at_ = in_.now();
  hold(found->instances);
  co_return co_await round();
}

// ECS lists late an agent that has just registered.
bool drain_look::is_sure_of_none() {
  return std::exchange(none_found_, true) || settings_.empty_for == duration::zero();
}

// An interruption does not stand in line. Nor what would have to be found again once it is proven.
bool drain_look::has_turn() {
  if (!has_hook(in_.about().kind)) return true;
  if (!turn_ && turnstile_.is_full() && !in_.is_proven()) return false;
  if (!turn_) turn_ = std::make_unique<turnstile::visit>(turnstile_, [this] { in_.wake(); });
  return turn_->has_turn();
}

void drain_look::hold(const found_instances& found) {
  instances_.clear();
  instances_.reserve(found.size());
  take_in(found);
}

bool drain_look::take_in(const found_instances& found) {
  sought_at_ = in_.services().time.uptime();
  const auto before = instances_.size();
  for (const auto& each : found) {
    const auto is_held = [&each](const auto& held) { return held.arn == each->arn; };
    if (std::none_of(instances_.begin(), instances_.end(), is_held)) instances_.push_back({each->arn, each});
  }
  return instances_.size() > before;
}

task<result<found_instances>> drain_look::find_again() {
  return in_.ask("finding the container instance again",
                 [this] { return cluster().find(in_.about().instance, in_.haste()); });
}

// An agent that lost its state registers its instance anew, and leaves the registration it had behind.
task<result<bool>> drain_look::find_registered_anew() {
  const auto found = co_await find_again();
  if (found.has_error()) co_return found.error();
  co_return take_in(*found);
}

std::vector<std::string> drain_look::arns() const {
  std::vector<std::string> arns;
  for (const auto& each : instances_) arns.push_back(each.arn);
  return arns;
}

task<result<std::optional<outcome>>> drain_look::round() {
  if (is_still_counting() && !has_ended()) co_return std::optional<outcome>();
  if (auto looked = co_await refresh(); looked.has_error()) co_return std::move(looked).error();
  const auto counted = co_await count();
  if (counted.has_error()) co_return counted.error();
  for (auto& each : instances_) each.now = nullptr;
  if (!*counted) co_return co_await while_counting();
  const auto& now = **counted;
  const bool in_doubt = in_doubt_ && settings_.empty_for > duration::zero();
  const bool ends = instances_.empty() || (now.empty() && !in_doubt);
  if (now.empty() && in_doubt) none_runs_since_ = in_.services().time.uptime();  // what confirms it is newer
  note(now);
  if (!ends && now.empty()) co_return std::optional<outcome>();
  co_return co_await (ends ? end() : see_to_it());
}

void drain_look::note(const drain_tally& now) {
  in_doubt_ = !now.empty();
  if (now == last_) return;
  last_ = now;
  progress_at_ = in_.now();
  explanation_.reset();
  in_.goes_on();
  if (!now.empty() && !is_counting_)
    in_.log().info("draining", {{"running", now.running}, {"pending", now.pending}, {"stopping", now.stopping}});
}

// Nothing is left to wait for, unless an agent has registered its instance again when it had gone.
task<result<std::optional<outcome>>> drain_look::end() {
  if (!connected_ && !left_ && !instances_.empty()) {
    const auto is_more = co_await find_registered_anew();
    if (is_more.has_error()) co_return is_more.error();
    if (*is_more) co_return std::optional<outcome>();
  }
  if (!std::exchange(left_, false)) co_return std::optional(instances_.empty() ? outcome::gone : outcome::done);
  const auto found = co_await find_again();
  if (found.has_error()) co_return found.error();
  if (found->empty()) {
    left_ = !is_sure_of_none();
    co_return left_ ? std::nullopt : std::optional(outcome::gone);
  }
  none_found_ = false;
  hold(*found);
  co_return std::optional<outcome>();
}

// What a drain that is not finished calls for; mostly nothing.
task<result<std::optional<outcome>>> drain_look::see_to_it() {
  if (const auto which = whom_to_stop(); which != tasks_to_stop::none) {
    stopped_at_ = in_.now();
    stopped_ = which;
    if (auto stopped = co_await stop_tasks(in_, cluster(), arns(), which); stopped.has_error())
      co_return std::move(stopped).error();
  }
  if (is_lost()) co_return std::optional(outcome::lost);
  if (!connected_ && in_.services().time.uptime() - sought_at_ >= seek_again) {
    if (const auto is_more = co_await find_registered_anew(); is_more.has_error()) co_return is_more.error();
  }
  if (should_explain()) {
    const auto stops_at = settings_.stops_standalone ? std::optional(stops_standalone_at()) : std::nullopt;
    if (auto explained = co_await explanation_->explain(
            cluster(), arns(), {.agent_connected = connected_, .counted = last_, .stops_at = stops_at});
        explained.has_error())
      co_return std::move(explained).error();
  }
  co_return std::optional<outcome>();
}

tasks_to_stop drain_look::whom_to_stop() const {
  const auto now = in_.now();
  auto which = tasks_to_stop::none;
  if (settings_.stops_standalone && now >= stops_standalone_at()) which = tasks_to_stop::standalone;
  if (settings_.stop_remaining > 0s && in_.time_left().value_or(duration::max()) <= settings_.stop_remaining)
    which = tasks_to_stop::all;
  return which > stopped_ || now >= stopped_at_ + stop_again ? which : tasks_to_stop::none;
}

time_point drain_look::stops_standalone_at() const { return in_.counts_from() + settings_.stop_after; }

bool drain_look::stands_still() const { return in_.now() - progress_at_ >= no_progress; }

bool drain_look::should_explain() {
  if (!stands_still()) return false;
  if (!explanation_) explanation_ = std::make_unique<drain_explanation>(in_, progress_at_);
  return explanation_->is_due();
}

bool drain_look::is_lost() {
  if (!has_ended()) return is_dead();
  in_.log().warn("instance_lost", {{"why", "EC2 ended it"}, {"running", last_.running}, {"stopping", last_.stopping}});
  return true;
}

// Only Auto Scaling's own instances can be asked about; without an agent or progress there is reason to.
bool drain_look::is_dead() {
  if (in_.about().group.empty()) return false;
  const bool is_doubtful = !has_agent_ || stands_still();
  if (!host_ && is_doubtful) host_ = std::make_unique<drain_host>(in_);
  if (host_) host_->note_agent(has_agent_);
  const auto dead = is_doubtful ? host_->found_dead() : std::nullopt;
  if (dead)
    in_.log().warn("instance_lost",
                   {{"lifecycle_state", *dead}, {"running", last_.running}, {"stopping", last_.stopping}});
  return dead.has_value();
}

rest drain_look::until_next() const {
  const bool confirms_none = none_found_ && !counted_;
  if (stands_in_line()) return {.wait = longest_in_line, .in_hand = confirms_none};
  if (confirms_none) return {.wait = settings_.empty_for, .is_steps_own_time = false, .in_hand = true};
  if (!counted_) return {longest_in_line};
  const bool confirms = last_.empty() && !is_counting_;
  return {.wait = until_look(), .is_steps_own_time = !confirms, .in_hand = confirms};
}

// Many drains look at the same moments, so that their questions leave together; thousands group by group.
duration drain_look::until_look() const {
  if (was_just_found()) return once_found;
  const auto now = in_.now().time_since_epoch();
  const bool alone = cluster().draining() < 2;
  if (last_.empty() && !is_counting_)
    return settings_.empty_for + (alone ? duration(0) : until_multiple(now + settings_.empty_for, confirm_beat));
  const auto interval = settings_.look_interval.value_or(in_.services().clusters.look_interval(in_.haste()));
  return until_stops(alone ? interval : until_multiple(now - counted_->phase(interval), interval));
}

// Where looks are far apart, that for what still runs must not come too late.
duration drain_look::until_stops(duration look) const {
  if (settings_.stop_remaining == 0s) return look;
  const auto left = in_.time_left().value_or(duration::max()) - settings_.stop_remaining;
  return left > 0s ? std::min(look, left) : look;
}

task<result<>> drain_look::refresh() {
  for (auto& each : instances_) {
    if (each.now) continue;  // found a moment ago
    auto now =
        co_await in_.ask("looking at the container instance", [&] { return cluster().look(each.arn, in_.haste()); });
    if (now.has_error()) co_return std::move(now).error();
    each.now = std::move(*now);
  }
  for (auto& each : instances_) {
    if (!each.now || each.now->status != "ACTIVE") continue;  // ACTIVE: also once it was REGISTERING, or by hand
    if (auto set = co_await set_draining(each); set.has_error()) co_return std::move(set).error();
  }
  note_members();
  co_return result<>();
}

void drain_look::note_members() {
  if (std::erase_if(instances_, [](const auto& each) { return !each.now; }) > 0) left_ = true;
  const auto is_connected = [](const auto& each) { return each.now->agent_connected; };
  connected_ = std::all_of(instances_.begin(), instances_.end(), is_connected);
  has_agent_ = connected_ || std::any_of(instances_.begin(), instances_.end(), is_connected);
}

task<result<>> drain_look::set_draining(registration& of) {
  in_.log().info("setting_draining",
                 {{"cluster", cluster().name()}, {"container_instance", of.arn}, {"running", of.now->running_tasks}});
  auto set =
      co_await in_.ask("setting the container instance DRAINING", [&] { return cluster().drain(of.arn, in_.haste()); });
  if (set.has_value()) {
    of.now = std::move(*set);
    if (of.now) in_doubt_ = true;  // a task may have been placed just before
    none_runs_since_.reset();      // nor tells a count of before what has stopped since
    co_return result<>();
  }
  // Between our look and our call it may have begun to register or to leave: the next look sees which.
  const auto meaning = set.error().code();
  if (meaning != errc::rejected && meaning != errc::not_found) co_return std::move(set).error();
  in_.log().warn("draining_refused",
                 {{"container_instance", of.arn}, {"status", of.now->status}, {"error", set.error().what()}});
  co_return result<>();
}

// nullopt: those that were told to stop are being counted.
task<result<std::optional<drain_tally>>> drain_look::count() {
  drain_tally sum;
  for (const auto& each : instances_) {
    sum.running += each.now->running_tasks;
    sum.pending += each.now->pending_tasks;
  }
  is_counting_ = false;
  if (sum.running + sum.pending > 0) {
    none_runs_since_.reset();
    co_return std::optional(sum);
  }
  if (!none_runs_since_) none_runs_since_ = in_.services().time.uptime();
  const auto stopping = co_await count_stopping();
  if (stopping.has_error()) co_return stopping.error();
  is_counting_ = !stopping->has_value();
  if (is_counting_) co_return std::optional<drain_tally>();
  sum.stopping = **stopping;
  co_return std::optional(sum);
}

bool drain_look::is_still_counting() const {
  return is_counting_ && std::any_of(instances_.begin(), instances_.end(),
                                     [this](const auto& each) { return cluster().is_counting_stopping(each.arn); });
}

// What was known of them stays as it was: empty once is not empty twice, nor is it forgotten.
task<result<std::optional<outcome>>> drain_look::while_counting() {
  if (last_.empty()) co_return std::optional<outcome>();
  if (last_.running + last_.pending > 0) note({.stopping = 1});
  co_return co_await see_to_it();
}

task<result<std::optional<int>>> drain_look::count_stopping() {
  int sum = 0;
  bool is_whole = true;
  for (const auto& each : instances_) {
    const auto stopping = co_await in_.ask(
        "counting stopping tasks", [&] { return cluster().stopping(each.arn, *none_runs_since_, in_.haste()); });
    if (stopping.has_error() && stopping.error().code() != errc::not_found) co_return stopping.error();
    // Not known any more: the next look sees that it is gone.
    if (stopping.has_error()) ++sum;
    if (stopping.has_value() && !*stopping) is_whole = false;
    if (stopping.has_value() && *stopping) sum += static_cast<int>((**stopping).count);
    if (each.now->status != "DRAINING") ++sum;  // still open to new tasks, or registering
  }
  co_return is_whole ? std::optional(sum) : std::nullopt;
}

}  // namespace lifehook::handlers
