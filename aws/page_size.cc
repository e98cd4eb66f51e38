#include "aws/page_size.h"

#include <algorithm>

namespace lifehook::aws {

namespace {

constexpr unsigned most_small_answers = 60;

}  // namespace

void page_size::fitted() {
  if (at_ == 0 || ++fitted_ < most_small_answers) return;
  --at_;
  fitted_ = 0;
}

bool page_size::shrink(unsigned asked) {
  const auto* const smaller =
      std::find_if(sizes_.begin(), sizes_.end(), [asked](unsigned size) { return size < asked; });
  if (smaller == sizes_.end()) return false;
  at_ = std::max(at_, static_cast<std::size_t>(smaller - sizes_.begin()));
  fitted_ = 0;
  return true;
}

}  // namespace lifehook::aws
