#pragma once

#include "aws/client.h"
#include "base/metrics.h"
#include "base/task_group.h"
#include "tests/support/scripted_wire.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <vector>

namespace lifehook::aws {

// Hands out its keys in order: refused ones make way for the next.
class scripted_credentials final : public credential_provider {
 public:
  task<result<credentials>> get() override { co_return keys.at(place); }
  void invalidate(const credentials& refused) override {
    invalidated.push_back(refused.access_key_id);
    if (place + 1 < keys.size()) ++place;
  }
  void accepted(const credentials& taken) override { accepted_last = taken.access_key_id; }
  std::optional<time_point> expires() const override { return keys.at(place).expires; }

  std::vector<credentials> keys{{"AKIDFIRST", "first-secret", "", {}}, {"AKIDSECOND", "second-secret", "session", {}}};
  std::size_t place = 0;
  std::vector<std::string> invalidated;
  std::string accepted_last;
};

// A client with everything it needs around it, on virtual time, speaking to a scripted wire.
class client_stage {
 public:
  // 2026-01-15T12:00:00Z
  explicit client_stage(std::map<std::string, std::string, std::less<>> env = {});
  ~client_stage();
  client_stage(const client_stage&) = delete;
  client_stage& operator=(const client_stage&) = delete;

  // Runs `work` to its end, letting time jump to whoever waits.
  template <class T>
  T play(task<T> work) {
    std::optional<T> outcome;
    task_group group(io.get_executor());
    group.spawn(keep(std::move(work), outcome));
    do {
      io.restart();
      io.poll();
    } while (!outcome && time.jump());
    EXPECT_TRUE(outcome.has_value()) << "the work hangs";
    return *std::move(outcome);
  }

  duration elapsed() const { return time.now() - start; }

  static constexpr time_point start = std::chrono::sys_days(std::chrono::January / 15 / 2026) + std::chrono::hours(12);
  asio::io_context io{1};
  virtual_clock time{start};
  scripted_wire wire{time};
  scripted_credentials keys;
  metrics counts;
  random_source random{1};
  client with;

 private:
  template <class T>
  static task<> keep(task<T> work, std::optional<T>& outcome) {
    outcome.emplace(co_await std::move(work));
  }
};

}  // namespace lifehook::aws
