#include "worker/service.h"

#include "base/metrics.h"
#include "base/side_by_side.h"
#include "base/version.h"
#include "base/within.h"
#include "handlers/step_table.h"
#include "worker/first_counts.h"
#include "worker/queue_labels.h"
#include "worker/queue_lacks.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace lifehook::worker {

using namespace std::chrono_literals;

namespace {

constexpr duration attributes_limit = 5s;  // then the worker starts without them, and warns
constexpr double grace_share = 0.4;        // of the stop timeout, for work to finish by itself
constexpr duration flush_margin = 1s;
constexpr duration credentials_every = 30s;
constexpr duration state_every = 10s;
constexpr duration memory_state_every = 1min;
constexpr duration failed_again = 10s;
constexpr duration said_again = 2min;  // while it lasts: an alarm counts the lines (deploy/alarms.yaml)
constexpr duration clock_every = 30s;
constexpr duration clock_off = 1min;
constexpr duration warn_of_clock_every = 1h;
constexpr duration upkeep_begins = 2min;
constexpr duration upkeep_every = 6h;
constexpr duration claim_lasts = 1min;
constexpr duration deploy_lasts = 5min;  // longer than the old worker and the new one have the file together

// Guards work that runs until the service stops.
task<> until(interrupt& stop, task<> work) { co_await stop.guard(std::move(work)); }

std::vector<std::string> urls_of(const std::vector<queue_settings>& queues) {
  std::vector<std::string> urls;
  for (const auto& each : queues) urls.push_back(each.url);
  return urls;
}

error not_checked() { return {errc::timeout, "not checked yet"}; }

// As the metric has it. Keys that nobody has given yet have ended: an alert is to see it.
double expiry_of(const aws::credential_provider& keys, bool answered) {
  const auto expires = keys.expires();
  if (!expires && answered) return std::numeric_limits<double>::infinity();
  return std::chrono::duration<double>(expires.value_or(time_point()).time_since_epoch()).count();
}

}  // namespace

service::service(loop_executor executor, surroundings with, config of, std::string region, bool dry_run)
    : with_(std::move(with)),
      config_(std::move(of)),
      dry_run_(dry_run),
      tasks_(std::move(executor)),
      wiring_(with_, std::move(region), config_, tasks_, dry_run),
      budget_(with_.time, wiring_.client, wiring_.equipment.autoscaling.usual,
              {with_.wire, with_.env, wiring_.equipment.ecs.usual}, with_.log),
      delivery_(with_.time, wiring_.reception, tasks_, with_.counts, with_.random, with_.log, dry_run),
      orphans_(wiring_.equipment.services, wiring_.sqs, wiring_.reception, queues_, with_.log,
               {urls_of(config_.queues), config_.adopt_after, dry_run}),
      credentials_(not_checked()),
      state_(not_checked()) {
  show_at_zero(with_.counts, wiring_.reception.groups());
  auto labels = queue_labels(config_.queues);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    auto settings = config_.queues[i];
    settings.name = std::move(labels[i]);
    queues_.push_back(std::make_unique<queues::queue>(with_.time, wiring_.sqs, tasks_, with_.counts, with_.log,
                                                      with_.random, std::move(settings)));
  }
  with_.counts.on_scrape(
      [this] { with_.counts.credentials_expiry.set({}, expiry_of(with_.keys, credentials_.has_value())); });
}

service::~service() = default;

task<result<>> service::check_queue(queues::queue& of) {
  const auto read = co_await within(with_.time, attributes_limit, of.inspect());
  if (read.has_error()) {
    with_.log.warn("queue_attributes_unreadable",
                   {{"queue", of.name()},
                    {"error", read.error().what()},
                    {"meaning", "started without a look at its retention and redrive policy"},
                    {"advice", queues::advice_on(read.error())}});
    co_return result<>();
  }
  for (const auto& each : queues::check(*read, longest_deadline_of(config_))) {
    if (each.refuses) co_return error{errc::rejected, fmt::format("queue {}: {}", of.name(), each.text)};
    with_.log.warn("queue_warning", {{"queue", of.name()}, {"warning", each.text}});
  }
  for (const auto& each : lacks_of(*read, config_))
    with_.log.warn("queue_warning", {{"queue", of.name()}, {"warning", each}});
  co_return result<>();
}

task<result<>> service::check_queues() {
  std::vector<task<result<>>> checks;
  for (auto& each : queues_) checks.push_back(check_queue(*each));
  for (auto& each : co_await side_by_side(std::move(checks)))
    if (each.has_error()) co_return std::move(each);
  co_return result<>();
}

void service::start() {
  for (const auto& each : warnings(config_, wiring_.client.region()))
    with_.log.warn("configuration_warning", {{"warning", each}});
  for (const auto& each : notes(config_)) with_.log.info("configuration_note", {{"note", each}});
  for (auto& each : queues_)
    each->start(
        [this](queues::held_message held, const std::string& body) { delivery_.deliver(std::move(held), body); });
  watch(watch_credentials());
  watch(watch_state());
  watch(watch_clock());
  if (!dry_run_) watch(watch_upkeep());
  watch(tell_identity());
  watch(budget_.watch_load(wiring_.equipment.services.demand));
  watch(budget_.watch_throttling());
  if (adopts_hooks(config_)) watch(orphans_.watch());
  if (config_.budget.counts_replicas) watch(budget_.follow_replicas());
  if (dry_run_) warn_of_hooks_left_open();
  with_.log.info("started", {{"version", program_version()},
                             {"commit", with_.commit},
                             {"queues", queues_.size()},
                             {"groups", config_.groups.size()},
                             {"region", wiring_.client.region()},
                             {"dry_run", dry_run_}});
}

void service::watch(task<> work) { tasks_.spawn(until(watches_.emplace_back(), std::move(work))); }

void service::warn_of_hooks_left_open() {
  const auto& all = config_.groups;
  if (std::all_of(all.begin(), all.end(), [](const auto& each) { return each.hooks.empty(); })) return;
  with_.log.warn("dry_run_answers_no_hook",
                 {{"why",
                   "a hook that nobody else completes waits for its whole timeout, then gets its default "
                   "result: ABANDON ends the instance of each launch, and its group starts the next"},
                  {"advice",
                   "look at events of hooks that another system answers, in a queue of this worker's own "
                   "(docs/coming-from.md)"}});
}

// Keeps the credentials fresh, and says when they fail.
task<> service::watch_credentials() {
  for (seldom said{said_again};;) {
    const auto keys = co_await with_.keys.renew();
    const bool complained = said.was_due();
    credentials_ = keys.has_value() ? result<>() : keys.error();
    if (keys.has_error() && said.is_due(with_.time.uptime()))
      with_.log.error("credentials_failed", {{"error", keys.error().what()}});
    if (complained && keys.has_value()) {
      with_.log.info("credentials_answer");
      said.reset();
    }
    if (keys.has_error())
      co_await with_.time.sleep_for(failed_again);
    else
      co_await with_.time.sleep_to_next(credentials_every);
  }
}

// Says when the state does not answer, and when it does again.
task<> service::watch_state() {
  for (seldom said{said_again};;) {
    const bool complained = said.was_due();
    const auto probed = state_ = co_await wiring_.state->probe();
    if (probed.has_error() && said.is_due(with_.time.uptime()))
      with_.log.error("state_failed", {{"backend", wiring_.state->backend()}, {"error", probed.error().what()}});
    if (probed.has_value() && complained) {
      with_.log.info("state_answers", {{"backend", wiring_.state->backend()}});
      said.reset();
    }
    if (wiring_.state->backend() == "memory") {  // which answers, unless it is full
      co_await with_.time.sleep_to_next(memory_state_every);
      continue;
    }
    if (probed.has_value() && wiring_.state->backend() == "sqlite" && !dry_run_) co_await claim_state();
    co_await with_.time.sleep_for(state_every);
  }
}

// A file is one worker's. Two are safe, and a deploy has two for a while; but they do not share what is in their hands.
task<> service::claim_state() {
  constexpr auto key = "the worker on this file";  // no group has a blank in its name
  const auto mine = co_await wiring_.state->lock(key, wiring_.equipment.services.owner, claim_lasts);
  if (mine.has_error()) co_return;
  const auto now = with_.time.uptime();
  if (*mine) state_shared_.reset();
  if (*mine) co_return;
  if (!state_shared_) state_shared_ = now;
  if (now - *state_shared_ < deploy_lasts || !sharing_warning_.is_due(now)) co_return;
  with_.log.warn("state_shared", {{"path", config_.state.path},
                                  {"advice",
                                   "another worker uses this file too: it is meant for one; replicas share a table "
                                   "(state: {backend: dynamodb, table: NAME})"}});
}

// Times are told by AWS's clock all the same; other programs of the machine may not know better.
task<> service::watch_clock() {
  for (;;) {
    co_await with_.time.sleep_to_next(clock_every);
    const auto& time = with_.time;
    const auto ahead = wiring_.sqs.clock_ahead() - (time.wall_now() - time.now());
    if (std::chrono::abs(ahead) < clock_off) continue;
    with_.log.warn("clock_off", {{"aws_is_ahead_seconds", ahead},
                                 {"advice", "set this machine's clock; AWS's times are counted by AWS's meanwhile"}});
    co_await with_.time.sleep_for(warn_of_clock_every);
  }
}

// Has steps keep in order what outlives their events. Each replica does: what one has done another finds done.
task<> service::watch_upkeep() {
  co_await with_.time.sleep_for(spread(upkeep_begins, 0.5, with_.random));
  for (;;) {
    for (const auto& each : config_.groups)
      for_each_step(each, [this, &each](const handlers::step_plan& step, handlers::event_kind) {
        const auto upkeep = handlers::find_step(step.step)->upkeep;
        if (upkeep && !step.dry_run) upkeep(step.with, each, wiring_.equipment.services, with_.log);
      });
    co_await with_.time.sleep_for(upkeep_every);
  }
}

// Says once whom AWS takes us for. Nothing waits for it: a network may have no way to STS.
task<> service::tell_identity() {
  const auto who = co_await wiring_.sts.get_caller_identity();
  if (who.has_value()) wiring_.equipment.services.account = who->account;
  if (who.has_value()) with_.log.info("identity", {{"account", who->account}, {"arn", who->arn}});
}

task<> service::wait_until_empty() {
  while (in_hand() > 0) co_await with_.time.sleep_for(20ms);
}

// Every message settled and acknowledged, then every task ended.
task<> service::wait_until_over() {
  co_await wait_until_empty();
  co_await tasks_.join();
}

task<bool> service::stop(duration limit) {
  const auto began = with_.time.uptime();
  with_.log.info("stopping", {{"in_hand", in_hand()}, {"limit_seconds", limit}});
  for (auto& each : queues_) each->stop_polling();
  for (auto& each : watches_) each.raise();
  const auto grace = duration(static_cast<duration::rep>(static_cast<double>(limit.count()) * grace_share));
  co_await within(with_.time, grace, wait_until_empty());
  if (in_hand() > 0) with_.log.info("giving_back", {{"in_hand", in_hand()}});
  for (auto& each : queues_) each->flush_now();
  delivery_.stop_all();
  wiring_.equipment.keeper.stop();
  const auto left = limit - flush_margin - (with_.time.uptime() - began);
  const auto joined = co_await within(with_.time, std::max<duration>(left, 100ms), wait_until_over());
  with_.log.info("stopped", {{"left_behind", left_behind()}, {"took_seconds", with_.time.uptime() - began}});
  co_return joined.has_value();
}

std::size_t service::in_hand() const {
  std::size_t count = 0;
  for (const auto& each : queues_) count += each->in_hand();
  return count;
}

std::size_t service::reset_most_in_hand() {
  std::size_t count = 0;
  for (const auto& each : queues_) count += each->reset_most_in_hand();
  return count;
}

std::size_t service::left_behind() const {
  std::size_t count = 0;
  for (const auto& each : queues_) count += each->left_behind();
  return count;
}

bool service::healthy() const {
  return std::all_of(queues_.begin(), queues_.end(), [](const auto& each) { return each->healthy(); });
}

std::string service::hooks() const {
  const auto& lines = wiring_.equipment.lines;
  return hooks_page({.events = delivery_.in_hand(),
                     .nearest = delivery_.nearest(most_hooks_listed),
                     .queued = wiring_.client.queued(),
                     .heartbeats_in_line = lines.beats.waiting(),
                     .proofs_in_line = lines.proofs.waiting(),
                     .now = with_.time.now()});
}

std::vector<std::string> service::not_ready() const {
  std::vector<std::string> missing;
  const auto look = [&missing](std::string_view what, std::string_view name, const result<>& at) {
    if (at.has_error()) missing.push_back(fmt::format("{}{}: {}", what, name, at.error().what()));
  };
  look("credentials", "", credentials_);
  for (const auto& each : queues_) look("queue ", each->name(), each->last_answer());
  look("state ", wiring_.state->backend(), state_);
  return missing;
}

}  // namespace lifehook::worker
