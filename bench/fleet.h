#pragma once

#include <chrono>
#include <optional>
#include <vector>

namespace lifehook::bench {

using instant = std::chrono::steady_clock::time_point;

// When something happened, and how long the endpoint had been busy until then.
struct moment {
  instant at;
  std::chrono::nanoseconds busy{};
};

struct hook_range {
  unsigned first = 0, count = 0;
};

// The hooks of one run and how far each has come. They are numbers from 0; their messages are handed out in that order,
// each once, and come in at a rate once they are released.
class fleet {
 public:
  fleet(unsigned hooks, double per_second) : hooks_(hooks), per_second_(per_second) {}

  void release(instant now);  // again: changes nothing
  hook_range take(unsigned most, instant now);
  std::optional<instant> next_message() const;  // nullopt: none will come, or none is released

  void handed(hook_range messages, moment written);
  void drain(unsigned hook);
  void complete(unsigned hook, moment read);
  void remove(unsigned hook, moment read);

  bool draining(unsigned hook) const { return hook < hooks_.size() && hooks_[hook].draining; }
  bool completed(unsigned hook) const { return hook < hooks_.size() && hooks_[hook].completed != instant(); }

  struct totals {
    unsigned hooks = 0, handed = 0, completed = 0, deleted = 0;
    unsigned undrained = 0, deleted_early = 0;  // completed without DRAINING, deleted before completion: not the job
    std::optional<moment> first_handed, last_completed, last_deleted;
  };
  totals so_far() const;

  struct hook {
    instant received, completed;
    bool draining = false, deleted = false;
  };
  const std::vector<hook>& hooks() const { return hooks_; }
  std::vector<std::chrono::nanoseconds> latencies() const;  // of completed hooks, from message to completion; ascending

 private:
  unsigned available(instant now) const;

  std::vector<hook> hooks_;
  double per_second_;
  std::optional<instant> released_;
  unsigned taken_ = 0;
  totals totals_;
};

}  // namespace lifehook::bench
