#include "handlers/image_catalog.h"

#include "tests/handlers/cluster_stage.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

struct image_catalog_test : testing::Test {
  using images = std::vector<aws::ec2_image>;

  std::map<std::string, result<images>> ask_at_once(const std::vector<std::string>& names) {
    std::map<std::string, result<images>> answers;
    for (const auto& name : names) fleet.time.tasks.spawn(keep(fleet.images.named(name), name, answers));
    fleet.time.run_for(5s);
    return answers;
  }
  std::string make(const std::string& name) {
    return fleet.time.wait_for(fleet.ec2.usual.create_image({.instance = fleet.an_instance(), .name = name})).value();
  }
  fleet_stage fleet;
};

TEST_F(image_catalog_test, names_asked_for_at_once_share_calls_of_two_hundred_and_each_is_told_its_own) {
  fleet.furnish();
  std::vector<std::string> names;
  for (int i = 0; i < 250; ++i) names.push_back(fmt::format("lifehook-web-i-{}", i));
  const auto first = make(names.at(3)), last = make(names.at(249));
  fleet.wire.latency = 100ms;

  const auto answers = ask_at_once(names);

  ASSERT_EQ(answers.size(), 250U);
  for (const auto& [name, found] : answers)
    EXPECT_EQ(found->size(), name == names.at(3) || name == names.at(249) ? 1U : 0U) << name;
  EXPECT_EQ(answers.at(names.at(3))->front().id, first);
  EXPECT_EQ(answers.at(names.at(249))->front().id, last);
  EXPECT_LE(fleet.wire.count("DescribeImages"), 3U);
}

TEST_F(image_catalog_test, two_that_ask_for_one_name_are_both_told) {
  fleet.furnish();
  make("lifehook-web-i-1");
  fleet.wire.latency = 100ms;
  std::map<std::string, result<images>> answers;

  for (const auto* who : {"first", "second", "third"})
    fleet.time.tasks.spawn(keep(fleet.images.named("lifehook-web-i-1"), who, answers));
  fleet.time.run_for(1s);

  for (const auto& [who, found] : answers) EXPECT_THAT(found.value(), SizeIs(1)) << who;
  EXPECT_EQ(fleet.wire.count("DescribeImages"), 2U);
}

// EC2 takes * and ? in a filter for any characters.
TEST_F(image_catalog_test, an_image_that_only_resembles_a_name_is_not_taken_for_it) {
  fleet.furnish();
  make("lifehook-web-i-12");
  ASSERT_THAT(fleet.time.wait_for(fleet.images.named("lifehook-web-i-12")).value(), SizeIs(1));
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeImages") return std::nullopt;
    return fleet.wire.last.at("DescribeImages");
  };

  EXPECT_THAT(fleet.time.wait_for(fleet.images.named("lifehook-web-i-1*")).value(), IsEmpty());
  EXPECT_THAT(fleet.time.wait_for(fleet.images.named("lifehook-web-i-12")).value(), SizeIs(1));
}

TEST_F(image_catalog_test, an_outage_is_told_to_all_who_asked) {
  fleet.deny("ec2", "DescribeImages", 1h);

  for (const auto& [name, answer] : ask_at_once({"a", "b", "c"})) EXPECT_EQ(answer.error().code(), errc::denied);
}

}  // namespace
}  // namespace lifehook::handlers
