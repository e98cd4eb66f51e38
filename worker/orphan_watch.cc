#include "worker/orphan_watch.h"

#include "aws/retry.h"
#include "base/backoff.h"
#include "base/metrics.h"
#include "base/side_by_side.h"
#include "handlers/heartbeats.h"
#include "handlers/hook_message.h"

#include <algorithm>
#include <iterator>

namespace lifehook::worker {

using namespace std::chrono_literals;

namespace {

constexpr duration first_look = 1s;
constexpr duration count_every = 10s;  // while it matters
constexpr std::size_t at_once = 50;    // of calls side by side
constexpr std::string_view adopted_id =
    "adopted-by-lifehook";  // in place of a RequestId: for people who read the message

std::string_view advice_on(const error& why) {
  if (aws::blames_credentials(why.aws_code()))
    return "AWS refuses the worker's keys, for whatever it asks: see to where they come from (README, Credentials and "
           "region)";
  if (why.code() == errc::denied)
    return "allow all of deploy/iam/base.json and adopt-hooks.json, and kms:GenerateDataKey where the queue is "
           "encrypted "
           "(deploy/iam/encrypted-queue.json), or write adopt_after: 0s to go without";
  return "tried again in about a minute; a hook whose event is lost meanwhile ends with its default result";
}

struct beginning {
  std::optional<time_point> activity;
  duration heartbeat_timeout;
  duration seen_for;
};

// An activity begins long before its hook where load balancers let go of the instance first; but what nobody kept open
// had waited for no longer than its timeout when it was first seen.
time_point time_of(const beginning& of, time_point now) {
  const auto seen = now - of.seen_for;
  return of.activity ? std::max(*of.activity, seen - of.heartbeat_timeout) : seen;
}

// Some at a time; the first failure.
task<result<>> all_of(std::vector<task<result<>>> works) {
  result<> first_failure;
  for (std::size_t from = 0; from < works.size(); from += at_once) {
    const auto begin = works.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = works.begin() + static_cast<std::ptrdiff_t>(std::min(from + at_once, works.size()));
    std::vector<task<result<>>> some(std::make_move_iterator(begin), std::make_move_iterator(end));
    for (const auto& each : co_await side_by_side(std::move(some)))
      if (each.has_error() && first_failure.has_value()) first_failure = each;
  }
  co_return first_failure;
}

}  // namespace

orphan_watch::orphan_watch(handlers::step_services& with, aws::sqs& sends, const handlers::reception& has,
                           const std::vector<std::unique_ptr<queues::queue>>& from, logger log, settings of)
    : services_(with),
      sqs_(sends),
      reception_(has),
      queues_(from),
      log_(std::move(log)),
      settings_(std::move(of)),
      waits_(with),
      sightings_(settings_.after) {}

task<> orphan_watch::watch() {
  for (auto pause = first_look;; pause = sightings_.pause()) {
    co_await rest(spread(pause, 0.2, services_.random));
    const auto looked = co_await look();
    if (looked.has_error()) complain(looked.error());
    if (looked.has_value()) complaint_.reset();
  }
}

// Counts that cannot be read are said by the look.
task<> orphan_watch::rest(duration until_next_look) {
  auto& time = services_.time;
  const auto end = time.uptime() + until_next_look;
  while (time.uptime() < end) {
    const auto left = end - time.uptime();
    const bool counts = sightings_.wants_counts();
    co_await time.sleep_for(counts ? std::min(left, count_every) : left);
    if (counts) co_await count_messages();
  }
}

void orphan_watch::complain(const error& why) {
  if (!complaint_.is_due(services_.time.uptime())) return;
  log_.warn("looking_for_orphans_failed", {{"error", why.what()}, {"advice", advice_on(why)}});
}

task<result<>> orphan_watch::count_messages() {
  double count = 0;
  for (const auto& each : queues_) {
    const auto read = co_await each->inspect();
    if (read.has_error()) co_return read.error();
    count += read->visible + read->in_flight + read->delayed;
  }
  sightings_.note_messages(count, services_.time.uptime());
  co_return result<>();
}

// Another queue's hooks are somebody else's, whatever they are named.
bool orphan_watch::is_told_elsewhere(const handlers::open_wait& one) const {
  const auto& ours = settings_.queue_urls;
  const auto is_it = [&one](const std::string& url) { return aws::is_queue_at(one.notifies, url); };
  return aws::is_queue(one.notifies) && std::none_of(ours.begin(), ours.end(), is_it);
}

task<result<wait_look>> orphan_watch::take_look() {
  wait_look seen;
  const auto read = co_await waits_.read([this, &seen](handlers::open_wait one) {
    sightings_.note_timeout(one.heartbeat_timeout);
    if (reception_.has_in_hand(one.about))
      seen.in_hand.push_back(key_of(one.about));
    else if (!is_told_elsewhere(one))
      seen.waits.push_back(std::move(one));
  });
  if (read.has_error()) co_return read.error();
  seen.when = services_.time.uptime();
  std::erase_if(seen.waits, [this, &seen](const auto& each) {  // taken in hand while the pages were read
    if (!reception_.has_in_hand(each.about)) return false;
    seen.in_hand.push_back(key_of(each.about));
    return true;
  });
  if (!seen.waits.empty()) {
    const auto counted = co_await count_messages();
    if (counted.has_error()) co_return counted.error();
  }
  co_return seen;
}

// What fails for one does not stop the others: a policy may allow the heartbeats of some groups only.
task<result<>> orphan_watch::look() {
  const auto seen = co_await take_look();
  if (seen.has_error()) co_return seen.error();
  std::vector<task<result<>>> questions;
  for (auto& each : sightings_.suspects(*seen)) questions.push_back(ask(std::move(each.about), seen->when));
  auto first_failure = co_await all_of(std::move(questions));
  std::map<std::string, std::vector<orphan>> by_group;
  for (auto& each : sightings_.orphans(*seen)) by_group[each.wait.about.group].push_back(std::move(each));
  for (auto& [name, orphans] : by_group) {
    const auto adopted = co_await adopt_all(std::move(orphans), seen->when);
    if (adopted.has_error() && first_failure.has_value()) first_failure = adopted;
  }
  co_return first_failure;
}

// AWS lists the instance as waiting, but not for which hook. The heartbeat that tells also gives the message time to
// arrive. A dry run sends none.
task<result<>> orphan_watch::ask(handlers::event about, duration when) {
  auto beat = result<>();
  if (!settings_.dry_run) beat = co_await services_.autoscaling.heartbeat(handlers::action_of(about));
  if (beat.has_value()) sightings_.note_open(about, when);
  if (beat.has_value() || beat.error().code() != errc::not_found) co_return beat;
  sightings_.note_not_open(about);
  co_return result<>();
}

// A dry run needs no times.
task<result<orphan_watch::beginnings>> orphan_watch::find_beginnings(const std::vector<orphan>& of_group,
                                                                     time_point aws_now) {
  if (settings_.dry_run) co_return beginnings();
  std::vector<handlers::event> about;
  std::chrono::seconds longest(0);
  for (const auto& each : of_group) {
    about.push_back(each.wait.about);
    longest = std::max(longest, each.wait.heartbeat_timeout);
  }
  co_return co_await handlers::beginnings(services_.autoscaling, std::move(about), aws_now - longest);
}

// When they began is told by the group's activities: what led to them, and their deadline, depend on it. Without an
// answer it is taken to be when they were first seen.
task<result<>> orphan_watch::adopt_all(std::vector<orphan> of_group, duration now) {
  const auto aws_now = services_.time.now() + sqs_.clock_ahead();
  const auto told = co_await find_beginnings(of_group, aws_now);
  const auto begun = told.has_value() ? *told : beginnings();
  std::vector<task<result<>>> adoptions;
  for (auto& each : of_group) {
    const auto found = begun.find(each.wait.about.instance);
    const auto activity = found == begun.end() ? std::nullopt : std::optional(found->second);
    each.wait.about.time = time_of({activity, each.wait.heartbeat_timeout, now - each.since}, aws_now);
    adoptions.push_back(adopt(std::move(each.wait)));
  }
  const auto adopted = co_await all_of(std::move(adoptions));
  co_return adopted.has_value() && told.has_error() ? result<>(told.error()) : adopted;
}

task<result<>> orphan_watch::adopt(handlers::open_wait one) {
  auto& about = one.about;
  const auto log = log_.with({{"group", one.to->name},
                              {"scaling_group", about.group},
                              {"hook", about.hook},
                              {"instance", about.instance},
                              {"transition", handlers::name(about.kind)}});
  if (settings_.dry_run) {
    sightings_.passed_over(about);
    log.info("would_adopt_hook");
    co_return result<>();
  }
  about.id = adopted_id;
  const auto sent = co_await sqs_.send(settings_.queue_urls.front(), handlers::hook_message(about));
  if (sent.has_error()) co_return sent;
  sightings_.told_of(about, services_.time.uptime());
  services_.counts.hooks_adopted.add({one.to->name, handlers::name(about.kind)});
  log.warn("hook_adopted",
           {{"why",
             "it waits, and no message speaks of it: its event was lost, never sent to the queue, or is among the dead "
             "letters"}});
  co_return result<>();
}

}  // namespace lifehook::worker
