#pragma once

#include "base/error.h"
#include "base/signal.h"
#include "base/task_group.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace lifehook {

// One call at a time for each key: who asks while it is under way has its answer too, each a copy. It goes on when
// those who asked are given up. Outlives the tasks of its group.
template <class Key, class Value>
class shared_call {
 public:
  using call = std::function<task<result<Value>>(Key)>;

  shared_call(task_group& tasks, call with) : tasks_(tasks), call_(std::move(with)) {}

  task<result<Value>> ask(Key key) {
    auto mine = under_way_[key];
    if (!mine) {
      mine = under_way_[key] = std::make_shared<pending>(tasks_.executor());
      tasks_.spawn(make(std::move(key), mine));
    }
    co_await mine->answered.wait();
    co_return *mine->answer;
  }

 private:
  struct pending {
    explicit pending(loop_executor executor) : answered(std::move(executor)) {}
    std::optional<result<Value>> answer;
    latch answered;
  };

  task<> make(Key key, std::shared_ptr<pending> of) {
    of->answer = co_await call_(key);
    under_way_.erase(key);
    of->answered.set();
  }

  task_group& tasks_;
  call call_;
  std::map<Key, std::shared_ptr<pending>> under_way_;
};

}  // namespace lifehook
