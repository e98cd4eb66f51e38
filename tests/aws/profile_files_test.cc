#include "aws/profile_files.h"

#include "tests/aws/credential_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

profiles config(std::string_view text) { return parse_profiles(text, profile_syntax::config).value(); }

TEST(profile_files, config_sections_are_profiles_only_when_they_say_so) {
  const auto found =
      config("[default]\nregion = a\n[profile web]\nregion = b\n[other]\nregion = c\n[services s]\nx = y\n");

  EXPECT_THAT(found, ElementsAre(Pair("default", profile{{"region", "a"}}), Pair("web", profile{{"region", "b"}})));
}

TEST(profile_files, credentials_sections_are_profiles_as_they_are) {
  const auto found = parse_profiles("[web]\naws_access_key_id = A\n", profile_syntax::credentials).value();

  EXPECT_EQ(setting(found.at("web"), "aws_access_key_id"), "A");
}

TEST(profile_files, comments_are_dropped_but_not_inside_of_secrets) {
  const auto found =
      config("# one\n; two\n[default] # three\naws_secret_access_key = a#b;c/d+e=\nregion = eu-west-1 ; four\n");

  EXPECT_EQ(setting(found.at("default"), "aws_secret_access_key"), "a#b;c/d+e=");
  EXPECT_EQ(setting(found.at("default"), "region"), "eu-west-1");
}

TEST(profile_files, setting_names_have_no_case_and_profile_names_do) {
  const auto found = config("[profile Web]\nRole_ARN=x\n");

  EXPECT_EQ(setting(found.at("Web"), "role_arn"), "x");
  EXPECT_FALSE(found.contains("web"));
}

TEST(profile_files, quoted_names_windows_lines_and_a_byte_order_mark_are_read) {
  const auto found = config("\xEF\xBB\xBF[profile \"my web\"]\r\nregion = x\r\n\r\n");

  EXPECT_EQ(setting(found.at("my web"), "region"), "x");
}

TEST(profile_files, nested_settings_do_not_become_settings_of_the_profile) {
  const auto found = config("[default]\ns3 =\n  region = nested\n  max_concurrent_requests = 20\nregion = own\n");

  EXPECT_EQ(setting(found.at("default"), "region"), "own");
  EXPECT_EQ(setting(found.at("default"), "s3"), "\nregion = nested\nmax_concurrent_requests = 20");
}

TEST(profile_files, an_indented_line_continues_the_value_above) {
  const auto found = config("[default]\nrole_arn = one\n  two\n");

  EXPECT_EQ(setting(found.at("default"), "role_arn"), "one\ntwo");
}

TEST(profile_files, a_section_met_again_goes_on_where_it_was) {
  const auto found = config("[default]\na = 1\nb = 1\n[profile x]\n[default]\nb = 2\n");

  EXPECT_EQ(found.at("default"), (profile{{"a", "1"}, {"b", "2"}}));
}

TEST(profile_files, what_is_no_setting_is_malformed_and_named_by_its_line) {
  for (const auto* text : {"[default]\nregion\n", "\n[default\n", "\nregion = x\n", "[default]\n= x\n"}) {
    const auto found = parse_profiles(text, profile_syntax::config);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code(), errc::malformed);
    EXPECT_THAT(found.error().what(), HasSubstr("line "));
  }
}

using profile_reading = credential_stage;

TEST_F(profile_reading, the_credentials_file_wins_over_the_config_file) {
  file(".aws/config", "[default]\nregion = r\naws_access_key_id = config\n");
  file(".aws/credentials", "[default]\naws_access_key_id = credentials\n[only]\n");

  const auto found = read_profiles(env()).value();

  EXPECT_EQ(found.at("default"), (profile{{"aws_access_key_id", "credentials"}, {"region", "r"}}));
  EXPECT_TRUE(found.contains("only"));
}

TEST_F(profile_reading, files_that_are_not_there_are_empty) {
  const auto found = read_profiles(env());

  ASSERT_TRUE(found);
  EXPECT_TRUE(found->empty());
}

TEST_F(profile_reading, variables_say_where_the_files_are) {
  file("elsewhere", "[profile a]\n");
  variables["AWS_CONFIG_FILE"] = "~/elsewhere";

  EXPECT_TRUE(read_profiles(env()).value().contains("a"));
}

TEST_F(profile_reading, a_malformed_file_is_denied_and_named) {
  const auto path = file(".aws/config", "[default]\nnonsense\n");

  const auto found = read_profiles(env());

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::denied);
  EXPECT_EQ(found.error().what(), path + ": line 2: expected NAME = VALUE");
}

}  // namespace
}  // namespace lifehook::aws
