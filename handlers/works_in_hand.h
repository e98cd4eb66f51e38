#pragma once

#include "base/signal.h"
#include "handlers/event.h"
#include "handlers/verdict.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

namespace lifehook::handlers {

// The same work in hand twice here is one piece of work: the second message waits for the first one's verdict and
// shares it. Hook events are the same by token; where one of the two has no token, by group + hook + instance +
// transition, and of several by the one that began last. Others by kind, instance or task, detail, and which change
// begins when.
class works_in_hand {
 public:
  class work {
   public:
    work(std::shared_ptr<const event> about, std::uint64_t number) : about_(std::move(about)), number_(number) {}

   private:
    friend class works_in_hand;
    struct sharing;
    std::shared_ptr<const event> about_;
    std::uint64_t number_;               // in the order of their beginning
    std::shared_ptr<sharing> shared_{};  // made for the first who joins: most work is joined by nobody
  };

  explicit works_in_hand(loop_executor executor) : executor_(std::move(executor)) {}

  work* find(const event& about) const;  // null: nobody works on it
  std::unique_ptr<work> begin(std::shared_ptr<const event> about);
  task<verdict> end_of(work& joined);
  void finish(const work& of, const verdict& with);  // wakes those who joined
  std::size_t size() const { return by_subject_.size(); }

 private:
  // By a number made of whom it is about: the names are compared, not kept once more.
  using index = std::unordered_multimap<std::size_t, work*>;
  void forget(const work& of);

  loop_executor executor_;
  index by_subject_;
  std::uint64_t begun_ = 0;
};

}  // namespace lifehook::handlers
