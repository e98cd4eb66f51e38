#pragma once

#include "base/signal.h"
#include "handlers/event.h"
#include "handlers/verdict.h"

#include <memory>
#include <string>
#include <unordered_map>

namespace lifehook::handlers {

// The same work in hand twice here is one piece of work: the second message waits for the first one's verdict and
// shares it. Hook events are the same by token; where one of the two has no token, by group + hook + instance +
// transition. Others by kind, instance or task, detail, and which change begins when.
class works_in_hand {
 public:
  struct work {
    verdict shared;
    bool has_ended = false;
    std::string token;
    std::unique_ptr<latch> done{};  // made for the first who joins: most work is joined by nobody
  };

  explicit works_in_hand(loop_executor executor) : executor_(std::move(executor)) {}

  std::shared_ptr<work> find(const event& about) const;  // nullptr: nobody works on it
  std::shared_ptr<work> begin(const event& about);
  latch& end_of(work& joined);
  void finish(const std::shared_ptr<work>& of, const event& about, verdict with);  // wakes those who joined
  std::size_t size() const { return size_; }

 private:
  loop_executor executor_;
  std::unordered_map<std::string, std::shared_ptr<work>> by_key_;
  std::size_t size_ = 0;
};

}  // namespace lifehook::handlers
