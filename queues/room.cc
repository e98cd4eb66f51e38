#include "queues/room.h"

#include "base/metrics.h"

#include <algorithm>
#include <utility>

namespace lifehook::queues {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_at_once = 10;  // SQS, of one receive
constexpr duration warn_every = 60s;

}  // namespace

room::room(clock& time, loop_executor executor, metrics& counts, logger log, std::string queue, std::size_t limit)
    : clock_(time),
      metrics_(counts),
      log_(std::move(log)),
      queue_(std::move(queue)),
      limit_(limit),
      changed_(std::move(executor)),
      warning_(time) {
  metrics_.queue_full.touch({queue_});
}

unsigned room::reserve() {
  const auto taken = in_hand_ + reserved_;
  const auto free = limit_ > taken ? limit_ - taken : 0;
  const auto count = std::min(free, most_at_once);
  reserved_ += count;
  return static_cast<unsigned>(count);
}

void room::note(std::size_t in_hand) {
  const bool has_more = in_hand < std::exchange(in_hand_, in_hand);
  look();
  if (has_more) changed_.wake_all();
}

void room::close() {
  closed_ = true;
  look();
  changed_.wake_all();
}

void room::look() {
  const bool full = in_hand_ >= limit_ && !closed_;
  if (full == full_since_.has_value()) return;
  if (full) {
    full_since_ = clock_.uptime();
    warning_.set(std::max(next_warning_ - *full_since_, duration::zero()), [this] { warn_full(); });
  } else {
    count_full();
    full_since_.reset();
    warning_.unset();
  }
}

void room::count_full() {
  if (!full_since_) return;
  const auto now = clock_.uptime();
  metrics_.queue_full.add({queue_}, std::chrono::duration<double>(now - *full_since_).count());
  full_since_ = now;
}

void room::warn_full() {
  next_warning_ = clock_.uptime() + warn_every;
  warning_.set(warn_every, [this] { warn_full(); });
  log_.warn("queue_full",
            {{"in_hand", in_hand_}, {"advice", "more messages wait for room: raise in_hand, or run more replicas"}});
}

}  // namespace lifehook::queues
