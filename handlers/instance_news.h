#pragma once

#include <boost/intrusive/set.hpp>

#include <string_view>

namespace lifehook::handlers {

// Carries what EC2 says of an instance's end to the work that is in hand about it here, so that a drain of a dead
// instance ends at once. Elsewhere the next look sees it. One for the program; outlives its ears.
class instance_news {
 public:
  // Hears of one instance while it lives; `instance` must outlive it.
  class ear : public boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>> {
   public:
    ear(instance_news& of, std::string_view instance) : news_(of), instance_(instance) { news_.ears_.insert(*this); }
    ear(const ear&) = delete;
    ear& operator=(const ear&) = delete;

    bool has_ended() const { return has_ended_; }

   protected:
    ~ear() { news_.ears_.erase(news_.ears_.iterator_to(*this)); }

   private:
    friend class instance_news;
    virtual void heard() = 0;

    instance_news& news_;
    std::string_view instance_;
    bool has_ended_ = false;
  };

  // EC2 is shutting the instance down, or has terminated it.
  void tell_end(std::string_view instance) {
    const auto [first, last] = ears_.equal_range(instance);
    for (auto each = first; each != last; ++each) {
      each->has_ended_ = true;
      each->heard();
    }
  }

 private:
  struct instance_of {
    using type = std::string_view;
    type operator()(const ear& of) const { return of.instance_; }
  };

  boost::intrusive::multiset<ear, boost::intrusive::key_of_value<instance_of>> ears_;
};

}  // namespace lifehook::handlers
