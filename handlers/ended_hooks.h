#pragma once

#include "handlers/event.h"

#include <cstddef>
#include <deque>
#include <unordered_set>

namespace lifehook::handlers {

// The last ten thousand hooks that have ended in this process, by what names their action: one that comes again was
// not lost, SQS only has not deleted its message.
class ended_hooks {
 public:
  void note(const event& about);
  bool contains(const event& about) const;

 private:
  std::unordered_set<std::size_t> known_;  // by hash: a mistake would cost one count
  std::deque<std::size_t> oldest_first_;
};

}  // namespace lifehook::handlers
