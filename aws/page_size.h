#pragma once

#include <array>
#include <cstddef>

namespace lifehook::aws {

// How many to ask for at once where the answer may be larger than any that is read (errc::too_large): fewer after one
// that was, and more again, a size at a time, after sixty that were not.
class page_size {
 public:
  explicit page_size(std::array<unsigned, 3> largest_first) : sizes_(largest_first) {}

  unsigned most() const { return sizes_[at_]; }
  void fitted();                // an answer was read
  bool shrink(unsigned asked);  // one about so many was too large; false: no size is smaller

 private:
  std::array<unsigned, 3> sizes_;
  std::size_t at_ = 0;
  unsigned fitted_ = 0;  // since it shrank, or grew
};

}  // namespace lifehook::aws
