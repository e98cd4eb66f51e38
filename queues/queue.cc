#include "queues/queue.h"

#include "base/metrics.h"
#include "queues/attributes.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::queues {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds long_poll = 20s;
constexpr duration attributes_every = 45s;  // sooner than a connection grows too old (aws/connection_pool)
constexpr duration look_again_after = 250ms;
// Else their answers, of equally many messages after equally long, come at once.
constexpr duration between_pollers = 1ms;
constexpr duration overdue_after = long_poll + 2s;  // such a poll's connection may have been lost without a word
constexpr duration longest_absence = 150s;          // a poll, its retries and its backoff
constexpr std::chrono::seconds shortest_visibility = 10s;
// Of a receive: after a crash the next worker has a message while its hook still lives (30 s is AWS's shortest), though
// nobody had read it yet. The holder extends what stays.
constexpr std::chrono::seconds longest_received = 15s;
constexpr backoff_limits after_failure{1s, 20s};

std::string_view name_of(const queue_settings& of) { return of.name.empty() ? aws::queue_name(of.url) : of.name; }

std::chrono::seconds whole_seconds(duration span) { return std::chrono::ceil<std::chrono::seconds>(span); }

}  // namespace

held_message::~held_message() {
  if (queue_) settle({disposition::leave, {}});
}

void held_message::limit_visibility(duration longest) {
  if (!queue_) return;
  const auto allowed = std::max(std::chrono::floor<std::chrono::seconds>(longest), shortest_visibility);
  queue_->receive_visibility_ = std::min(queue_->receive_visibility_, allowed);
  queue_->holder_.limit(*id_, allowed);
}

bool held_message::is_lost() const { return queue_ && queue_->holder_.is_lost(*id_); }

void held_message::settle(settlement how) {
  if (auto* from = std::exchange(queue_, nullptr)) from->settle(*id_, how);
}

queue::queue(clock& time, aws::sqs& with, task_group& tasks, metrics& counts, logger log, random_source& random,
             queue_settings of)
    : clock_(time),
      sqs_(with),
      tasks_(tasks),
      metrics_(counts),
      log_(log.with({{"queue", name_of(of)}})),
      random_(random),
      settings_(std::move(of)),
      receive_visibility_(std::min(whole_seconds(settings_.visibility), longest_received)),
      name_(name_of(settings_)),
      holder_(time, with, tasks, log_, settings_.url),
      settler_(time, with, tasks, holder_, log_, random, settings_.url, [this](const std::string& id) { settled(id); }),
      room_(time, tasks.executor(), counts, log_, name_, settings_.in_hand),
      catch_up_(time, tasks.executor()),
      outage_(time, log_),
      quiet_ended_(tasks.executor()) {}

task<result<queue_attributes>> queue::inspect() {
  auto answer = co_await sqs_.attributes(settings_.url);
  if (pollers_.empty())
    answered_ = answer.has_value() ? result<>() : answer.error();  // later receives tell: their permission is another
  if (answer.has_error()) co_return std::move(answer).error();
  const auto read = read_attributes(*answer);
  max_receive_count_ = read.max_receive_count;
  metrics_.queue_messages.set({name_, "visible"}, read.visible);
  metrics_.queue_messages.set({name_, "in_flight"}, read.in_flight);
  metrics_.queue_messages.set({name_, "delayed"}, read.delayed);
  co_return read;
}

void queue::start(deliver to) {
  deliver_ = std::move(to);
  metrics_.on_scrape([this] {
    metrics_.queue_messages.set({name_, "in_hand"}, static_cast<double>(holder_.size()));
    room_.count_full();
  });
  for (unsigned i = 0; i < settings_.pollers; ++i) {
    pollers_.push_back(std::make_unique<poller>(i * between_pollers));
    tasks_.spawn(poll(*pollers_.back()));
  }
  tasks_.spawn(watch_attributes());
}

void queue::stop_polling() {
  stopping_ = true;
  for (auto& each : pollers_) each->stop.raise();
  attribute_watch_.raise();
  room_.close();
  quiet_ended_.wake_all();
}

result<> queue::last_answer() const {
  if (answered_.has_error()) return answered_;
  if (holder_.is_behind())
    return error{errc::timeout, "its messages in hand are extended late: none is received meanwhile"};
  if (const auto* why = holder_.denied(); why)
    return why->in(fmt::format("extending a message, which else {}", end_of_unsettled()));
  if (const auto* why = settler_.denied())
    return why->in(fmt::format("settling a message, which else {}", end_of_unsettled()));
  return answered_;
}

bool queue::healthy() const {
  return std::all_of(pollers_.begin(), pollers_.end(), [this](const auto& each) {
    return each->resting || clock_.uptime() - each->began < longest_absence;
  });
}

task<> queue::poll(poller& self) {
  unsigned failures = 0;
  while (!stopping_) {
    self.began = clock_.uptime();
    co_await poll_once(self, failures);
  }
}

task<> queue::poll_once(poller& self, unsigned& failures) {
  if (holder_.is_behind()) {
    warn_late();
    co_await pause(self, look_again_after);
    co_return;
  }
  if (is_quiet_ && somebody_listens()) {
    failures = 0;
    co_await rest(self, quiet_ended_.wait());
    co_return co_await pause(self, self.apart);
  }
  const auto most = room_.reserve();
  if (most == 0) co_return co_await rest(self, room_.wait());
  const auto granted = receive_visibility_;  // a hook seen during the long poll may change what the next one asks for
  auto received = co_await receive(self, most, granted);
  if (received.has_value()) {
    failures = 0;
    outage_.ended();
    answered_ = result<>();
    for (auto& each : *received) take(std::move(each), granted);
    if (!received->empty()) co_await catch_up_.wait();
    co_return;
  }
  if (received.error().code() == errc::cancelled) co_return;
  answered_ = received.error();
  outage_.failed(received.error(), self.began);
  co_await pause(self, full_jitter(after_failure, ++failures, random_));
}

bool queue::somebody_listens() const {
  return std::any_of(pollers_.begin(), pollers_.end(), [](const auto& each) { return each->listens; });
}

void queue::end_quiet() {
  is_quiet_ = false;
  quiet_ended_.wake_all();
}

// Others poll again as soon as one brings a message, and also when it fails or does not come back: its retries and its
// backoff must not be all that listens.
task<result<std::vector<aws::sqs_message>>> queue::receive(poller& self, unsigned most, std::chrono::seconds granted) {
  self.listens = true;
  alarm overdue(clock_);
  overdue.set(overdue_after, [this, &self] {
    self.listens = false;
    outage_.overdue(overdue_after);
    end_quiet();
  });
  auto received = co_await self.stop.guard(sqs_.receive(settings_.url, most, long_poll, granted));
  self.listens = false;
  room_.give_back(most);
  if (received.has_value() && received->empty())
    is_quiet_ = true;
  else
    end_quiet();
  co_return received;
}

task<> queue::rest(poller& self, task<> until) {
  self.resting = true;
  co_await std::move(until);
  self.resting = false;
  self.began = clock_.uptime();
}

task<> queue::pause(poller& self, duration wait) { co_await self.stop.guard(clock_.sleep_for(wait)); }

void queue::take(aws::sqs_message received, duration granted) {
  metrics_.messages_received.add({name_});
  const auto* const id =
      holder_.hold(received.id, std::move(received.receipt_handle), {granted, whole_seconds(settings_.visibility)});
  if (!id) return say_again_in_hand(received);
  room_.note(holder_.size());
  const auto ahead = sqs_.clock_ahead();
  const message_facts facts{received.sent - ahead, received.first_received - ahead, clock_.now(),
                            received.receive_count, ahead};
  deliver_(held_message(*this, *id, facts), std::move(received.body));
}

task<> queue::watch_attributes() {
  auto every = [](queue& self) -> task<> {
    for (;;) {
      co_await self.clock_.sleep_to_next(attributes_every);
      co_await self.inspect();
    }
  };
  co_await attribute_watch_.guard(every(*this));
}

void queue::settle(const std::string& id, settlement how) {
  metrics_.messages_settled.add({name_, queues::name(how.how)});
  switch (how.how) {
    case disposition::remove: settler_.remove(id); break;
    case disposition::requeue:
    case disposition::retry: settler_.make_visible(id, whole_seconds(how.delay)); break;
    case disposition::leave: settled(id); break;
  }
}

void queue::settled(const std::string& id) {
  holder_.release(id);
  room_.note(holder_.size());
}

void queue::say_again_in_hand(const aws::sqs_message& received) {
  log_.write(again_warning_.is_due(clock_.uptime()) ? log_level::warn : log_level::info, "received_again_in_hand",
             {{"message", received.id},
              {"receive_count", received.receive_count},
              {"why", "nobody extended it in time (extending_visibility_failed, extending_late); its work goes on"},
              {"advice", fmt::format("let SQS extend it: one that is not extended {}", end_of_unsettled())}});
}

void queue::warn_late() {
  if (!late_warning_.is_due(clock_.uptime())) return;
  log_.warn("extending_late", {{"in_hand", holder_.size()},
                               {"advice",
                                "no message is received until those in hand are extended in time: if SQS can be "
                                "reached, give the worker more CPU, lower in_hand, or run more replicas"}});
}

}  // namespace lifehook::queues
