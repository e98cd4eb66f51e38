#include "aws/query_body.h"

#include "aws/percent.h"

#include <gtest/gtest.h>

namespace lifehook::aws {
namespace {

TEST(query_body, is_the_form_that_botocore_sends) {
  query_parameters parameters{{"AutoScalingGroupName", "asg"}};
  add_members(parameters, "InstanceIds", {"i-1", "i-2"});

  EXPECT_EQ(query_body("DetachInstances", "2011-01-01", parameters),
            "Action=DetachInstances&Version=2011-01-01&AutoScalingGroupName=asg&InstanceIds.member.1=i-1&"
            "InstanceIds.member.2=i-2");
}

TEST(query_body, encodes_everything_but_the_unreserved) {
  EXPECT_EQ(query_body("A", "1", {{"Name", "tag:k v/+&=%~._-\xc3\xa9"}}),
            "Action=A&Version=1&Name=tag%3Ak%20v%2F%2B%26%3D%25~._-%C3%A9");
}

TEST(percent, decodes_what_it_encodes_and_leaves_stray_signs) {
  std::string encoded;
  append_encoded(encoded, "a b/\xff%");

  EXPECT_EQ(encoded, "a%20b%2F%FF%25");
  EXPECT_EQ(percent_decoded(encoded), "a b/\xff%");
  EXPECT_EQ(percent_decoded("100%"), "100%");
  EXPECT_EQ(percent_decoded("%2"), "%2");
  EXPECT_EQ(percent_decoded("%zz%41"), "%zzA");
}

}  // namespace
}  // namespace lifehook::aws
