#include "handlers/in_chunks.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using numbers = std::vector<int>;

TEST(in_chunks, keeps_the_order_and_leaves_the_rest_to_the_last) {
  EXPECT_THAT(in_chunks(numbers{1, 2, 3, 4, 5}, 2), testing::ElementsAre(numbers{1, 2}, numbers{3, 4}, numbers{5}));
  EXPECT_THAT(in_chunks(numbers{1, 2, 3, 4}, 2), testing::ElementsAre(numbers{1, 2}, numbers{3, 4}));
  EXPECT_THAT(in_chunks(numbers{1}, 100), testing::ElementsAre(numbers{1}));
}

TEST(in_chunks, makes_no_call_for_nothing) { EXPECT_THAT(in_chunks(numbers{}, 100), testing::IsEmpty()); }

}  // namespace
}  // namespace lifehook::handlers
