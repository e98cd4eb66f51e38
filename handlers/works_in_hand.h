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
// transition. Others by kind, instance or task, and detail.
class works_in_hand {
 public:
  struct work {
    explicit work(asio::any_io_executor executor) : done(std::move(executor)) {}
    latch done;
    verdict shared;
    std::string token;
  };

  explicit works_in_hand(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  std::shared_ptr<work> find(const event& about) const;  // nullptr: nobody works on it
  std::shared_ptr<work> begin(const event& about);
  void finish(const std::shared_ptr<work>& of, const event& about, verdict with);  // wakes those who joined
  std::size_t size() const { return size_; }

 private:
  asio::any_io_executor executor_;
  std::unordered_map<std::string, std::shared_ptr<work>> by_key_;
  std::size_t size_ = 0;
};

}  // namespace lifehook::handlers
