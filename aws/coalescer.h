#pragma once

#include "aws/gathering.h"
#include "base/error.h"
#include "base/signal.h"
#include "base/task_group.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace lifehook::aws {

// Makes one call of the many that are asked for at once. A question that is alone, with nothing in flight, leaves at
// once; while a call is in flight the next ones gather, and leave together when it ends, when `most` have gathered, or
// after `patience`; with several calls in flight, as where they wait for their budget, only when one of them ends. A
// flood is gathered for longer, so that its calls are full, and so is what asks while calls are to be saved. The fetch
// answers every key, in order; one failing member never fails its batch unless the call itself fails.
template <class Key, class Value>
class coalescer final : gathering {
 public:
  using answers = std::vector<result<Value>>;
  using fetch = std::function<task<result<answers>>(std::vector<Key>)>;
  using question = std::function<bool()>;

  // to_spare: whether there is room for calls that are less than full; left out: always.
  coalescer(clock& time, task_group& tasks, pace at, fetch with, question to_spare = {})
      : gathering(time, at, std::move(to_spare)), tasks_(tasks), fetch_(std::move(with)) {}

  // Whether a call with this question is still to leave or to be answered, also where all who asked have been given up.
  bool is_asking(const Key& key) const {
    const auto has_it = [&key](const auto& each) {
      return each && std::find(each->keys.begin(), each->keys.end(), key) != each->keys.end();
    };
    return has_it(open_) || std::any_of(sent_.begin(), sent_.end(), has_it);
  }

  task<result<Value>> ask(Key key) {
    if (!open_) open_ = std::make_shared<batch>(tasks_.executor());
    const auto mine = open_;
    const auto place = mine->keys.size();
    mine->keys.push_back(std::move(key));
    asked(mine->keys.size());
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

  void leave() override {
    if (!open_) return;
    left(open_->keys.size());
    sent_.push_back(std::exchange(open_, nullptr));
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
    answered();
  }

  task_group& tasks_;
  fetch fetch_;
  std::shared_ptr<batch> open_;
  std::vector<std::shared_ptr<batch>> sent_;  // not answered yet
};

}  // namespace lifehook::aws
