#pragma once

#include <algorithm>
#include <cstddef>

namespace lifehook::worker {

// Says when memory is worth giving back: when a burst of work is over, of which the start is one. What a few messages
// took is used again; in the midst of a burst all that is given back is needed at once.
class work_burst {
 public:
  // Told now and then what was most in hand since it was told last, and what is in hand now. True once for each burst:
  // when a quarter is left of a hundred or more.
  bool is_over(std::size_t most, std::size_t now) {
    most_ = std::max(most_, most);
    if (most_ < a_burst || now > most_ / 4) return false;
    most_ = now;
    return true;
  }

 private:
  static constexpr std::size_t a_burst = 100;
  std::size_t most_ = a_burst;  // the start
};

}  // namespace lifehook::worker
