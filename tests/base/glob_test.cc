#include "base/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace lifehook {
namespace {

TEST(glob, plain_text_matches_itself_only) {
  EXPECT_TRUE(glob_match("web", "web"));
  EXPECT_FALSE(glob_match("web", "web-1"));
  EXPECT_FALSE(glob_match("web", "a-web"));
  EXPECT_FALSE(glob_match("web", "Web"));
  EXPECT_FALSE(glob_match("web", ""));
}

TEST(glob, a_star_matches_any_run_and_none) {
  EXPECT_TRUE(glob_match("web-*", "web-"));
  EXPECT_TRUE(glob_match("web-*", "web-fleet-7"));
  EXPECT_FALSE(glob_match("web-*", "web"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("*-fleet", "web-fleet"));
  EXPECT_FALSE(glob_match("*-fleet", "web-fleet-7"));
}

TEST(glob, a_question_mark_matches_one_character) {
  EXPECT_TRUE(glob_match("web-?", "web-1"));
  EXPECT_FALSE(glob_match("web-?", "web-"));
  EXPECT_FALSE(glob_match("web-?", "web-12"));
}

TEST(glob, stars_give_back_what_the_rest_needs) {
  EXPECT_TRUE(glob_match("a*b*c", "a-b-b-c-c"));
  EXPECT_TRUE(glob_match("*ab", "aab"));
  EXPECT_FALSE(glob_match("a*b*c", "a-c-b"));
  EXPECT_TRUE(glob_match("**x**", "x"));
}

TEST(glob, nothing_but_star_and_question_mark_is_special) {
  EXPECT_TRUE(glob_match("[a].+\\", "[a].+\\"));
  EXPECT_FALSE(glob_match("[a]", "a"));
  EXPECT_FALSE(glob_match("a.c", "abc"));
}

TEST(glob, an_empty_pattern_matches_empty_text_only) {
  EXPECT_TRUE(glob_match("", ""));
  EXPECT_FALSE(glob_match("", "a"));
}

TEST(glob, a_hostile_pattern_ends_soon) {
  const std::string text(20'000, 'a');
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  pattern += "b";

  EXPECT_FALSE(glob_match(pattern, text));
}

}  // namespace
}  // namespace lifehook
