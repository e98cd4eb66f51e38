#include "base/utf8.h"

#include <gtest/gtest.h>

namespace lifehook {
namespace {

TEST(utf8, that_fits_is_left_whole) {
  EXPECT_EQ(first_bytes("aé", 3), "aé");
  EXPECT_EQ(last_bytes("éa", 3), "éa");
}

TEST(utf8, is_cut_between_characters) {
  EXPECT_EQ(first_bytes("aé", 2), "a");
  EXPECT_EQ(first_bytes("aéb", 3), "aé");
  EXPECT_EQ(last_bytes("éa", 2), "a");
  EXPECT_EQ(last_bytes("béa", 3), "éa");
}

TEST(utf8, with_room_for_no_character_is_empty) {
  EXPECT_EQ(first_bytes("é", 1), "");
  EXPECT_EQ(last_bytes("é", 1), "");
}

}  // namespace
}  // namespace lifehook
