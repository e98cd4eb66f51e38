#pragma once

#include "base/signal.h"

#include <list>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace lifehook::handlers {

// Those of this process who want one lock of the state, in the order they came: only the first asks the store for it.
// Hundreds may want the lock of one group at once, when a zone's instances are reclaimed.
class lock_line {
 public:
  // One of them, while it lives. Not to outlive its line.
  class place {
   public:
    place(lock_line& in, const std::string& key, loop_executor executor);
    ~place();
    place(const place&) = delete;
    place& operator=(const place&) = delete;

    bool is_first() const { return line_->second.front() == this; }
    task<result<>> until_first();

   private:
    using lines = std::map<std::string, std::list<place*>>;
    lines& all_;
    lines::iterator line_;
    std::list<place*>::iterator mine_;
    signal woken_;
  };

  // A lock whose work was cut off, until its owner takes it again.
  void leave(const std::string& key, const std::string& owner) { left_.emplace(key, owner); }
  bool take_left(const std::string& key, const std::string& owner) { return left_.erase({key, owner}) > 0; }

 private:
  std::map<std::string, std::list<place*>> lines_;
  std::set<std::pair<std::string, std::string>> left_;
};

}  // namespace lifehook::handlers
