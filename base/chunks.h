#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace lifehook {

// What AWS takes only so many of in a call, in order: all of it in pieces of at most `most`.
template <class T>
std::vector<std::vector<T>> in_chunks(const std::vector<T>& all, std::size_t most) {
  std::vector<std::vector<T>> chunks;
  for (auto from = all.begin(); from != all.end();) {
    const auto to = from + std::min(static_cast<std::ptrdiff_t>(most), all.end() - from);
    chunks.emplace_back(from, to);
    from = to;
  }
  return chunks;
}

}  // namespace lifehook
