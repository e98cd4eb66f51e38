#include "worker/config_yaml.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string first_complaint(std::string_view text) {
  const auto document = read_yaml(text);
  if (document.complaints.empty()) return {};
  const auto& [where, what] = document.complaints.front();
  return fmt::format("{}:{}: {}", where.line, where.column, what);
}

TEST(config_yaml, keeps_scalars_as_they_were_written) {
  const auto document = read_yaml("[010, yes, 1e3, \"q\", 0x10]");

  ASSERT_THAT(document.root.list, SizeIs(5));
  EXPECT_EQ(document.root.list[0].text, "010");
  EXPECT_EQ(document.root.list[1].text, "yes");
  EXPECT_EQ(document.root.list[2].text, "1e3");
  EXPECT_EQ(document.root.list[3].text, "q");
  EXPECT_EQ(document.root.list[4].text, "0x10");
}

TEST(config_yaml, keeps_repeated_keys_for_their_reader_to_refuse) {
  const auto document = read_yaml("a: 1\nb: 2\na: 3\n");

  ASSERT_THAT(document.root.map, SizeIs(3));
  EXPECT_EQ(document.root.map[2].key, "a");
  EXPECT_EQ(document.root.map[2].where, (mark{3, 1}));
}

TEST(config_yaml, marks_an_absent_value_at_its_key) {
  const auto document = read_yaml("a: 1\nb:\n\n\nc: 2\n");

  ASSERT_THAT(document.root.map, SizeIs(3));
  EXPECT_EQ(document.root.map[1].value.is, yaml_node::shape::nothing);
  EXPECT_EQ(document.root.map[1].value.where, (mark{2, 1}));
}

TEST(config_yaml, gives_nothing_for_an_empty_file) {
  for (const auto* text : {"", "\n\n", "# only a comment\n", "---\n"}) {
    const auto document = read_yaml(text);

    EXPECT_TRUE(document.complaints.empty()) << text;
    EXPECT_EQ(document.root.is, yaml_node::shape::nothing) << text;
  }
}

TEST(config_yaml, refuses_anchors_and_aliases_where_they_stand) {
  const auto document = read_yaml("a: &x 1\nb: *x\n");

  ASSERT_THAT(document.complaints, SizeIs(2));
  EXPECT_EQ(document.complaints[0].what, "anchors are not allowed");
  EXPECT_EQ(document.complaints[0].where.line, 1U);
  EXPECT_THAT(document.complaints[1].what, HasSubstr("aliases are not allowed"));
  EXPECT_EQ(document.complaints[1].where, (mark{2, 4}));
}

TEST(config_yaml, refuses_tags) {
  EXPECT_THAT(first_complaint("a: !!int 1\n"), HasSubstr("1:4: tags are not allowed"));
}

TEST(config_yaml, refuses_a_second_document) {
  EXPECT_EQ(first_complaint("a: 1\n---\nb: 2\n"), "2:1: not YAML: a second document is not allowed");
}

TEST(config_yaml, refuses_keys_that_are_not_text) {
  EXPECT_THAT(first_complaint("? [x]\n: y\n"), HasSubstr("a key must be text"));
  EXPECT_THAT(first_complaint("~: y\n"), HasSubstr("a key must be text"));
}

TEST(config_yaml, names_the_place_of_a_syntax_error) {
  EXPECT_THAT(first_complaint("a: 1\nb: c: d\n"), testing::StartsWith("2:5: not YAML: "));
  EXPECT_THAT(first_complaint("a: [1, 2\n"), HasSubstr("not YAML: "));
}

TEST(config_yaml, says_what_is_mostly_meant_by_text_that_is_not_yaml) {
  for (const auto* text : {"a: *\n", "a: [*]\n", "a: [*-web]\n", "a: &\n", "a: @web\n", "a: %web\n"})
    EXPECT_THAT(first_complaint(text), HasSubstr("in quotes: \"*\"")) << text;
  EXPECT_THAT(first_complaint("a: 1\n b: 2\n"), HasSubstr("begin in the same column"));
  EXPECT_THAT(first_complaint("a:\n  - 1\n b: 2\n"), HasSubstr("begin in the same column"));
  EXPECT_THAT(first_complaint("a:\n  b: 1\n c: 2\n"), HasSubstr("begin in the same column"));
  EXPECT_THAT(first_complaint("a: [1\nb: 2\n"), HasSubstr("before it is not closed"));
  EXPECT_THAT(first_complaint("a: {b: 1\nc: 2\n"), HasSubstr("before it is not closed"));
}

TEST(config_yaml, refuses_hostile_nesting) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };

  EXPECT_EQ(first_complaint(nested(32)), "");
  EXPECT_THAT(first_complaint(nested(33)), HasSubstr("nested too deep"));
  EXPECT_NE(first_complaint(std::string(100'000, '[')), "");
}

TEST(config_yaml, refuses_a_file_over_a_mebibyte) {
  const std::string large((1 << 20) + 1, '#');

  EXPECT_EQ(first_complaint(large), "1:1: the file is larger than 1 MiB");
}

TEST(config_yaml, refuses_too_many_nodes) {
  std::string many = "[";
  for (int i = 0; i < 20'001; ++i) many += "1,";

  EXPECT_THAT(first_complaint(many + "1]"), HasSubstr("too much written"));
}

TEST(config_yaml, says_that_a_variable_in_braces_or_brackets_needs_quotes) {
  for (const auto* text : {"a: {cluster: ${NAME}}\n", "a: [${NAME}]\n", "a: [x, y-${NAME:-z}, w]\n",
                           "a: {b: 1,\n  c: ${NAME} }\n", "é: {cluster: ${NAME}, timeout: 15m}\n"})
    EXPECT_THAT(first_complaint(text), HasSubstr("put quotes round ${NAME}: \"${NAME}\"")) << text;

  EXPECT_EQ(first_complaint("a: {cluster: \"${NAME}\"}\nb: ${NAME}\n"), "");
  EXPECT_THAT(first_complaint("a: {b: \"${NAME}\" c}\n"), testing::Not(HasSubstr("quotes")));
}

TEST(config_yaml, says_that_a_tab_cannot_indent_where_it_stands) {
  constexpr std::string_view said = ": not YAML: a tab cannot indent, write spaces (";
  const auto place_of = [said](std::string_view text) {
    const auto complaint = first_complaint(text);
    return complaint.substr(0, complaint.find(said));
  };

  EXPECT_EQ(place_of("queues:\n\t- url: x\n"), "2:1");
  EXPECT_EQ(place_of("queues:\n  - url: x\n  \tpollers: 2\n"), "3:3");
  EXPECT_EQ(place_of("a:\n  - b:\n\t      c: 2\n"), "3:1");
  EXPECT_EQ(place_of("a:\n  -\tb: 1\n    c: 2\n"), "2:4");
  EXPECT_EQ(place_of("\ta: 1\nb: 2\n"), "1:1");
  EXPECT_EQ(place_of("a: \"é\"\r\nb:\r\n\tc: 1\r\n"), "3:1");
  EXPECT_EQ(first_complaint("a:\t{b: 1,\n\tc: 2}\t# all of these may\n"), "");
  EXPECT_THAT(first_complaint("a: |\n  x\n  \ty\nb: c: d\n"), testing::StartsWith("4:5: not YAML: illegal map value"));
}

TEST(config_yaml, refuses_what_is_not_utf8_where_it_stands) {
  EXPECT_EQ(first_complaint("a: 1\nb: \"\xff\"\n"), "2:5: the file is not UTF-8 text");
  EXPECT_EQ(first_complaint("# Stra\xdf"
                            "e\n"),
            "1:7: the file is not UTF-8 text");
  for (const auto* wrong : {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"})
    EXPECT_EQ(first_complaint(std::string("é\n").append(wrong)), "2:1: the file is not UTF-8 text");
}

TEST(config_yaml, reads_the_letters_of_all_scripts) {
  const auto document = read_yaml("a: \"é ߿ ࠀ € ퟿ \xef\xbf\xbd 𐀀 \xf4\x8f\xbf\xbf\"\n");

  EXPECT_THAT(document.complaints, SizeIs(0));
}

TEST(config_yaml, refuses_bytes_that_are_not_text) {
  EXPECT_EQ(first_complaint(std::string_view("a: \0b", 5)), "1:1: the file is not text");
}

}  // namespace
}  // namespace lifehook::worker
