#include "worker/hooks_table.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view stuck = R"({"time":"2026-03-02T10:15:30.000Z","in_hand":2,"listed":2,
  "calls_waiting":[{"family":"ecs_read","region":"eu-west-1","calls":312,"throttled":false}],"in_line":{"heartbeats":0,"proofs":1200},
  "events":[
    {"event":"terminating","group":"web","scaling_group":"web-1","instance":"i-0123456789abcdef0","hook":"drain",
     "token":"71514b9d","last_heartbeat_seconds":25.4,"timer_seconds":275,"deadline_seconds":872.0,"in_hand_seconds":80,"stage":"steps",
     "why":[],"steps":[{"step":"drain_ecs/1.1","seconds":78.2,"timeout_seconds":900,"timeout_used_seconds":78.2,"why":[
       {"what":"progress","text":"tasks: 4 running, 0 pending, 1 stopping"},
       {"what":"waiting","meaning":"no_capacity","text":"service web was unable to place a task","seconds":61.0},
       {"what":"asking","doing":"looking at the container instance","seconds":0.2}]}]},
    {"event":"task_stopped","group":null,"task":"arn:aws:ecs:eu-west-1:111122223333:task/prod/0a1b","deadline_seconds":null,
     "in_hand_seconds":3,"stage":"routing","steps":[],"why":[
       {"what":"routing","text":"AWS is asked whose event it is"},
       {"what":"outage","meaning":"denied","doing":"routing","text":"no\u001b[31m way","seconds":3.0}]}]})";

TEST(hooks_table, says_nothing_in_hand_when_nothing_is) {
  EXPECT_EQ(hooks_table(R"({"in_hand":0,"listed":0,"events":[]})").value(), "nothing in hand\n");
}

TEST(hooks_table, has_an_event_a_line_and_below_it_what_it_waits_for) {
  EXPECT_EQ(hooks_table(stuck).value(),
            R"(  LEFT  IN HAND  BEAT  TIMER  EVENT         GROUP  INSTANCE             HOOK   TOKEN
14m32s    1m20s   25s  4m35s  terminating   web    i-0123456789abcdef0  drain  71514b9d
    drain_ecs/1.1, running for 1m18s, 1m18s of its 15m used
      tasks: 4 running, 0 pending, 1 stopping
      no_capacity for 1m1s: service web was unable to place a task
     ?       3s     -      -  task_stopped  -      task 0a1b            -      -
    AWS is asked whose event it is
    outage for 3s (denied), routing: no [31m way
312 calls wait for their turn: ecs_read, to keep within the account's API limits
1200 looks for proof stand in line: many are due at once
)");
}

TEST(hooks_table, a_call_that_takes_its_time_is_told) {
  const auto told = hooks_table(R"({"in_hand":1,"events":[{"instance":"i-1","steps":[
    {"step":"drain_ecs/1.1","seconds":9,"why":[{"what":"asking","doing":"finding it","seconds":9}]}]}]})");

  EXPECT_THAT(told.value(), HasSubstr("waits for 9s for AWS, or for its turn: finding it"));
}

TEST(hooks_table, what_is_not_listed_is_counted) {
  EXPECT_THAT(hooks_table(R"({"in_hand":1200,"events":[{"instance":"i-1"}]})").value(), HasSubstr("and 1199 more"));
  EXPECT_THAT(hooks_table(R"({"in_hand":1,"events":[{"instance":"i-1"}]})").value(), Not(HasSubstr("more in hand")));
}

TEST(hooks_table, refuses_what_is_no_such_page) {
  for (const std::string_view page : {"", "ready\n", "[]", "{}", R"({"events":[]})"})
    EXPECT_EQ(hooks_table(page).error().code(), errc::malformed) << page;
}

// A worker of another version may leave out, or add, what it likes.
TEST(hooks_table, goes_without_what_is_missing_or_of_another_kind) {
  EXPECT_TRUE(hooks_table(R"({"in_hand":"many","events":[7,{},{"steps":3,"why":[null,{}],"event":1}]})").has_value());
}

}  // namespace
}  // namespace lifehook::worker
