#include "worker/config_expand.h"

#include "tests/worker/config_writing.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

std::string expanded(std::string_view text) {
  const auto read = expand(text, environment_of({{"REGION", "eu-west-1"}, {"EMPTY", ""}, {"NESTED", "${REGION}"}}));
  return read ? *read : "refused: " + read.error().what();
}

TEST(config_expand, puts_in_what_the_environment_says) { EXPECT_EQ(expanded("a-${REGION}-b"), "a-eu-west-1-b"); }

TEST(config_expand, takes_the_default_when_unset_or_empty) {
  EXPECT_EQ(expanded("${NOPE:-d}"), "d");
  EXPECT_EQ(expanded("${EMPTY:-d}"), "d");
  EXPECT_EQ(expanded("${NOPE:-}"), "");
  EXPECT_EQ(expanded("${REGION:-d}"), "eu-west-1");
}

TEST(config_expand, refuses_what_is_unset_and_has_no_default) {
  EXPECT_EQ(expanded("${NOPE}"),
            "refused: environment variable NOPE is not set; write ${NOPE:-default} if it may be missing, or $${NOPE} "
            "for these characters themselves");
}

TEST(config_expand, names_what_a_text_takes_from_the_environment) {
  EXPECT_THAT(names_taken("tar ${HOME}/x ${HOST:-none} $PATH $${ESCAPED} ${HOME} $$${LAST}"),
              testing::ElementsAre("HOME", "HOST", "LAST"));
  EXPECT_THAT(names_taken("$$ echo ${"), testing::IsEmpty());
}

TEST(config_expand, reads_two_dollars_as_one) {
  EXPECT_EQ(expanded("$$"), "$");
  EXPECT_EQ(expanded("$${REGION}"), "${REGION}");
  EXPECT_EQ(expanded("a$$$${b"), "a$${b");
}

TEST(config_expand, leaves_a_lone_dollar_alone) {
  EXPECT_EQ(expanded("$"), "$");
  EXPECT_EQ(expanded("$REGION costs 5$"), "$REGION costs 5$");
}

TEST(config_expand, does_not_expand_what_it_put_in) { EXPECT_EQ(expanded("${NESTED}"), "${REGION}"); }

TEST(config_expand, refuses_forms_it_does_not_know) {
  for (const auto* text : {"${", "${REGION", "${}", "${1A}", "${A-b}", "${A B}", "${A:=b}", "${NOPE:-${REGION}}"})
    EXPECT_THAT(expanded(text), testing::StartsWith("refused: ")) << text;
}

}  // namespace
}  // namespace lifehook::worker
