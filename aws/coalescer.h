#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/signal.h"
#include "base/task_group.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace lifehook::aws {

// How questions gather into calls.
struct pace {
  std::size_t most = 1;       // questions a call carries
  duration patience{0};       // how long a question waits for company while a call is in flight
  double burst = 0;           // calls a second that may leave less than full; 0: any number
  duration busy_patience{0};  // how long questions gather once those are used up, or while calls are to be saved
};

// Makes one call of the many that are asked for at once. A question that is alone, with nothing in flight, leaves at
// once; while a call is in flight the next ones gather, and leave together when it ends, when `most` have gathered, or
// after `patience`; with several calls in flight, as where they wait for their budget, only when one of them ends. A
// flood is gathered for longer, so that its calls are full, and so is what asks while calls are to be saved. The fetch
// answers every key, in order; one failing member never fails its batch unless the call itself fails.
template <class Key, class Value>
class coalescer {
 public:
  using answers = std::vector<result<Value>>;
  using fetch = std::function<task<result<answers>>(std::vector<Key>)>;
  using question = std::function<bool()>;

  // to_spare: whether there is room for calls that are less than full; left out: always.
  coalescer(clock& time, task_group& tasks, pace at, fetch with, question to_spare = {})
      : clock_(time),
        tasks_(tasks),
        pace_(at),
        fetch_(std::move(with)),
        to_spare_(std::move(to_spare)),
        impatience_(time),
        allowance_(at.burst) {}
  coalescer(clock& time, task_group& tasks, std::size_t most, duration patience, fetch with)
      : coalescer(time, tasks, pace{most, patience}, std::move(with)) {}

  // Whether a call with this question is still to leave or to be answered, also where all who asked have been given up.
  bool is_asking(const Key& key) const {
    const auto has_it = [&key](const auto& each) {
      return each && std::find(each->keys.begin(), each->keys.end(), key) != each->keys.end();
    };
    return has_it(gathering_) || std::any_of(sent_.begin(), sent_.end(), has_it);
  }

  task<result<Value>> ask(Key key) {
    if (!gathering_) gathering_ = std::make_shared<batch>(tasks_.executor());
    const auto mine = gathering_;
    const auto place = mine->keys.size();
    mine->keys.push_back(std::move(key));
    if (mine->keys.size() >= pace_.most || (sent_.empty() && may_leave()))
      leave();
    else if (!impatience_.is_set() && sent_.size() < most_in_flight())
      impatience_.set(may_leave() && has_to_spare() ? pace_.patience : pace_.busy_patience, [this] {
        if (sent_.size() < most_in_flight()) leave();
      });
    co_await mine->answered.wait();
    if (mine->failed) co_return *mine->failed;
    if (place >= mine->found.size()) co_return error{errc::internal, "a batch answered fewer than it was asked"};
    co_return std::move(mine->found[place]);
  }

 private:
  struct batch {
    explicit batch(loop_executor executor) : answered(std::move(executor)) {}
    std::vector<Key> keys;
    answers found;
    std::optional<error> failed;
    latch answered;
  };

  // Whether a call that is not full may leave now.
  bool may_leave() {
    if (pace_.burst == 0) return true;
    const auto now = clock_.uptime();
    const auto passed = std::chrono::duration<double>(now - std::exchange(filled_, now)).count();
    allowance_ = std::min(pace_.burst, allowance_ + passed * pace_.burst);
    return allowance_ >= 1;
  }

  bool has_to_spare() const { return !to_spare_ || to_spare_(); }
  // Calls that are not full; few, where it is not known that there is room for them.
  std::size_t most_in_flight() const { return to_spare_ && to_spare_() ? 32 : 4; }

  void leave() {
    impatience_.unset();
    if (!gathering_) return;
    if (gathering_->keys.size() < pace_.most) allowance_ = std::max(allowance_ - 1, -pace_.burst);
    sent_.push_back(std::exchange(gathering_, nullptr));
    tasks_.spawn(send(sent_.back()));
  }

  task<> send(std::shared_ptr<batch> of) {
    auto answer = co_await fetch_(of->keys);
    if (answer.has_value())
      of->found = std::move(*answer);
    else
      of->failed = std::move(answer).error();
    of->answered.set();
    sent_.erase(std::find(sent_.begin(), sent_.end(), of));
    if (may_leave() || !impatience_.is_set()) leave();
  }

  clock& clock_;
  task_group& tasks_;
  pace pace_;
  fetch fetch_;
  question to_spare_;
  alarm impatience_;
  double allowance_;  // calls
  duration filled_{0};
  std::shared_ptr<batch> gathering_;
  std::vector<std::shared_ptr<batch>> sent_;  // not answered yet
};

}  // namespace lifehook::aws
