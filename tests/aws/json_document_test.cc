#include "aws/json_document.h"

#include "tests/support/json_without.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lifehook::aws {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 2> unread{"skip", "sk\u00e9p"};

// What is kept of a text, written out; or why nothing is.
std::string kept(std::string_view text, std::span<const std::string_view> names = unread) {
  const auto read = json_document::parse(text, names);
  return read ? json::serialize(read->root()) : std::string(name(read.error().code()));
}

std::vector<std::string> samples() {
  std::vector<std::string> texts;
  for (const auto& each : std::filesystem::recursive_directory_iterator(LIFEHOOK_SOURCE "/tests/data")) {
    if (each.path().extension() != ".json") continue;
    std::ostringstream text;
    text << std::ifstream(each.path()).rdbuf();
    texts.push_back(text.str());
  }
  return texts;
}

std::string repeated(std::string_view text, unsigned times) {
  std::string whole;
  for (unsigned i = 0; i < times; ++i) whole.append(text);
  return whole;
}

std::string arrays(unsigned deep) { return repeated("[", deep) + repeated("]", deep); }

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

TEST(json_document, leaves_out_unread_members_of_every_kind) {
  for (const auto* value :
       {"{}", "[]", "0", "-1", "18446744073709551615", "1.5e3", "true", "false", "null", R"("")", R"("text")",
        R"("a\n\u00e9\"}]")", R"({"a":{"skip":[1]},"b":[{},[{}]]})", R"([[],[{"a":[]}],"x",{"a":{}}])"}) {
    const auto text = std::string(R"({"first":1,"skip":)") + value + R"(,"last":[2]})";

    EXPECT_EQ(kept(text), R"({"first":1,"last":[2]})") << value;
  }
}

TEST(json_document, leaves_out_unread_members_wherever_they_are) {
  EXPECT_EQ(kept(R"({"skip":{}})"), "{}");
  EXPECT_EQ(kept(R"({"a":[{"skip":1,"b":2},{"b":3,"skip":[]},{"skip":1}],"skip":"x"})"),
            R"({"a":[{"b":2},{"b":3},{}]})");
  EXPECT_EQ(kept(R"({"a":{"skip":{"a":1},"b":{"c":[[{"skip":0}]],"skip":0},"d":4},"e":5})"),
            R"({"a":{"b":{"c":[[{}]]},"d":4},"e":5})");
}

TEST(json_document, goes_by_the_name_of_a_member_alone) {
  EXPECT_EQ(kept(R"({"a":"skip","b":["skip"],"skipped":1,"ski":2,"Skip":3,"":4})"),
            R"({"a":"skip","b":["skip"],"skipped":1,"ski":2,"Skip":3,"":4})");
}

TEST(json_document, knows_a_name_written_with_escapes) {
  EXPECT_EQ(kept(R"({"\u0073k\u0069p":[1],"sk\u00e9p":{"a":1},"sk\u0069":2,"k\u0065pt\n":{"\u0073kip":3,"\"":4}})"),
            R"({"ski":2,"kept\n":{"\"":4}})");
  EXPECT_EQ(kept(R"({"skip":{"\u0061":{"b\n":1}},"b":2})"), R"({"b":2})");
  const auto lengthy = repeated("\\u0061", 3000);
  EXPECT_EQ(kept("{\"" + lengthy + "\":\"" + lengthy + "\",\"skip\":\"" + lengthy + "\",\"b\":1}"),
            "{\"" + std::string(3000, 'a') + "\":\"" + std::string(3000, 'a') + "\",\"b\":1}");
}

TEST(json_document, keeps_the_last_of_members_of_one_name) {
  EXPECT_EQ(kept(R"({"a":1,"skip":2,"a":{"skip":3,"b":4},"skip":[5]})"), R"({"a":{"b":4}})");
}

TEST(json_document, checks_what_it_leaves_out) {
  for (const auto* value :
       {"",        "{",         "[1,]",        "[1 2]",  "{\"a\"}",  "{\"a\":}", "{a:1}",        "{\"a\":1,}",
        "01",      "1.",        "+1",          "1e",     "-",        "nul",      "True",         "\"",
        "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\n\"", "\"\xff\"", "\"\xc3\"", "{\"\xff\":1}", "[}",
        "{]",      "1}{"}) {
    const auto members = std::string(R"("skip":)") + value;

    EXPECT_EQ(kept("{" + members + "}"), "malformed") << value;
    EXPECT_EQ(kept("{" + members + R"(,"b":1})"), "malformed") << value;
    EXPECT_EQ(kept(R"({"a":[{)" + members + "}]}"), "malformed") << value;
  }
}

TEST(json_document, goes_no_deeper_into_what_it_leaves_out_than_into_what_it_keeps) {
  for (const auto* name : {"a", "skip"}) {
    const auto before = std::string(R"({")").append(name).append(R"(":)");

    EXPECT_NE(kept(before + arrays(31) + "}"), "malformed") << name;
    EXPECT_EQ(kept(before + arrays(32) + "}"), "malformed") << name;
    EXPECT_EQ(kept(before + repeated("[", 1'000'000)), "malformed") << name;
  }
}

TEST(json_document, counts_what_it_leaves_out_of_the_deepest_objects) {
  const auto text = repeated(R"({"skip":0,"a":)", 32) + "1" + repeated(R"(,"skip":"x"})", 32);

  EXPECT_EQ(kept(text), repeated(R"({"a":)", 32) + "1" + repeated("}", 32));
  EXPECT_EQ(kept(R"({"b":)" + text + "}"), "malformed");
}

TEST(json_document, reads_as_json_is_read_where_nothing_is_unread) {
  const auto texts = samples();
  ASSERT_GT(texts.size(), 50U);
  for (const auto& text : texts) {
    boost::system::error_code failed;
    const auto expected = json::parse(text, failed);
    const bool good = !failed && expected.is_object();

    EXPECT_EQ(kept(text, {}), good ? json::serialize(expected) : "malformed") << text;
    EXPECT_EQ(kept(text), good ? json::serialize(expected) : "malformed") << text;
  }
}

TEST(json_document, leaves_out_of_every_sample_no_more_than_the_unread) {
  constexpr std::array<std::string_view, 6> names{"attributes", "detail", "tags", "name", "Message", "containers"};
  std::size_t shortened = 0;
  for (const auto& text : samples()) {
    boost::system::error_code failed;
    const auto whole = json::parse(text, failed);
    if (failed || !whole.is_object()) continue;
    const auto expected = test::json_without(whole, names);

    const auto read = json_document::parse(text, names);

    ASSERT_TRUE(read) << text;
    EXPECT_EQ(json::value(read->root()), expected) << text;
    if (expected != whole) ++shortened;
  }
  EXPECT_GT(shortened, 20U);
}

}  // namespace
}  // namespace lifehook::aws
