#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace lifehook::handlers {

// What must be asked of AWS in calls of at most `most` each, in order.
template <class T>
std::vector<std::vector<T>> in_chunks(const std::vector<T>& all, std::size_t most) {
  std::vector<std::vector<T>> chunks;
  for (std::size_t from = 0; from < all.size(); from += most) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(most, all.size() - from);
    chunks.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(count));
  }
  return chunks;
}

}  // namespace lifehook::handlers
