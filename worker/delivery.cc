#include "worker/delivery.h"

#include "aws/limits.h"
#include "base/metrics.h"
#include "base/utf8.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace lifehook::worker {

using namespace std::chrono_literals;

namespace {

constexpr duration release_before = 10min;  // of SQS's 12 h, so that a visibility can still be set
constexpr duration retry_cap = 60s;
constexpr duration dry_run_again = 60s;  // sooner would carry what a dry run looks at to the dead-letter queue

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

// Without a token, of which no line has more than its beginning.
std::string excerpt_of(std::string_view body) {
  constexpr std::size_t longest = 80;
  std::string shown(first_bytes(body.substr(0, body.find("Token")), longest));
  std::replace_if(shown.begin(), shown.end(), [](unsigned char each) { return each < ' '; }, ' ');
  return shown;
}

// It comes back again and again: said when it is new, and when it leaves.
void say_malformed(const queues::held_message& held, std::string_view body, const error& why, const logger& log) {
  const auto count = held.facts().receive_count;
  const auto most = held.from().max_receive_count();
  const bool is_last = most > 1 && count >= most;
  log.write(count == 1 || is_last ? log_level::error : log_level::debug, "malformed",
            {{"error", why.what()},
             {"excerpt", excerpt_of(body)},
             {"sent_seconds_ago", held.facts().received - held.facts().sent},
             {"disposition", "leave"},
             {"advice", "find who sends it: it " + held.from().end_of_unsettled()}});
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

delivery::delivery(clock& time, handlers::reception& to, task_group& tasks, metrics& counts, random_source& random,
                   logger log, bool dry_run)
    : clock_(time),
      reception_(to),
      tasks_(tasks),
      metrics_(counts),
      random_(random),
      log_(std::move(log)),
      dry_run_(dry_run) {}

handlers::tenure::terms delivery::terms_of(const queues::held_message& held) const {
  const auto& facts = held.facts();
  handlers::tenure::terms terms;
  terms.received = facts.received;
  terms.sent = facts.sent;
  terms.first_received = facts.first_received;
  terms.hold_until = facts.received + held.from().hold();
  terms.release_by = facts.received + aws::longest_invisible - release_before;
  terms.came_before = facts.receive_count > 1;
  terms.clock_ahead = facts.clock_ahead;
  terms.may_requeue = queues::may_requeue(facts.receive_count, held.from().max_receive_count());
  return terms;
}

delivery::events delivery::read(queues::held_message& held, std::string_view body, const logger& log) {
  auto parsed = handlers::parse(body);
  if (parsed.has_error()) {
    say_malformed(held, body, parsed.error(), log);
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

// A message in hand, shared by the tasks of its events.
struct delivery::delivered final : handlers::message_in_hand {
  delivered(queues::held_message message, logger log_to, std::size_t events)
      : held(std::move(message)), log(std::move(log_to)), open(events) {}

  bool is_lost() const override { return held.is_lost(); }
  void limit_visibility(duration longest) override { held.limit_visibility(longest); }

  queues::held_message held;
  logger log;
  std::size_t open;  // events
  std::vector<handlers::verdict> verdicts{};
};

// One event in hand.
struct delivery::attended final : std::enable_shared_from_this<attended>, handlers::tenure::sleeper {
  attended(delivery& in, std::shared_ptr<delivered> message, std::shared_ptr<const handlers::event> about,
           const handlers::tenure::terms& terms)
      : by(in), of(std::move(message)), event(std::move(about)), keeps(terms), rest_over(in.clock_) {}

  void rest() {
    keeps.wake_by(this);
    rest_for(keeps.rest());
  }
  void woken() override {  // by whoever: it is gone on with once they are done
    rest_over.unset();
    asio::post(by.tasks_.executor(), [resting = weak_from_this()] {
      if (const auto self = resting.lock()) self->by.go_on_with(*self);
    });
  }

  delivery& by;
  std::shared_ptr<delivered> of;
  std::shared_ptr<const handlers::event> event;
  handlers::tenure keeps;
  std::unique_ptr<handlers::attendance> work{};  // once it is known whose it is
  std::size_t place{};                           // among those in hand
  alarm rest_over;

 private:
  void rest_for(duration wait) {
    rest_over.set(wait, [this] { by.go_on_with(*this); });
  }
};

delivery::~delivery() = default;

void delivery::deliver(queues::held_message held, std::string_view body) {
  auto log = log_.with({{"message", held.id()}, {"receive_count", held.facts().receive_count}});
  auto all = read(held, body, log);
  if (all.empty()) return;
  const auto terms = terms_of(held);
  const auto message = std::make_shared<delivered>(std::move(held), std::move(log), all.size());
  for (auto& event : all) {
    auto own = terms;
    own.message = message.get();
    if (!handlers::has_hook(event->kind)) own.longest_delay = aws::longest_invisible;  // no heartbeat is due meanwhile
    const auto one = std::make_shared<attended>(*this, message, std::move(event), own);
    one->place = in_hand_.size();
    in_hand_.push_back(one);
    observe_age(*one);
    if (stopping_) one->keeps.end(handlers::give_up::stop);
    go_on_with(*one);
  }
}

void delivery::observe_age(const attended& one) {
  const bool first = one.of->held.facts().receive_count == 1 && one.event->time.has_value();
  if (first)
    metrics_.event_age.observe({handlers::name(one.event->kind)},
                               std::max(clock_.now() - one.keeps.by_our_clock(*one.event->time), duration::zero()));
}

void delivery::go_on_with(attended& one) {
  one.keeps.wake_by(nullptr);
  tasks_.spawn(attend(one), one.keeps.work(), one.shared_from_this());
}

task<> delivery::attend(attended& one) {
  std::optional ended(handlers::verdict::leave(handlers::outcome::failed));
  try {
    ended = co_await go_on(one);
  } catch (const std::exception& thrown) {  // one message's bug must not take the others' work with it
    one.of->log.error("bug", {{"error", thrown.what()}, {"disposition", "leave"}});
  }
  if (ended)
    end(one, *ended);
  else
    one.rest();
}

// nullopt: it rests, and no coroutine of it is kept meanwhile.
task<std::optional<handlers::verdict>> delivery::go_on(attended& one) {
  if (!one.work) {
    auto begun = co_await reception_.begin(one.event, one.keeps, one.of->log);
    if (!begun.work) co_return begun.otherwise;
    one.work = std::move(begun.work);
  }
  co_return co_await one.work->attend();
}

void delivery::end(attended& one, const handlers::verdict& with) {
  one.work.reset();
  const auto kept = std::exchange(in_hand_[one.place], std::move(in_hand_.back()));
  in_hand_.pop_back();
  if (one.place < in_hand_.size()) in_hand_[one.place]->place = one.place;
  auto& message = *one.of;
  message.verdicts.push_back(with);
  if (--message.open == 0) settle(message.held, combine(message.verdicts));
}

void delivery::settle(queues::held_message& held, const handlers::verdict& with) {
  if (dry_run_) return held.settle({queues::disposition::requeue, dry_run_again});
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
  const auto all = in_hand_;
  for (const auto& each : all) each->keeps.end(handlers::give_up::stop);
}

std::vector<event_in_hand> delivery::nearest(std::size_t most) const {
  std::vector<std::pair<time_point, const attended*>> all;
  all.reserve(in_hand_.size());
  for (const auto& each : in_hand_) all.emplace_back(each->keeps.deadline().value_or(time_point::max()), each.get());
  const auto listed = std::min(most, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(listed), all.end());
  std::vector<event_in_hand> found;
  found.reserve(listed);
  for (std::size_t i = 0; i < listed; ++i) {
    const auto& one = *all[i].second;
    const auto& message = one.of->held;
    found.push_back(
        {*one.event, one.keeps, one.work.get(), message.from().name(), message.id(), message.facts().receive_count});
  }
  return found;
}

}  // namespace lifehook::worker
