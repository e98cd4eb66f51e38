#pragma once

#include <functional>
#include <map>
#include <string_view>
#include <utility>

namespace lifehook::handlers {

// Carries what EC2 says of an instance's end to the work that is in hand about it here, so that a drain of a dead
// instance ends at once. Elsewhere the next look sees it. One for the program; outlives its ears.
class instance_news {
 public:
  // Hears of one instance while it lives; `instance` must outlive it. `heard` is called at the news.
  class ear {
   public:
    ear(instance_news& of, std::string_view instance, std::function<void()> heard)
        : news_(of), place_(of.ears_.emplace(instance, this)), heard_(std::move(heard)) {}
    ~ear() { news_.ears_.erase(place_); }
    ear(const ear&) = delete;
    ear& operator=(const ear&) = delete;

    bool has_ended() const { return has_ended_; }

   private:
    friend class instance_news;
    instance_news& news_;
    std::multimap<std::string_view, ear*>::iterator place_;
    bool has_ended_ = false;
    std::function<void()> heard_;
  };

  // EC2 is shutting the instance down, or has terminated it.
  void tell_end(std::string_view instance) {
    const auto [first, last] = ears_.equal_range(instance);
    for (auto each = first; each != last; ++each) {
      each->second->has_ended_ = true;
      each->second->heard_();
    }
  }

 private:
  std::multimap<std::string_view, ear*> ears_;
};

}  // namespace lifehook::handlers
