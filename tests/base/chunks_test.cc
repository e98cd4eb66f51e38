#include "base/chunks.h"

#include <gmock/gmock.h>

namespace lifehook {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(chunks, are_as_long_as_they_may_be_but_for_the_last) {
  const std::vector<int> all{1, 2, 3, 4, 5};

  EXPECT_THAT(in_chunks(all, 2), ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4), ElementsAre(5)));
  EXPECT_THAT(in_chunks(all, 5), ElementsAre(all));
  EXPECT_THAT(in_chunks(all, 1'000'000), ElementsAre(all));
}

TEST(chunks, of_nothing_are_none) { EXPECT_THAT(in_chunks(std::vector<int>(), 10), IsEmpty()); }

}  // namespace
}  // namespace lifehook
