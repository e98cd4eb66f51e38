#include "handlers/image_retention.h"

#include "handlers/image_tags.h"

#include <gmock/gmock.h>

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

std::vector<std::string> gone(const image_retention& with, std::vector<aws::ec2_image> images,
                              const std::string& keep = {}) {
  std::vector<std::string> ids;
  for (const auto& each : beyond(with, std::move(images), keep, now)) ids.push_back(each.id);
  return ids;
}

TEST(image_retention, keeps_the_newest_so_many) {
  EXPECT_THAT(gone({2, {}}, {image("a", 40h), image("c", 20h), image("b", 30h), image("d", 10h)}),
              ElementsAre("a", "b"));
}

TEST(image_retention, keeps_none_beyond_its_age) {
  EXPECT_THAT(gone({{}, 24h}, {image("a", 25h), image("b", 23h)}), ElementsAre("a"));
}

TEST(image_retention, never_takes_the_one_just_made_nor_one_in_the_making) {
  EXPECT_THAT(gone({1, {}}, {image("new", 0h), image("making", 1h, "web-1", "pending"), image("kept", 2h)}, "kept"),
              IsEmpty());
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
