#include "worker/budget_watch.h"

#include "aws/call_class.h"

#include <algorithm>

namespace lifehook::worker {

using namespace std::chrono_literals;

namespace {

constexpr duration count_every = 1min;
constexpr duration look_every = 30s;
constexpr duration say_every = 1min;
constexpr duration say_again_after = say_every - look_every / 2;  // no look is to the moment
constexpr duration takes_shape = 1s;                              // until it shows how much waits
constexpr duration for_good = 24h;

constexpr std::string_view heartbeat_family = "autoscaling";

std::string_view advice_on(const error& why) {
  if (why.aws_code().starts_with("AccessDenied"))
    return "allow ecs:DescribeServices and ecs:DescribeTasks (deploy/iam/budget-replicas.json), or write the number of "
           "workers in budget.replicas";
  if (why.code() == errc::not_found)
    return "replicas: auto is for tasks of an ECS service; write the number of workers in budget.replicas";
  return "asked again every minute; or write the number of workers in budget.replicas";
}

std::string_view advice_on(const aws::throttling& of) {
  if (of.family == heartbeat_family)
    return "calls wait their turn, heartbeats and completions first; if it lasts: raise the hooks' heartbeat timeout, "
           "have AWS raise the limit, or find what else uses it up";
  return "calls wait their turn, hooks are kept open meanwhile; if it lasts: have AWS raise the limit, or find "
         "what else uses it up";
}

}  // namespace

std::vector<aws::overload> overloads(std::vector<aws::overload> seen, double heartbeats_a_second,
                                     std::optional<double> heartbeat_rate) {
  const bool is_seen =
      std::any_of(seen.begin(), seen.end(), [](const auto& each) { return each.family == heartbeat_family; });
  if (!is_seen && heartbeat_rate && heartbeats_a_second > *heartbeat_rate)
    seen.push_back({heartbeat_family, heartbeats_a_second, *heartbeat_rate});
  return seen;
}

budget_watch::budget_watch(clock& time, aws::client& with, aws::autoscaling& scaling, replica_count replicas,
                           logger log)
    : clock_(time),
      client_(with),
      autoscaling_(scaling),
      replicas_(std::move(replicas)),
      log_(std::move(log)),
      saying_(say_again_after) {
  client_.when_throttled([this] { throttled_.wake(); });
}

budget_watch::~budget_watch() { client_.when_throttled({}); }

void budget_watch::complain(const error& why) {
  if (std::exchange(complaint_, why.code()) != why.code()) complaining_.reset();
  if (!complaining_.is_due(clock_.uptime())) return;
  log_.warn("budget_replicas_unknown",
            {{"replicas", client_.replicas()}, {"error", why.what()}, {"advice", advice_on(why)}});
}

task<> budget_watch::read_replicas() {
  const auto count = co_await replicas_.read();
  if (count.has_error()) co_return complain(count.error());
  complaint_.reset();
  if (*count != client_.replicas())
    log_.info("budget_replicas", {{"replicas", *count}, {"service", replicas_.service()}});
  client_.share_among(*count);
}

task<> budget_watch::follow_replicas() {
  for (;;) {
    co_await read_replicas();
    co_await clock_.sleep_for(count_every);
  }
}

void budget_watch::say(const aws::overload& of) {
  log_.warn("budget_too_small",
            {{"family", of.family},
             {"asked_a_second", of.asked},
             {"allowed_a_second", of.allowed},
             {"advice",
              "heartbeats go all the same, looks wait; raise the hooks' heartbeat timeout, have AWS "
              "raise the limit, or write it in budget.limits if it grants more"}});
}

// False: nothing has been throttled since it was said last.
bool budget_watch::say_what_is_throttled() {
  bool is_new = false;
  for (const auto& each : client_.throttled_so_far()) {
    auto& said = throttles_said_[{each.family, each.region}];
    const auto more = each.throttled - std::exchange(said, each.throttled);
    if (more == 0) continue;
    is_new = true;
    const auto log = each.allowed ? log_.with({{"allowed_a_second", *each.allowed}}) : log_;
    log.warn("aws_throttles", {{"family", each.family},
                               {"region", each.region},
                               {"throttled", more},
                               {"lasts", each.lasts},
                               {"waiting", each.waiting},
                               {"advice", advice_on(each)}});
  }
  return is_new;
}

task<> budget_watch::watch_throttling() {
  for (;;) {
    const bool said = say_what_is_throttled();
    co_await clock_.sleep_for(said ? say_every : for_good, said ? nullptr : &throttled_);
    if (!said) co_await clock_.sleep_for(takes_shape);
  }
}

task<> budget_watch::watch_load(const handlers::heartbeat_demand& asked) {
  for (;;) {
    co_await clock_.sleep_to_next(look_every);
    const auto found = overloads(client_.overloaded(), asked.a_second(), autoscaling_.heartbeat_rate());
    if (found.empty() || !saying_.is_due(clock_.uptime())) continue;
    for (const auto& each : found) say(each);
  }
}

}  // namespace lifehook::worker
