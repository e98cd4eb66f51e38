#include "tests/simulation/seeds.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace lifehook::test {

seed_range seeds_or(seed_range of_ci) {
  const char* const asked = std::getenv("LIFEHOOK_SEEDS");
  if (asked == nullptr || *asked == '\0') return of_ci;
  const std::string text(asked);
  const auto dash = text.find('-');
  if (dash == text.npos) throw std::invalid_argument("LIFEHOOK_SEEDS is FIRST-LAST, such as 1-1000");
  return {std::stoull(text.substr(0, dash)), std::stoull(text.substr(dash + 1))};
}

}  // namespace lifehook::test
