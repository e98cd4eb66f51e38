#pragma once

#include "base/clock.h"

#include <map>
#include <string>
#include <string_view>

namespace lifehook::handlers {

// Carries what EC2 says of an instance's end to the work that is in hand about it here, so that a drain of a dead
// instance ends at once. Elsewhere the next look sees it. One for the program; outlives its ears.
class instance_news {
 public:
  // Hears of one instance while it lives; `instance` must outlive it.
  class ear {
   public:
    ear(instance_news& of, std::string_view instance) : news_(of), place_(of.ears_.emplace(instance, this)) {}
    ~ear() { news_.ears_.erase(place_); }
    ear(const ear&) = delete;
    ear& operator=(const ear&) = delete;

    bool has_ended() const { return has_ended_; }
    clock::sleep_handle& sleeping() { return sleeping_; }  // of the wait that news should end

   private:
    friend class instance_news;
    instance_news& news_;
    std::multimap<std::string_view, ear*>::iterator place_;
    bool has_ended_ = false;
    clock::sleep_handle sleeping_;
  };

  // EC2 is shutting the instance down, or has terminated it.
  void tell_end(std::string_view instance) {
    const auto [first, last] = ears_.equal_range(instance);
    for (auto each = first; each != last; ++each) {
      each->second->has_ended_ = true;
      each->second->sleeping_.wake();
    }
  }

 private:
  std::multimap<std::string_view, ear*> ears_;
};

}  // namespace lifehook::handlers
