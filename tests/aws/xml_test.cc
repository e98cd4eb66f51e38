#include "aws/xml.h"

#include <gtest/gtest.h>

namespace lifehook::aws {
namespace {

TEST(xml, reads_texts_and_lists_of_a_query_answer) {
  const auto document = xml_document::parse(
      "<?xml version=\"1.0\"?><DescribeResponse xmlns=\"http://x/\"><DescribeResult><Names><member>a</member>"
      "<member>b &amp; "
      "c</member></Names><NextToken>t</NextToken></DescribeResult><ResponseMetadata/></DescribeResponse>");

  ASSERT_TRUE(document);
  const auto found = document->query_result();
  EXPECT_EQ(document->root().name(), "DescribeResponse");
  EXPECT_EQ(found.name(), "DescribeResult");
  EXPECT_EQ(found.text("NextToken"), "t");
  ASSERT_EQ(found.list("Names").size(), 2U);
  EXPECT_EQ(found.list("Names")[1].text(), "b & c");
}

TEST(xml, takes_what_is_absent_for_empty) {
  const auto document = xml_document::parse("<a><b/></a>");

  ASSERT_TRUE(document);
  EXPECT_FALSE(document->query_result());
  EXPECT_EQ(document->query_result().child("x").child("y").text("z"), "");
  EXPECT_TRUE(document->root().list("nothing").empty());
  EXPECT_EQ(document->root().text("b"), "");
}

TEST(xml, reads_whole_numbers_only) {
  const auto document = xml_document::parse(
      "<r><a>80</a><b>-1</b><c/><d>8x</d><e> 8</e><f>99999999999</f><g>1.5</g><h>2147483647</h></r>");

  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().number("a"), 80);
  EXPECT_EQ(document->root().number("b"), -1);
  EXPECT_EQ(document->root().number("h"), 2147483647);
  for (const auto* const name : {"c", "d", "e", "f", "g", "absent"})
    EXPECT_EQ(document->root().number(name), std::nullopt) << name;
}

TEST(xml, refuses_what_is_not_one_whole_element) {
  for (const auto* const text : {"", "   ", "text", "<a>", "<a><b></a>", "<a", "{\"a\":1}", "<!-- only -->"}) {
    const auto document = xml_document::parse(text);

    ASSERT_FALSE(document) << text;
    EXPECT_EQ(document.error().code(), errc::malformed);
  }
}

TEST(xml, stays_valid_when_the_document_is_moved) {
  auto document = xml_document::parse("<a><b>short</b></a>");
  ASSERT_TRUE(document);
  const auto element = document->root().child("b");

  const auto moved = *std::move(document);

  EXPECT_EQ(element.text(), "short");
  EXPECT_EQ(moved.root().text("b"), "short");
}

TEST(xml, survives_hostile_nesting) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  EXPECT_FALSE(xml_document::parse(deep));
  for (int i = 0; i < 200'000; ++i) deep += "</a>";
  EXPECT_TRUE(xml_document::parse(std::move(deep)));
}

TEST(xml, does_not_expand_entities_of_its_own_making) {
  const auto document = xml_document::parse("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>");

  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().text(), "&x;");
}

TEST(is_element, goes_by_the_first_and_the_last_tag) {
  EXPECT_TRUE(is_element("<DoneResponse><x/></DoneResponse>", "DoneResponse"));
  EXPECT_TRUE(
      is_element("<?xml version=\"1.0\"?>\n<DoneResponse xmlns=\"http://x/\">\n</DoneResponse>\n", "DoneResponse"));

  EXPECT_TRUE(is_element("<DoneResponse/>", "DoneResponse"));

  EXPECT_FALSE(is_element("", "DoneResponse"));
  EXPECT_FALSE(is_element("<DoneResponse/", "DoneResponse"));
  EXPECT_FALSE(is_element("<DoneResponse><x/>", "DoneResponse"));
  EXPECT_FALSE(is_element("<?xml version", "DoneResponse"));
  EXPECT_FALSE(is_element("done", "DoneResponse"));
  EXPECT_FALSE(is_element("<DoneResponse", "DoneResponse"));
  EXPECT_FALSE(is_element("<DoneResponse></DoneRes", "DoneResponse")) << "cut off";
  EXPECT_FALSE(is_element("<DoneResponses></DoneResponse>", "DoneResponse"));
  EXPECT_FALSE(is_element("<html><DoneResponse></DoneResponse>", "DoneResponse"));
  EXPECT_FALSE(is_element("</DoneResponse>", "DoneResponse"));
}

}  // namespace
}  // namespace lifehook::aws
