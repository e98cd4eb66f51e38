#include "worker/delivery.h"

#include <algorithm>
#include <exception>

namespace lifehook::worker {

using namespace std::chrono_literals;

namespace {

constexpr duration longest_receive = 12h;
constexpr duration release_before = 10min;  // of the 12 h, so that a visibility can still be set
constexpr duration retry_cap = 60s;

// While it lives, a stop reaches the work.
class registered {
 public:
  registered(std::set<handlers::tenure*>& in, handlers::tenure& of) : in_(in), of_(of) { in_.insert(&of_); }
  ~registered() { in_.erase(&of_); }
  registered(const registered&) = delete;
  registered& operator=(const registered&) = delete;

 private:
  std::set<handlers::tenure*>& in_;
  handlers::tenure& of_;
};

// The most careful first: what must stay is not removed, what must come back soonest decides the delay.
int care(handlers::verdict::kind of) {
  switch (of) {
    case handlers::verdict::kind::leave: return 3;
    case handlers::verdict::kind::retry: return 2;
    case handlers::verdict::kind::requeue: return 1;
    case handlers::verdict::kind::remove: return 0;
  }
  return 3;
}

}  // namespace

handlers::verdict combine(const std::vector<handlers::verdict>& verdicts) {
  handlers::verdict together;
  bool first = true;
  for (const auto& each : verdicts) {
    if (first || care(each.what) > care(together.what))
      together = each;
    else if (each.what == handlers::verdict::kind::requeue && together.what == each.what)
      together.delay = std::min(together.delay, each.delay);
    first = false;
  }
  return together;
}

delivery::delivery(clock& time, handlers::reception& to, metrics& counts, random_source& random, logger log,
                   bool dry_run)
    : clock_(time), reception_(to), metrics_(counts), random_(random), log_(std::move(log)), dry_run_(dry_run) {}

handlers::tenure::terms delivery::terms_of(const queues::held_message& held, duration hold) const {
  const auto& facts = held.facts();
  handlers::tenure::terms terms;
  terms.received = facts.received;
  terms.sent = facts.sent;
  terms.first_received = facts.first_received;
  terms.hold_until = facts.received + hold;
  terms.release_by = facts.received + longest_receive - release_before;
  terms.may_requeue = queues::may_requeue(facts.receive_count, held.from().max_receive_count());
  return terms;
}

delivery::events delivery::read(queues::held_message& held, const logger& log) {
  auto parsed = handlers::parse(held.take_body());
  if (parsed.has_error()) {
    log.error("malformed", {{"error", parsed.error().what()}, {"disposition", "leave"}});
    metrics_.events.add({"malformed", "", "malformed"});
    held.settle({queues::disposition::leave, {}});
    return {};
  }
  if (parsed->none) {
    log.info("ignored", {{"kind", parsed->none->kind}});
    metrics_.events.add({parsed->none->kind, "", "ignored"});
    settle(held, {});
    return {};
  }
  events all;
  for (auto& each : parsed->events) all.push_back(std::make_shared<const handlers::event>(std::move(each)));
  return all;
}

task<handlers::verdict> delivery::attend(queues::held_message& held, std::shared_ptr<const handlers::event> event,
                                         duration hold, logger log) {
  const bool first = held.facts().receive_count == 1 && event->time.has_value();
  if (first) metrics_.event_age.observe({handlers::name(event->kind)}, clock_.now() - *event->time);
  handlers::tenure keeps(terms_of(held, hold));
  const registered reachable(tenures_, keeps);
  if (stopping_) keeps.end(handlers::give_up::stop);
  // One message's bug must not take the others' work with it: it is left to its visibility timeout.
  handlers::verdict failed{handlers::verdict::kind::leave, {}, handlers::outcome::failed};
  try {
    auto receiving =
        reception_.receive(std::move(event), keeps, [&held](duration longest) { held.limit_visibility(longest); }, log);
    co_return co_await std::move(receiving);
  } catch (const std::exception& thrown) {
    log.error("bug", {{"error", thrown.what()}, {"disposition", "leave"}});
  }
  co_return failed;
}

task<> delivery::deliver(queues::held_message held, duration hold) {
  const auto log = log_.with({{"message", held.facts().id}, {"receive_count", held.facts().receive_count}});
  const auto all = read(held, log);
  if (all.empty()) co_return;
  std::vector<handlers::verdict> verdicts(all.size());
  if (all.size() == 1) {
    auto attending = attend(held, all.front(), hold, log);
    verdicts.front() = co_await std::move(attending);
  } else {  // of an AWS Health event: none waits for another
    task_group together(co_await asio::this_coro::executor);
    auto one = [](task<handlers::verdict> of, handlers::verdict& into) -> task<> { into = co_await std::move(of); };
    for (std::size_t i = 0; i < all.size(); ++i) together.spawn(one(attend(held, all[i], hold, log), verdicts[i]));
    co_await together.join();
  }
  settle(held, combine(verdicts));
}

void delivery::settle(queues::held_message& held, const handlers::verdict& with) {
  if (dry_run_) return held.settle({queues::disposition::leave, {}});
  switch (with.what) {
    case handlers::verdict::kind::remove: return held.settle({queues::disposition::remove, {}});
    case handlers::verdict::kind::requeue: return held.settle({queues::disposition::requeue, with.delay});
    case handlers::verdict::kind::retry:
      return held.settle(
          {queues::disposition::retry, queues::retry_delay(held.facts().receive_count, retry_cap, random_)});
    case handlers::verdict::kind::leave: return held.settle({queues::disposition::leave, {}});
  }
}

void delivery::stop_all() {
  stopping_ = true;
  const auto all = tenures_;
  for (auto* each : all)
    if (tenures_.contains(each)) each->end(handlers::give_up::stop);
}

}  // namespace lifehook::worker
