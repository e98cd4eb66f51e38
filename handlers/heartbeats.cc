#include "handlers/heartbeats.h"

#include "base/backoff.h"
#include "base/metrics.h"
#include "base/time_text.h"
#include "base/within.h"
#include "handlers/action_proof.h"
#include "handlers/deadline.h"
#include "handlers/hook_timer.h"
#include "handlers/services.h"

#include <boost/intrusive/list.hpp>

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration not_yet_pause = 5s;
constexpr duration short_timeout = 1min;
constexpr duration parting = 3s;  // a stop waits for it
constexpr duration most_in_line = 1min;
constexpr duration longest_soon = 5s;  // and as much again: a third of the shortest timeout
constexpr backoff_limits learning{1s, 30s};
constexpr int late_part = 4;  // the last of the timeout; a heartbeat is due at half of it

// A failed heartbeat is due again well before the hook runs out: half of the timeout holds at least eight more tries.
duration again_after(duration timeout) { return std::clamp<duration>(timeout / 16, 1s, 30s); }

// What AWS rejects it will most likely reject again.
backoff_limits after_rejection(duration timeout) { return {again_after(timeout), timeout / 2}; }

std::string_view outcome_label(const result<>& answer) {
  if (answer.has_value()) return "done";
  switch (answer.error().code()) {
    case errc::not_found: return "gone";
    case errc::denied: return "denied";
    case errc::timeout: return "timeout";
    default: return "failed";
  }
}

}  // namespace

aws::lifecycle_action_id action_of(const event& about) {
  return {about.group, about.hook, about.instance, about.token};
}

// One heartbeat. What still waits for its turn is given up with the others: it would take the turn from a hook that
// needs it. What is on the wire is not cut.
struct heartbeats::sending
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  aws::call_stage stage;
  interrupt unwanted;

  void give_up() {
    stage.is_wanted = false;
    if (!stage.is_on_wire) unwanted.raise();
  }
  bool was_given_up() const { return !stage.is_wanted && !stage.sent; }
};

struct heartbeats::state final : std::enable_shared_from_this<state>, hook_catalog::watcher {
  state(step_services& with, listener& to, std::shared_ptr<const event> of, std::string_view label, logger log_to)
      : services(with),
        owner(&to),
        about(std::move(of)),
        proof(with, *about, with.time.now() - to.event_age()),
        group_label(label),
        log(std::move(log_to)),
        next(with.time),
        asks(with.demand) {}

  bool has_ended() const { return !owner; }

  void schedule(duration wait) {
    next.set(wait, [this] { begin_beat(); });
  }
  bool is_scheduled() const { return next.is_set() && !beat_turn; }  // else one is under way, or all is over
  // Where thousands are due at once they stand in line, the hook with the least time left first. A short hook has no
  // time for that, nor what failed before.
  duration longest_in_line() const {
    return has_failed || timeout() <= short_timeout ? duration::zero() : std::min(left() / 16, most_in_line);
  }
  void begin_beat() {
    next.unset();
    const auto by = services.time.uptime() + longest_in_line();
    beat_turn.reset();  // of one that is still under way: its place may come to this one, which is told only in line
    beat_turn = std::make_unique<turnstile::visit>(services.lines.beats, [this] { beat_in_turn(); }, by);
    watch_for_lateness();
    if (beat_turn->has_turn()) beat_in_turn();
  }
  void beat_in_turn() {
    auto mine = std::make_shared<sending>();
    services.tasks.spawn(beat(shared_from_this(), mine), mine->unwanted, mine);
  }
  hook_timer::beginning beginning() const { return {owner->event_age(), owner->came_before()}; }
  duration timeout() const { return timer.length(); }
  duration left() const { return timer.left(services.time.now(), beginning()); }
  std::optional<duration> until_end() const { return timer.until_end(services.time.now(), beginning()); }

  // One that waits for its turn, or for AWS, has no failure to complain of.
  void watch_for_lateness() {
    if (!timer.is_known() || (failing && failing->is_late)) return;
    const auto until = until_end().value_or(left());
    next.set(std::max(until - timeout() / late_part, again_after(timeout())), [this] { tell_late(); });
  }
  void tell_late() {
    begin_failing(timeout() / late_part).is_late = true;  // it has been due since
    services.counts.heartbeats.add({group_label, "late"});
    log.warn("heartbeat_late",
             {{"ends_in_seconds", std::max(until_end().value_or(duration::zero()), duration::zero())},
              {"why", "the heartbeat that keeps the hook open waits for its turn, or for AWS's answer"}});
  }
  failure& begin_failing(duration ago = {}) {
    if (!failing) failing = std::make_unique<failure>(services.time.now() - ago);
    return *failing;
  }
  void tell_if_run_out() {
    const auto ends_in = until_end();
    if (!failing || !ends_in || *ends_in > 0s || std::exchange(failing->has_run_out, true)) return;
    log.error("timer_ran_out", {{"timeout_seconds", timeout()},
                                {"error", failing->why.what()},
                                {"why",
                                 "no heartbeat reached AWS for the hook's whole timeout: AWS has most likely applied "
                                 "its default result"}});
  }
  void tell_failed(const error& why) {
    auto& now = begin_failing();
    now.why = why;
    tell_if_run_out();
    if (!is_worth_saying(now.tries++)) return;
    const auto ends_in = until_end();
    const auto told = ends_in ? log.with({{"ends_in_seconds", std::max(*ends_in, duration::zero())}}) : log;
    told.error("heartbeat_failed",
               {{"attempt", now.tries},
                {"meaning", name(why.code())},
                {"error", why.what()},
                {"advice", why.code() == errc::denied ? "the worker's role needs "
                                                        "autoscaling:RecordLifecycleActionHeartbeat (lifehook policy)"
                                                      : "nothing, unless it lasts: it is sent again soon"}});
  }

  // Half a timeout after the hook's timer was last set, by a beat or by the event itself.
  void schedule_regular() {
    const auto half = spread(timeout() / 2, 0.1, services.random);
    schedule(half - timer.age(services.time.now(), beginning()));
  }

  void learn(const aws::lifecycle_hook& hook) {
    timer.learn(hook.heartbeat_timeout);
    asks.every(timeout() / 2);
    owner->timing_known(hook);
  }

  // Nobody says whether AWS takes the new timeout for an action that is open, so a longer one is no reason to beat less
  // often, nor is the deadline moved.
  void changed(const aws::lifecycle_hook& now) override {
    if (has_ended()) return;
    if (!timer.is_known()) {  // a listing did not have it: AWS shows late what is new
      learn(now);
      return keep_pace();
    }
    if (now.heartbeat_timeout >= timeout()) return;
    log.info("hook_shortened", {{"timeout_seconds", duration(now.heartbeat_timeout)}});
    timer.shorten(now.heartbeat_timeout);
    asks.every(timeout() / 2);
    owner->timeout_shortened(timeout());
    if (proof.is_sought() && is_scheduled()) return begin_beat();
    keep_pace();
  }
  const std::string& hook() const override { return about->hook; }

  void keep_pace() {
    if (is_scheduled() && !proof.is_sought() && !owes_first()) schedule_regular();
  }

  static task<> find_timing(std::shared_ptr<state> self) {
    const auto found = co_await self->services.hooks.find(self->about->group, self->about->hook);
    if (self->has_ended() || self->timer.is_known()) co_return;
    if (found.has_error()) {
      if (is_worth_saying(self->learnings))
        self->log.error("describing_hooks_failed",
                        {{"error", found.error().what()}, {"assumed_timeout_seconds", self->timeout()}});
      if (!self->learn_again) self->learn_again = std::make_unique<alarm>(self->services.time);
      self->learn_again->set(full_jitter(learning, self->learnings++, self->services.random), [state = self.get()] {
        state->services.tasks.spawn(find_timing(state->shared_from_this()));
      });
      co_return;
    }
    if (*found)
      self->learn(**found);
    else
      self->log.warn("hook_unknown", {{"assumed_timeout_seconds", self->timeout()}});
    self->keep_pace();
  }

  void schedule_again(duration wait) { schedule(proof.is_sought() ? std::min(wait, not_yet_pause) : wait); }

  bool is_due() const { return !owner->came_before() && owner->event_age() >= timeout() / 2; }
  // In hand before, by whomever: nobody knows when its last was sent.
  bool owes_first() const { return owner->came_before() && !timer.last_set(); }
  // After a restart thousands come again at once. What AWS's timer was set to before may be shorter than the hook says
  // by now.
  duration soon() { return spread(std::min(timeout() / 128, longest_soon), 1.0, services.random); }

  void seek_proof() {
    schedule(owner->came_before() ? soon() : quarter(timeout()));  // also a look that hangs must not let it run out
    look_turn = std::make_unique<turnstile::visit>(services.lines.proofs, [this] { look_in_turn(); });
    if (look_turn->has_turn()) look_in_turn();
  }
  void look_in_turn() { services.tasks.spawn(look_for_proof(shared_from_this())); }

  static task<> look_for_proof(std::shared_ptr<state> self) {
    const bool is_shown = co_await self->proof.is_shown();
    self->look_turn.reset();
    if (self->has_ended() || !self->proof.is_sought()) co_return;
    if (is_shown) {
      self->prove();
      if (!self->owner->came_before()) self->schedule_regular();
    } else if (self->is_scheduled()) {
      self->begin_beat();
    }
  }

  static task<> beat(std::shared_ptr<state> self, std::shared_ptr<sending> mine) {
    const auto answer = co_await send(self, std::move(mine));
    self->beat_turn.reset();
    if (self->has_ended()) co_return;
    if (answer.has_value()) {
      self->prove();
      self->schedule_regular();
    } else if (answer.error().code() == errc::not_found) {
      co_await refused(self);
    } else {
      co_await failed(self, answer.error());
    }
  }

  static task<> failed(std::shared_ptr<state> self, error why) {
    const bool rejected = why.code() == errc::rejected;
    self->has_failed = true;
    self->tell_failed(why);
    self->schedule_again(rejected
                             ? full_jitter(after_rejection(self->timeout()), self->rejections++, self->services.random)
                             : again_after(self->timeout()));
    co_await look_at_instance(self, rejected);  // which may take longer than the hook has
  }

  void prove() {
    if (!proof.is_sought()) return;
    look_turn.reset();
    proof.give();
    owner->proven();
  }

  void tell_over() {
    next.unset();
    owner->action_over();
  }

  // Where heartbeats tell nothing the list may, as long as the steps wait for a word.
  static task<> look_at_instance(std::shared_ptr<state> self, bool rejected) {
    const auto may = co_await self->proof.look(rejected);
    if (self->has_ended()) co_return;
    if (may == may_begin::yes) self->prove();
    if (may == may_begin::never) self->tell_over();
  }

  static task<result<>> send(std::shared_ptr<state> self, std::shared_ptr<sending> mine) {
    const auto left = self->has_ended() ? self->timeout() : self->left();
    self->under_way.push_back(*mine);
    auto call = self->services.autoscaling.heartbeat(action_of(*self->about), {left, &mine->stage});
    auto answer = co_await mine->unwanted.guard(std::move(call));
    mine->unlink();
    if (mine->was_given_up()) co_return answer;
    self->services.counts.heartbeats.add({self->group_label, outcome_label(answer)});
    if (answer.has_value()) {
      if (mine->stage.sent) self->timer.set(*mine->stage.sent);
      self->was_accepted = true;
      self->has_failed = false;
      self->failing.reset();
      self->rejections = 0;
      if (!self->has_ended()) self->services.hooks.timer_set(self->about->group);
      self->log.info("heartbeat", {{"timeout_seconds", self->timeout()}});
    }
    co_return answer;
  }

  static task<result<>> beat_now(std::shared_ptr<state> self) {
    self->next.unset();
    if (self->beat_turn && !self->beat_turn->has_turn()) self->beat_turn.reset();  // this one goes before it
    auto answer = co_await send(self, std::make_shared<sending>());
    if (self->has_ended()) co_return answer;
    if (answer.has_error() && answer.error().code() != errc::not_found) self->tell_failed(answer.error());
    if (answer.has_value())
      self->schedule_regular();
    else
      self->schedule(again_after(self->timeout()));
    co_return answer;
  }

  static task<> refused(std::shared_ptr<state> self) {
    self->has_failed = true;
    if (self->failing && self->failing->tries == 0) self->failing.reset();  // it has its answer
    self->schedule(not_yet_pause);
    const auto over = co_await is_over(self->services, *self->about, self->owner->event_age(), self->was_accepted);
    if (self->has_ended()) co_return;
    if (over.has_value() && *over) self->tell_if_run_out();
    if (over.has_value() && *over) co_return self->tell_over();
    self->log.info("action_not_known_yet", {{"meaning", "AWS knows no such action, but may not have caught up"}});
    co_await look_at_instance(self, false);
  }

  step_services& services;
  listener* owner;  // null once it has ended
  std::shared_ptr<const event> about;
  action_proof proof;
  std::string_view group_label;
  logger log;
  hook_timer timer;
  bool was_accepted = false;
  bool has_failed = false;  // the last one, or was refused
  alarm next;
  std::unique_ptr<alarm> learn_again;  // once its timing was not to be had
  heartbeat_demand::part asks;
  std::unique_ptr<failure> failing;  // since the last that was accepted
  unsigned learnings = 0;
  unsigned rejections = 0;  // in a row
  boost::intrusive::list<sending, boost::intrusive::constant_time_size<false>> under_way;
  std::unique_ptr<turnstile::visit> beat_turn;  // while one is under way, or stands in line
  std::unique_ptr<turnstile::visit> look_turn;  // the same of the look for a proof
};

heartbeats::heartbeats(step_services& with, listener& to, std::shared_ptr<const event> about,
                       std::string_view group_label, logger log)
    : state_(std::make_shared<state>(with, to, std::move(about), group_label, std::move(log))) {
  if (const auto* hook = with.hooks.known(state_->about->group, state_->about->hook))
    state_->learn(*hook);
  else
    with.tasks.spawn(state::find_timing(state_));
  with.hooks.watch(state_->about->group, *state_);
}

heartbeats::~heartbeats() {
  state_->owner = nullptr;
  state_->unlink();
  state_->next.unset();
  state_->learn_again.reset();
  state_->beat_turn.reset();
  state_->look_turn.reset();
  for (auto each = state_->under_way.begin(); each != state_->under_way.end();) (each++)->give_up();
}

std::shared_ptr<latch> heartbeats::begin() {
  auto proof = state_->proof.seek();
  if (state_->is_due())
    state_->begin_beat();
  else
    state_->seek_proof();
  return proof;
}

task<result<>> heartbeats::part(give_up why) {
  const auto last = state_->timer.last_set();
  const bool is_needed =
      why == give_up::stop || !last || state_->services.time.now() - *last >= quarter(state_->timeout());
  if (!is_needed) co_return result<>();
  co_return co_await within(state_->services.time, parting, state::beat_now(state_));
}

bool heartbeats::accepted() const { return state_->was_accepted; }
std::optional<time_point> heartbeats::last_accepted() const { return state_->timer.last_set(); }
duration heartbeats::timeout() const { return state_->timeout(); }
duration heartbeats::left() const { return state_->left(); }
std::optional<duration> heartbeats::until_end() const { return state_->until_end(); }
const heartbeats::failure* heartbeats::failing() const { return state_->failing.get(); }

}  // namespace lifehook::handlers
