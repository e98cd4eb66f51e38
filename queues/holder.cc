#include "queues/holder.h"

#include "aws/limits.h"
#include "queues/attributes.h"

#include <algorithm>

namespace lifehook::queues {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t batch_size = 10;
constexpr duration retry_after = 1s;
constexpr duration late_after = 2s;
constexpr duration hopeless_after = 2min;

// Extended at half of what it was granted; those due a little later share the batch.
duration extend_before(duration granted) { return granted / 2; }
duration company(duration granted) { return granted / 8; }

// A permission that is missing does not come by waiting: hooks are better heard of, and worked on, without it.
bool passes(const error& why) { return is_outage(why.code()) && why.code() != errc::denied; }

}  // namespace

holder::holder(clock& time, aws::sqs& with, task_group& tasks, logger log, std::string url)
    : clock_(time), sqs_(with), tasks_(tasks), log_(std::move(log)), url_(std::move(url)), wake_(time) {}

const std::string* holder::hold(std::string id, std::string receipt_handle, visibilities of) {
  const auto [found, is_new] = entries_.try_emplace(std::move(id));
  auto& entry = found->second;
  owe_nothing(entry);
  entry.receipt_handle = std::move(receipt_handle);
  entry.received = clock_.uptime();
  entry.granted = of.granted;
  entry.lost = false;
  if (is_new) {
    entry.id = &found->first;
    entry.visibility = of.wanted;
    most_ = std::max(most_, size());
  }
  if (entry.extends) enqueue_next(entry);
  return is_new ? entry.id : nullptr;
}

void holder::limit(const std::string& id, duration longest) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || longest >= found->second.visibility) return;
  auto& entry = found->second;
  entry.visibility = longest;
  if (entry.in == &due_ && longest < entry.granted) enqueue_next(entry);
}

void holder::stop_extending(const std::string& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  found->second.extends = false;
  owe_nothing(found->second);
}

void holder::release(const std::string& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  owe_nothing(found->second);
  entries_.erase(found);
}

const std::string* holder::receipt_handle(const std::string& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second.receipt_handle;
}

bool holder::is_lost(const std::string& id) const {
  const auto found = entries_.find(id);
  return found != entries_.end() && found->second.lost;
}

bool holder::is_behind() const {
  const auto since = clock_.uptime() - late_after;
  const auto is_late = [since](const order& of) { return !of.empty() && of.begin()->when <= since; };
  const bool fails = !failing_.empty() && failing_.rbegin()->first > clock_.uptime() - hopeless_after;
  return fails || is_late(due_) || is_late(in_flight_);
}

void holder::enqueue(entry& of, duration when) {
  put(due_, of, when);
  if (&of == &*due_.begin()) arm();
}

// Of what was granted just now; more than is wanted is shortened at once.
void holder::enqueue_next(entry& of) {
  enqueue(of, clock_.uptime() + (of.granted > of.visibility ? duration::zero() : extend_before(of.granted)));
}

void holder::put(order& into, entry& of, duration when) {
  take_out(of);
  of.when = when;
  into.insert(of);
  of.in = &into;
}

void holder::take_out(entry& of) {
  if (auto* const from = std::exchange(of.in, nullptr)) from->erase(from->iterator_to(of));
}

void holder::owe_nothing(entry& of) {
  take_out(of);
  if (const auto since = std::exchange(of.failing_since, std::nullopt)) failing_.erase({*since, &of});
}

void holder::arm() {
  if (due_.empty()) return wake_.unset();
  wake_.set(due_.begin()->when - clock_.uptime(), [this] { extend_due(); });
}

duration holder::allowed(const entry& of) const {
  const auto left = of.received + aws::longest_invisible - clock_.uptime();
  return std::chrono::floor<std::chrono::seconds>(std::min(of.visibility, left));
}

void holder::extend_due() {
  const auto now = clock_.uptime();
  while (!due_.empty() && due_.begin()->when <= now) {
    std::vector<aws::sqs_visibility_change> changes;
    std::vector<std::string> ids;
    while (!due_.empty() && changes.size() < batch_size) {
      auto& next = *due_.begin();
      const auto due = next.when;
      if (due > now + company(next.granted)) break;
      const auto visibility = allowed(next);
      if (visibility < 1s) {
        owe_nothing(next);
        continue;
      }
      put(in_flight_, next, std::min(due, now));
      changes.push_back({next.receipt_handle, std::chrono::duration_cast<std::chrono::seconds>(visibility)});
      ids.push_back(*next.id);
    }
    if (!changes.empty()) tasks_.spawn(extend(std::move(changes), std::move(ids)));
  }
  arm();
}

task<> holder::extend(std::vector<aws::sqs_visibility_change> changes, std::vector<std::string> ids) {
  const auto answer = co_await sqs_.change_visibility(url_, changes);
  std::vector<std::optional<error>> why(ids.size());
  if (answer.has_error()) {
    std::fill(why.begin(), why.end(), answer.error());
    denied_.note(answer.error(), clock_.uptime());
    if (failure_said_.is_due(clock_.uptime()))
      log_.error("extending_visibility_failed",
                 {{"messages", ids.size()}, {"error", answer.error().what()}, {"advice", advice_on(answer.error())}});
  } else {
    denied_.end();
    for (const auto& each : *answer)
      if (each.entry < why.size()) why[each.entry] = each.why;
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (why[i])
      failed(ids[i], changes[i].receipt_handle, *why[i]);
    else
      extended(ids[i], changes[i].receipt_handle, changes[i].visibility);
  }
}

void holder::extended(const std::string& id, const std::string& handle, duration by) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.receipt_handle != handle) return;
  auto& entry = found->second;
  owe_nothing(entry);
  entry.granted = by;
  if (entry.extends) enqueue_next(entry);
}

void holder::failed(const std::string& id, const std::string& handle, const error& why) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.receipt_handle != handle) return;  // swapped meanwhile
  auto& entry = found->second;
  const auto since = entry.failing_since.value_or(clock_.uptime());
  owe_nothing(entry);
  if (why.code() == errc::not_found || why.code() == errc::rejected) {
    entry.lost = true;
    log_.warn("message_lost",
              {{"message", id},
               {"error", why.what()},
               {"meaning",
                "deleted, purged, or visible again since nobody extended it in time: another worker may have it; its "
                "work here goes on"}});
    return;
  }
  if (!entry.extends) return;
  if (passes(why)) failing_.emplace(entry.failing_since.emplace(since), &entry);
  enqueue(entry, clock_.uptime() + retry_after);
}

}  // namespace lifehook::queues
