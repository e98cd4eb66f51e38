#include "handlers/cause_catalog.h"

#include "base/side_by_side.h"
#include "tests/handlers/step_stage.h"

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::SizeIs;

struct cause_catalog_test : testing::Test {
  std::vector<told_end> ends(std::size_t from = 0) {
    std::vector<told_end> all;
    const auto& seen = fleet.world.autoscaling().actions_seen();
    for (auto at = from; at < seen.size(); ++at) all.push_back({seen[at].group, seen[at].instance, seen[at].began});
    return all;
  }
  std::vector<std::string_view> causes_of(const std::vector<told_end>& asked) {
    std::vector<task<result<scaling_cause>>> asking;
    for (const auto& each : asked) asking.push_back(fleet.causes.cause_of_end(each));
    std::vector<std::string_view> causes;
    for (const auto& each : fleet.time.wait_for(side_by_side(std::move(asking))))
      causes.push_back(each.has_value() ? name(*each) : name(each.error().code()));
    return causes;
  }
  std::size_t calls() const { return fleet.wire.count("DescribeScalingActivities"); }

  step_stage fleet;
};

TEST_F(cause_catalog_test, many_ends_of_one_group_are_found_beyond_a_page_with_few_calls) {
  fleet.furnish(160);
  fleet.time.run_for(1min);
  fleet.world.autoscaling().set_desired("web-fleet", 30);
  fleet.time.run_for(1s);
  const auto all = ends();
  ASSERT_THAT(all, SizeIs(130));

  const auto causes = causes_of(all);

  EXPECT_THAT(causes, SizeIs(130));
  EXPECT_THAT(causes, Each("user_request"));
  EXPECT_LE(calls(), 4U) << "one at once, and the rest together";
}

TEST_F(cause_catalog_test, an_end_that_no_activity_tells_is_looked_for_no_further_back_than_it_can_have_begun) {
  fleet.furnish(250);
  fleet.time.run_for(4h);
  told_end untold{"web-fleet", "i-0123456789abcdef0", fleet.time.clock.now()};

  EXPECT_THAT(causes_of({untold}), testing::ElementsAre("unknown"));
  EXPECT_EQ(calls(), 1U);

  untold.when -= 3h;
  EXPECT_THAT(causes_of({untold}), testing::ElementsAre("unknown"));
  EXPECT_EQ(calls(), 4U) << "three pages";
}

TEST_F(cause_catalog_test, a_group_that_is_gone_does_not_hide_what_another_tells) {
  fleet.furnish(2);
  fleet.time.run_for(1min);
  fleet.begin_termination();
  auto asked = ends();
  asked.insert(asked.begin(), {told_end{"web-fleet", "i-0123456789abcdef0", {}}, told_end{"gone", "i-1", {}}});

  EXPECT_THAT(causes_of(asked), testing::ElementsAre("unknown", "not_found", "user_request"));
}

}  // namespace
}  // namespace lifehook::handlers
