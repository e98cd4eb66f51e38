#include "handlers/works_in_hand.h"

#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

event hook_event(std::string token, std::string instance = "i-1") {
  event made;
  made.group = "web";
  made.hook = "drain";
  made.instance = std::move(instance);
  made.token = std::move(token);
  return made;
}

event spot(std::string action = "terminate") {
  event made;
  made.kind = event_kind::spot_interruption;
  made.instance = "i-1";
  made.detail = std::move(action);
  return made;
}

struct works_in_hand_test : testing::Test {
  test::virtual_time time;
  works_in_hand works{time.io.get_executor()};
  std::vector<std::unique_ptr<works_in_hand::work>> all;

  works_in_hand::work* begin(event about) {
    all.push_back(works.begin(std::make_shared<const event>(std::move(about))));
    return all.back().get();
  }
};

TEST_F(works_in_hand_test, the_same_token_is_the_same_work) {
  const auto begun = begin(hook_event("one"));

  EXPECT_EQ(works.find(hook_event("one")), begun);
  EXPECT_EQ(works.size(), 1U);
}

TEST_F(works_in_hand_test, a_message_without_token_joins_the_work_of_the_same_names) {
  const auto begun = begin(hook_event("one"));

  EXPECT_EQ(works.find(hook_event("")), begun);
  EXPECT_EQ(works.find(hook_event("", "i-2")), nullptr);
}

TEST_F(works_in_hand_test, a_message_with_token_joins_work_that_began_without) {
  const auto begun = begin(hook_event(""));

  EXPECT_EQ(works.find(hook_event("one")), begun);
}

TEST_F(works_in_hand_test, another_change_of_the_instance_is_other_work) {
  auto near = spot("AWS_EC2_INSTANCE_REBOOT");
  near.kind = event_kind::scheduled_change;
  near.change = "arn:near";
  near.starts = time_point(std::chrono::hours(1));
  begin(near);
  auto later = near;
  later.starts = time_point(std::chrono::hours(2));
  auto other = near;
  other.change = "arn:other";

  EXPECT_NE(works.find(near), nullptr);
  EXPECT_EQ(works.find(later), nullptr);
  EXPECT_EQ(works.find(other), nullptr);
}

TEST_F(works_in_hand_test, another_token_under_the_same_names_is_other_work) {
  begin(hook_event("one"));

  EXPECT_EQ(works.find(hook_event("two")), nullptr);
}

TEST_F(works_in_hand_test, another_hook_or_transition_of_the_instance_is_other_work) {
  begin(hook_event(""));
  auto other_hook = hook_event("");
  other_hook.hook = "backup";
  auto other_transition = hook_event("");
  other_transition.kind = event_kind::launching;

  EXPECT_EQ(works.find(other_hook), nullptr);
  EXPECT_EQ(works.find(other_transition), nullptr);
}

TEST_F(works_in_hand_test, the_end_of_older_work_leaves_the_newer_of_the_same_names_findable) {
  const auto older = begin(hook_event("one"));
  const auto newer = begin(hook_event("two"));

  works.finish(*older, {});

  EXPECT_EQ(works.find(hook_event("")), newer);
  EXPECT_EQ(works.find(hook_event("one")), nullptr);
  EXPECT_EQ(works.size(), 1U);
}

TEST_F(works_in_hand_test, newer_work_of_the_same_names_may_end_first) {
  const auto older = begin(hook_event("one"));
  const auto newer = begin(hook_event("two"));

  works.finish(*newer, {});
  EXPECT_EQ(works.find(hook_event("one")), older);
  works.finish(*older, {});

  EXPECT_EQ(works.find(hook_event("one")), nullptr);
  EXPECT_EQ(works.find(hook_event("")), nullptr);
  EXPECT_EQ(works.size(), 0U);
}

TEST_F(works_in_hand_test, events_without_a_hook_are_the_same_by_kind_instance_and_detail) {
  const auto begun = begin(spot());
  auto state = spot();
  state.kind = event_kind::state_change;

  EXPECT_EQ(works.find(spot()), begun);
  EXPECT_EQ(works.find(spot("hibernate")), nullptr);
  EXPECT_EQ(works.find(state), nullptr);
}

TEST_F(works_in_hand_test, who_joined_gets_the_verdict_when_the_work_ends) {
  const auto begun = begin(hook_event("one"));
  const auto joined = works.find(hook_event("one"));
  alarm ending(time.clock);
  ending.set(std::chrono::seconds(1), [&] { works.finish(*begun, verdict::requeue(std::chrono::seconds(7))); });

  const auto shared = time.wait_for(works.end_of(*joined));

  EXPECT_EQ(shared.what, verdict::kind::requeue);
  EXPECT_EQ(shared.delay, std::chrono::seconds(7));
  EXPECT_EQ(works.find(hook_event("one")), nullptr);
  EXPECT_EQ(works.size(), 0U);
}

}  // namespace
}  // namespace lifehook::handlers
