#pragma once

#include "aws/coalescer.h"
#include "aws/haste.h"

#include <functional>
#include <utility>
#include <vector>

namespace lifehook::aws {

// How those in no hurry gather, and those in haste.
struct lane_paces {
  pace usual;
  pace hurried;
};

// Two coalescers for one question: who is in haste shares calls with others in haste alone, and so waits neither while
// the rest gather nor for what they have asked.
template <class Key, class Value>
class lanes {
 public:
  using coalesced = coalescer<Key, Value>;
  using fetch = std::function<task<result<typename coalesced::answers>>(std::vector<Key>, haste)>;

  lanes(clock& time, task_group& tasks, const lane_paces& at, const fetch& with,
        const typename coalesced::question& to_spare = {})
      : usual_(
            time, tasks, at.usual, [with](auto keys) { return with(std::move(keys), haste::usual); }, to_spare),
        hurried_(
            time, tasks, at.hurried, [with](auto keys) { return with(std::move(keys), haste::hurried); }, to_spare) {}

  task<result<Value>> ask(Key key, haste how) {
    return (how == haste::hurried ? hurried_ : usual_).ask(std::move(key));
  }
  bool is_asking(const Key& key) const { return usual_.is_asking(key) || hurried_.is_asking(key); }

 private:
  coalesced usual_;
  coalesced hurried_;
};

}  // namespace lifehook::aws
