#pragma once

#include <cstddef>

namespace lifehook {

// Counts one more while it lives: across an await, also where that is given up.
class counted {
 public:
  explicit counted(std::size_t& in) : in_(in) { ++in_; }
  ~counted() { --in_; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

 private:
  std::size_t& in_;
};

}  // namespace lifehook
