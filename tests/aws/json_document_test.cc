#include "aws/json_document.h"

#include <gtest/gtest.h>

namespace lifehook::aws {
namespace {

TEST(json_document, keeps_what_was_answered_when_it_moves) {
  auto first = json_document::parse(R"({"Messages":[{"MessageId":"a"},{"MessageId":"b"}]})");
  ASSERT_TRUE(first);
  json_document second = *std::move(first);
  auto third = json_document::parse("{}");
  ASSERT_TRUE(third);

  *third = std::move(second);

  const auto& found = third->root().at("Messages").as_array();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].as_object().at("MessageId").as_string(), "b");
}

TEST(json_document, takes_no_answer_for_one_without_members) {
  const auto read = json_document::parse("");

  ASSERT_TRUE(read);
  EXPECT_TRUE(read->root().empty());
}

TEST(json_document, refuses_what_is_no_object) {
  EXPECT_EQ(json_document::parse("[]").error().code(), errc::malformed);
  EXPECT_EQ(json_document::parse("[]").error().what(), "not a JSON object");
  EXPECT_EQ(json_document::parse("{\"a\":").error().code(), errc::malformed);
  EXPECT_EQ(json_document::parse("{} {}").error().code(), errc::malformed);
}

TEST(json_document, holds_answers_far_larger_than_its_first_block) {
  std::string text("{\"all\":[");
  for (int i = 0; i < 100'000; ++i) text.append(i == 0 ? "" : ",").append("[[],{}]");

  const auto read = json_document::parse(text.append("]}"));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->root().at("all").as_array().size(), 100'000U);
}

}  // namespace
}  // namespace lifehook::aws
