#pragma once

#include "base/clock.h"
#include "state/store.h"

#include <algorithm>
#include <string>
#include <utility>

namespace lifehook::handlers {

// A store behind a slow network: every call takes time before and after it is carried out, so that work may end in
// between. Locks count from the call, as DynamoDB's. Watches how many hold its locks at once.
class watched_store final : public state::store {
 public:
  watched_store(clock& time, state::store& behind, duration way) : each_way(way), clock_(time), behind_(behind) {}

  task<result<state::history>> turns(std::string service) override { return slowly(behind_.turns(std::move(service))); }
  task<result<state::history>> record_launch(std::string service, std::string scaling_group, time_point when) override {
    return slowly(behind_.record_launch(std::move(service), std::move(scaling_group), when));
  }
  task<result<std::optional<std::string>>> note(std::string key) override {
    return slowly(behind_.note(std::move(key)));
  }
  task<result<std::string>> note_once(std::string key, std::string text, duration lasting) override {
    return slowly(behind_.note_once(std::move(key), std::move(text), lasting));
  }
  task<result<>> write_note(std::string key, std::string text, duration lasting) override {
    return slowly(behind_.write_note(std::move(key), std::move(text), lasting));
  }
  task<result<bool>> write_spare_note(std::string key, std::string text, duration lasting) override {
    return slowly(behind_.write_spare_note(std::move(key), std::move(text), lasting));
  }
  task<result<bool>> lock(std::string key, std::string owner, duration lasting) override {
    ++asked_for_locks;
    if (fails) co_return error{errc::unreachable, "no answer"};
    if (is_locked) co_return false;
    auto locked = co_await slowly(
        behind_.lock(std::move(key), std::move(owner),
                     lasting - each_way));  // a const result<bool> would be returned as whether it has a value
    if (locked.has_value() && *locked) most_holders = std::max(most_holders, ++holders_);
    co_return locked;
  }
  task<result<>> unlock(std::string key, std::string owner) override {
    --holders_;
    return slowly(behind_.unlock(std::move(key), std::move(owner)));
  }
  task<result<>> probe() override { return slowly(behind_.probe()); }
  std::string_view backend() const override { return behind_.backend(); }

  duration each_way;
  int most_holders = 0;
  int asked_for_locks = 0;
  bool fails = false;      // to answer for locks
  bool is_locked = false;  // by somebody else, whatever is asked for

 private:
  template <class T>
  task<T> slowly(task<T> call) {
    co_await clock_.sleep_for(each_way);
    auto answer = co_await std::move(call);
    co_await clock_.sleep_for(each_way);
    co_return answer;
  }

  clock& clock_;
  state::store& behind_;
  int holders_ = 0;
};

}  // namespace lifehook::handlers
