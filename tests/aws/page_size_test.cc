#include "aws/page_size.h"

#include <gtest/gtest.h>

namespace lifehook::aws {
namespace {

void fit(page_size& size, int answers) {
  for (int i = 0; i < answers; ++i) size.fitted();
}

TEST(page_size, shrinks_to_one_and_no_further) {
  page_size size({100, 10, 1});
  EXPECT_EQ(size.most(), 100U);

  EXPECT_TRUE(size.shrink(100));
  EXPECT_EQ(size.most(), 10U);
  EXPECT_TRUE(size.shrink(10));
  EXPECT_EQ(size.most(), 1U);
  EXPECT_FALSE(size.shrink(1));
  EXPECT_EQ(size.most(), 1U);
}

TEST(page_size, that_two_asked_at_once_were_too_large_shrinks_it_once) {
  page_size size({100, 10, 1});

  EXPECT_TRUE(size.shrink(100));
  EXPECT_TRUE(size.shrink(100));

  EXPECT_EQ(size.most(), 10U);
}

TEST(page_size, is_smaller_than_what_was_asked_however_little_that_was) {
  page_size size({100, 10, 1});

  EXPECT_TRUE(size.shrink(3));

  EXPECT_EQ(size.most(), 1U);
}

TEST(page_size, that_fitted_is_kept_for_sixty_answers_and_grows_a_size_at_a_time) {
  page_size size({100, 10, 1});
  size.shrink(100);
  size.shrink(10);

  fit(size, 59);
  EXPECT_EQ(size.most(), 1U);
  fit(size, 1);
  EXPECT_EQ(size.most(), 10U);

  size.shrink(10);
  fit(size, 59);
  EXPECT_EQ(size.most(), 1U) << "what did not fit counts anew";
  fit(size, 1 + 60);
  EXPECT_EQ(size.most(), 100U);
}

}  // namespace
}  // namespace lifehook::aws
