#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/signal.h"
#include "base/task_group.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace lifehook::aws {

// Makes one call of the many that are asked for at once. A question that is alone, with nothing in flight, leaves at
// once; while a call is in flight the next ones gather, and leave together when it ends, when `most` have gathered, or
// after `patience`. The fetch answers every key, in order; one failing member never fails its batch unless the call
// itself fails.
template <class Key, class Value>
class coalescer {
 public:
  using answers = std::vector<result<Value>>;
  using fetch = std::function<task<result<answers>>(std::vector<Key>)>;

  coalescer(clock& time, task_group& tasks, std::size_t most, duration patience, fetch with)
      : tasks_(tasks), most_(most), patience_(patience), fetch_(std::move(with)), impatience_(time) {}

  task<result<Value>> ask(Key key) {
    if (!gathering_) gathering_ = std::make_shared<batch>(tasks_.executor());
    const auto mine = gathering_;
    const auto place = mine->keys.size();
    mine->keys.push_back(std::move(key));
    if (in_flight_ == 0 || mine->keys.size() >= most_)
      leave();
    else if (!impatience_.is_set())
      impatience_.set(patience_, [this] { leave(); });
    co_await mine->answered.wait();
    if (mine->failed) co_return *mine->failed;
    if (place >= mine->found.size()) co_return error{errc::internal, "a batch answered fewer than it was asked"};
    co_return std::move(mine->found[place]);
  }

 private:
  struct batch {
    explicit batch(asio::any_io_executor executor) : answered(std::move(executor)) {}
    std::vector<Key> keys;
    answers found;
    std::optional<error> failed;
    latch answered;
  };

  void leave() {
    impatience_.unset();
    if (!gathering_) return;
    ++in_flight_;
    tasks_.spawn(send(std::exchange(gathering_, nullptr)));
  }

  task<> send(std::shared_ptr<batch> of) {
    auto fetching = fetch_(of->keys);
    auto answer = co_await std::move(fetching);
    if (answer.has_value())
      of->found = std::move(*answer);
    else
      of->failed = std::move(answer).error();
    of->answered.set();
    --in_flight_;
    leave();
  }

  task_group& tasks_;
  std::size_t most_;
  duration patience_;
  fetch fetch_;
  alarm impatience_;
  std::shared_ptr<batch> gathering_;
  std::size_t in_flight_ = 0;
};

}  // namespace lifehook::aws
