#include "queues/settler.h"

#include "base/counted.h"
#include "queues/attributes.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lifehook::queues {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t batch_size = 10;
constexpr duration patience = 5ms;
constexpr aws::call_limits most_unfilled{10, 10};
constexpr duration hurried_patience = 10ms;  // of a worker that is stopping
constexpr unsigned most_attempts = 8;        // about a minute; then the visibility timeout brings the message back
constexpr backoff_limits between{500ms, 15s};
constexpr backoff_limits hurried_between{100ms, 1s};

}  // namespace

settler::settler(clock& time, aws::sqs& with, task_group& tasks, holder& handles, logger log, random_source& random,
                 std::string url, std::function<void(const std::string& id)> settled)
    : clock_(time),
      sqs_(with),
      tasks_(tasks),
      holder_(handles),
      log_(std::move(log)),
      random_(random),
      url_(std::move(url)),
      settled_(std::move(settled)),
      removals_(time),
      changes_(time) {}

settler::batch::batch(clock& time) : due(time), unfilled(most_unfilled), again_due(time) {}

void settler::remove(std::string id) { add(kind::removal, {std::move(id), {}, 0}); }

void settler::make_visible(std::string id, std::chrono::seconds after) {
  holder_.stop_extending(id);
  add(kind::visibility, {std::move(id), after, 0});
}

void settler::flush_now() {
  hurried_ = true;
  flush_failed(kind::removal, duration::max());
  flush_failed(kind::visibility, duration::max());
}

const error* settler::denied() const {
  const auto* const of_removals = removals_.denied.standing(clock_.uptime());
  return of_removals ? of_removals : changes_.denied.standing(clock_.uptime());
}

void settler::add(kind what, order entry) {
  auto& pending = of(what);
  pending.waiting.push_back(std::move(entry));
  if (pending.waiting.size() >= batch_size) return flush(what);
  if (!pending.due.is_set()) pending.due.set(patience_of(pending), [this, what] { flush(what); });
}

duration settler::patience_of(batch& with) {
  if (hurried_) return hurried_patience;
  return std::max(with.unfilled.until_free(clock_.uptime()), with.in_flight == 0 ? duration::zero() : patience);
}

void settler::flush(kind what) {
  auto& pending = of(what);
  pending.due.unset();
  const auto now = clock_.uptime();
  const bool fills_calls = pending.waiting.size() % batch_size == 0;
  if (!fills_calls && pending.unfilled.until_free(now) == duration::zero()) pending.unfilled.take(now);
  while (!pending.waiting.empty()) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(pending.waiting.size(), batch_size));
    std::vector<order> orders(std::make_move_iterator(pending.waiting.begin()),
                              std::make_move_iterator(pending.waiting.begin() + count));
    pending.waiting.erase(pending.waiting.begin(), pending.waiting.begin() + count);
    tasks_.spawn(send(what, std::move(orders)));
  }
}

task<result<std::vector<aws::sqs_batch_failure>>> settler::call(kind what, const std::vector<order>& orders) {
  if (what == kind::removal) {
    std::vector<std::string> handles;
    for (const auto& each : orders) handles.push_back(each.handle);
    return sqs_.remove(url_, std::move(handles));
  }
  std::vector<aws::sqs_visibility_change> changes;
  for (const auto& each : orders) changes.push_back({each.handle, each.delay});
  return sqs_.change_visibility(url_, std::move(changes));
}

task<> settler::send(kind what, std::vector<order> orders) {
  std::erase_if(orders, [this](const order& each) { return !holder_.receipt_handle(each.id); });
  if (orders.empty()) co_return;
  for (auto& each : orders) each.handle = *holder_.receipt_handle(each.id);
  std::optional<counted> in_flight(of(what).in_flight);
  const auto answer = co_await call(what, orders);
  in_flight.reset();
  std::vector<std::optional<aws::sqs_batch_failure>> failures(orders.size());
  if (answer.has_error()) {
    of(what).denied.note(answer.error(), clock_.uptime());
    for (std::size_t i = 0; i < orders.size(); ++i) failures[i] = aws::sqs_batch_failure{i, answer.error(), false};
  } else {
    of(what).denied.end();
    for (const auto& each : *answer)
      if (each.entry < failures.size()) failures[each.entry] = each;
  }
  for (std::size_t i = 0; i < orders.size(); ++i) conclude(what, std::move(orders[i]), failures[i]);
}

void settler::conclude(kind what, order entry, const std::optional<aws::sqs_batch_failure>& failure) {
  const auto* handle = holder_.receipt_handle(entry.id);
  if (handle && *handle != entry.handle) return add(what, {std::move(entry.id), entry.delay, entry.attempt});
  if (!failure) return settled_(entry.id);
  if (!failure->sender_fault && entry.attempt < most_attempts) return again(what, std::move(entry), failure->why);
  give_up(what, entry, failure->why);
}

std::string_view settler::wanted(kind what) { return what == kind::visibility ? "give back" : "remove"; }

// Deleted from the queue (purged) meanwhile, or received by another worker: SQS says the same of both.
void settler::give_up(kind what, const order& entry, const error& why) {
  const bool to_give_back = what == kind::visibility;
  if (to_give_back && hurried_) ++not_taken_back_;
  log_.warn("settling_given_up", {{"message", entry.id},
                                  {"wanted", wanted(what)},
                                  {"error", why.what()},
                                  {"meaning", to_give_back ? "SQS hands it out again by itself, unless another worker "
                                                             "has received it or it was purged; until then nobody is "
                                                             "at its event"
                                                           : "its work is done; if it comes back, that is found"}});
  settled_(entry.id);
}

void settler::again(kind what, order entry, const error& why) {
  if (of(what).failure_said.is_due(clock_.uptime()))
    log_.error("settling_failed", {{"message", entry.id},
                                   {"wanted", wanted(what)},
                                   {"attempt", entry.attempt + 1},
                                   {"error", why.what()},
                                   {"advice", advice_on(why)}});
  auto& same = of(what).failed[entry.attempt];
  if (same.orders.empty())
    same.until = clock_.uptime() + full_jitter(hurried_ ? hurried_between : between, entry.attempt, random_);
  ++entry.attempt;
  same.orders.push_back(std::move(entry));
  wait_for_failed(what);
}

void settler::wait_for_failed(kind what) {
  auto& pending = of(what);
  const auto next = std::min_element(pending.failed.begin(), pending.failed.end(),
                                     [](const auto& a, const auto& b) { return a.second.until < b.second.until; });
  if (next == pending.failed.end()) return pending.again_due.unset();
  pending.again_due.set(next->second.until - clock_.uptime(), [this, what] { flush_failed(what, clock_.uptime()); });
}

void settler::flush_failed(kind what, duration ended) {
  auto& pending = of(what);
  for (auto& [attempt, those] : pending.failed)
    if (those.until <= ended) std::move(those.orders.begin(), those.orders.end(), std::back_inserter(pending.waiting));
  std::erase_if(pending.failed, [ended](const auto& each) { return each.second.until <= ended; });
  wait_for_failed(what);
  flush(what);
}

}  // namespace lifehook::queues
