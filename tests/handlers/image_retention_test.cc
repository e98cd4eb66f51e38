#include "handlers/image_retention.h"

#include "handlers/image_tags.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr time_point now{std::chrono::sys_days{std::chrono::year(2026) / 3 / 2}};

aws::ec2_image image(std::string id, duration old, std::string group = "web-1", std::string state = "available") {
  aws::ec2_image made;
  made.id = std::move(id);
  made.state = std::move(state);
  made.created = now - old;
  made.tags = {{std::string(scaling_group_tag), std::move(group)}};
  return made;
}

std::vector<std::string> gone(const image_retention& with, std::vector<aws::ec2_image> images) {
  std::vector<std::string> ids;
  for (const auto& each : beyond(with, std::move(images), now)) ids.push_back(each.id);
  return ids;
}

TEST(image_retention, keeps_the_newest_so_many) {
  EXPECT_THAT(gone({2, {}}, {image("a", 40h), image("c", 20h), image("b", 30h), image("d", 10h)}),
              ElementsAre("a", "b"));
}

TEST(image_retention, keeps_none_beyond_its_age) {
  EXPECT_THAT(gone({{}, 24h}, {image("a", 25h), image("b", 23h)}), ElementsAre("a"));
}

TEST(image_retention, one_in_the_making_neither_goes_nor_takes_the_place_of_one_that_is_there) {
  EXPECT_THAT(gone({1, {}}, {image("making", 1h, "web-1", "pending"), image("kept", 2h), image("old", 3h)}),
              ElementsAre("old"));
}

TEST(image_retention, failed_images_take_no_place_and_are_not_gathered_for_ever) {
  EXPECT_THAT(gone({1, {}}, {image("bad2", 0h, "web-1", "failed"), image("bad1", 1h, "web-1", "failed"),
                             image("good", 2h), image("bad0", 3h, "web-1", "failed")}),
              ElementsAre("bad0", "bad1"));
}

TEST(image_retention, what_is_no_longer_registered_but_still_listed_is_nothing) {
  EXPECT_THAT(gone({1, {}}, {image("gone", 0h, "web-1", "deregistered"), image("good", 2h)}), IsEmpty());
}

TEST(image_retention, two_looks_at_images_of_one_second_agree_and_never_leave_fewer_than_the_count) {
  std::vector<aws::ec2_image> images;
  for (int i = 0; i < 60; ++i) images.push_back(image("ami-" + std::to_string(i * 7919 % 60), 1h));
  const auto first = gone({20, {}}, images);
  std::reverse(images.begin(), images.end());
  std::rotate(images.begin(), images.begin() + 17, images.end());
  EXPECT_EQ(gone({20, {}}, images), first);

  std::erase_if(images, [&](const auto& each) { return each.id == first.front() || each.id == first.back(); });
  const auto second = gone({20, {}}, images);

  EXPECT_EQ(first.size(), 40U);
  for (const auto& each : second) EXPECT_THAT(first, testing::Contains(each));
}

TEST(image_retention, an_image_is_waited_for_until_its_groups_deadline_at_the_longest) {
  EXPECT_GT(waited_for_until(image("a", 1h), 1h), now) << "clocks differ";
  EXPECT_LT(waited_for_until(image("a", 2h), 1h), now);
}

TEST(image_retention, only_an_image_of_an_end_has_an_instance_that_is_held) {
  auto of_end = image("a", 0h);
  of_end.tags[std::string(instance_tag)] = "i-1";
  of_end.tags[std::string(cause_tag)] = "unknown";
  auto of_warning = of_end;
  of_warning.tags[std::string(cause_tag)] = "rebalance_recommendation";

  EXPECT_EQ(held_instance(of_end), "i-1");
  EXPECT_EQ(held_instance(of_warning), "");
}

TEST(image_retention, keeps_the_last_of_each_incident_inside_its_age_whatever_the_count) {
  const std::vector<aws::ec2_image> images{image("a1", 50h), image("a2", 49h + 30min), image("b1", 10h),
                                           image("b2", 9h + 50min), image("c", 1h)};

  EXPECT_THAT(gone({1, 72h}, images), ElementsAre("a1", "b1")) << "a2 and b2 are the last of their incidents";
  EXPECT_THAT(gone({1, 24h}, images), ElementsAre("a1", "a2", "b1")) << "a2 is older than its age";
}

TEST(image_retention, tells_incidents_of_two_groups_apart) {
  EXPECT_THAT(gone({1, 72h}, {image("x", 10min, "web-1"), image("y", 5min, "web-2"), image("z", 1min, "web-2")}),
              ElementsAre("y"));
}

TEST(image_retention, a_failed_image_is_never_the_last_of_an_incident) {
  EXPECT_THAT(gone({1, 72h}, {image("good", 20min), image("bad", 10min, "web-1", "failed"), image("new", 0h, "web-2")}),
              ElementsAre("bad"));
}

}  // namespace
}  // namespace lifehook::handlers
