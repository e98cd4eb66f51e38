#include "worker/orphan_watch.h"

#include "base/backoff.h"
#include "handlers/hook_message.h"

namespace lifehook::worker {

using namespace std::chrono_literals;

namespace {

constexpr duration complain_every = 1h;
constexpr duration first_look = 10s;
constexpr std::string_view adopted_id =
    "adopted-by-lifehook";  // in place of a RequestId: for people who read the message

std::string_view advice_on(const error& why) {
  if (why.aws_code().starts_with("AccessDenied"))
    return "allow autoscaling:DescribeAutoScalingGroups, autoscaling:DescribeScalingActivities and sqs:SendMessage "
           "(deploy/iam/base.json), or write adopt_after: 0s to go without";
  return "tried again within a minute; a hook whose event is lost meanwhile ends with its default result";
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
      sightings_(settings_.after) {}

task<result<>> orphan_watch::watch() {
  auto& time = services_.hook.time;
  for (auto pause = first_look;; pause = sightings_.pause()) {
    co_await time.sleep_for(spread(pause, 0.2, services_.hook.random));
    const auto looked = co_await look();
    if (looked.has_error()) complain(looked.error());
    if (looked.has_value()) complained_.reset();
  }
}

void orphan_watch::complain(const error& why) {
  const auto now = services_.hook.time.uptime();
  if (complained_ && now - *complained_ < complain_every) return;
  complained_ = now;
  log_.warn("looking_for_orphans_failed", {{"error", why.what()}, {"advice", advice_on(why)}});
}

task<result<double>> orphan_watch::count_messages() {
  double count = 0;
  for (const auto& each : queues_) {
    const auto read = co_await each->inspect();
    if (read.has_error()) co_return read.error();
    count += read->visible + read->in_flight + read->delayed;
  }
  co_return count;
}

task<result<>> orphan_watch::look() {
  auto open = co_await handlers::find_open_waits(services_);
  if (open.has_error()) co_return std::move(open).error();
  wait_look seen{.when = services_.hook.time.uptime(), .waits = std::move(*open)};
  seen.in_hand = std::erase_if(seen.waits, [this](const auto& each) { return reception_.has_in_hand(each.about); });
  if (!seen.waits.empty()) {
    const auto count = co_await count_messages();
    if (count.has_error()) co_return count.error();
    seen.messages = *count;
  }
  history told;
  for (const auto& each : sightings_.suspects(seen)) {
    const auto adopted = co_await adopt(each, told);
    if (adopted.has_error()) co_return adopted;
  }
  co_return result<>();
}

// AWS lists the instance as waiting, but not for which hook. The heartbeat that tells also gives the message time to
// arrive.
task<result<bool>> orphan_watch::is_open(const handlers::event& about) {
  const auto beat = co_await services_.hook.autoscaling.heartbeat(handlers::action_of(about));
  if (beat.has_value()) co_return true;
  if (beat.error().code() == errc::not_found) co_return false;
  co_return beat.error();
}

// Its deadline and what led to it are told from there. Without an answer the message's own time has to do.
task<std::optional<time_point>> orphan_watch::began(const handlers::event& about, history& told) {
  if (!told.contains(about.group)) {
    auto page = co_await services_.hook.autoscaling.activities(about.group);
    if (page.has_value()) told.emplace(about.group, std::move(page->activities));
  }
  const auto of_group = told.find(about.group);
  co_return of_group == told.end() ? std::nullopt : handlers::began(about.instance, of_group->second);
}

task<result<>> orphan_watch::adopt(const handlers::open_wait& one, history& told) {
  auto about = one.about;
  const auto log = log_.with({{"group", one.to->name},
                              {"scaling_group", about.group},
                              {"hook", about.hook},
                              {"instance", about.instance},
                              {"transition", handlers::name(about.kind)}});
  if (settings_.dry_run) {
    log.info("would_adopt_hook");
    sightings_.settle(about);
    co_return result<>();
  }
  const auto open = co_await is_open(about);
  if (open.has_error()) co_return open.error();
  if (!*open) {
    sightings_.settle(about);
    co_return result<>();
  }
  about.id = adopted_id;
  about.time = co_await began(about, told);
  const auto sent = co_await sqs_.send(settings_.queue_url, handlers::hook_message(about));
  if (sent.has_error()) co_return sent;
  sightings_.settle(about);
  services_.hook.counts.hooks_adopted.add({one.to->name, handlers::name(about.kind)});
  log.warn("hook_adopted",
           {{"why", "it waits, and no message speaks of it: its event was lost, or never sent to the queue"}});
  co_return result<>();
}

}  // namespace lifehook::worker
