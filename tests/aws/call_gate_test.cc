#include "aws/call_gate.h"

#include "base/interrupt.h"
#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>

#include <deque>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

struct crowd {
  test::virtual_time time;
  call_gate gate{2};
  std::size_t inside = 0;
  std::size_t most = 0;
  std::size_t served = 0;

  struct visitor {
    explicit visitor(crowd& of) : all(of) { all.most = std::max(all.most, ++all.inside); }
    ~visitor() { --all.inside; }
    visitor(const visitor&) = delete;
    visitor& operator=(const visitor&) = delete;
    crowd& all;
  };
  static task<result<>> visit(crowd& self, duration by = 0s) {
    const auto pass = co_await self.gate.enter(by);
    const visitor inside(self);
    co_await self.time.clock.sleep_for(1s);
    ++self.served;
    co_return result<>();
  }
  static task<> visit_unless(crowd& self, interrupt& stop) { co_await stop.guard(visit(self)); }
  static task<> visit_by(crowd& self, duration by, std::string_view name, std::vector<std::string_view>& came) {
    co_await visit(self, by);
    came.push_back(name);
  }
  // How many of three more are inside at once.
  std::size_t room_left() {
    most = 0;
    const auto before = served;
    std::deque<interrupt> none(3);
    for (auto& each : none) time.tasks.spawn(visit_unless(*this, each));
    time.run_until([&] { return served == before + 3; });
    return most;
  }
};

TEST(call_gate, no_more_than_its_number_are_inside_and_all_get_their_turn) {
  crowd all;
  std::deque<interrupt> none(7);

  for (auto& each : none) all.time.tasks.spawn(crowd::visit_unless(all, each));
  all.time.run_until([&] { return all.served == 7; });

  EXPECT_EQ(all.served, 7U);
  EXPECT_EQ(all.most, 2U);
  EXPECT_EQ(all.gate.waiting(), 0U);
}

TEST(call_gate, who_is_to_leave_first_is_next) {
  crowd all;
  std::vector<std::string_view> came;
  for (const auto* name : {"inside", "inside too", "completion", "another completion"})
    all.time.tasks.spawn(crowd::visit_by(all, 30s, name, came));
  all.time.run_for(500ms);

  all.time.tasks.spawn(crowd::visit_by(all, 4s, "heartbeat", came));
  all.time.run_until([&] { return came.size() == 5; });

  EXPECT_THAT(came, ElementsAre("inside", "inside too", "heartbeat", "completion", "another completion"));
}

TEST(call_gate, a_turn_that_is_given_up_is_nobodys_loss) {
  crowd all;
  std::deque<interrupt> stops(6);
  for (auto& each : stops) all.time.tasks.spawn(crowd::visit_unless(all, each));
  all.time.run_for(500ms);

  stops[2].raise();  // waits for its turn
  stops[0].raise();  // is inside

  all.time.run_until([&] { return all.served == 4; });
  EXPECT_EQ(all.served, 4U);
  EXPECT_EQ(all.most, 2U);
  EXPECT_EQ(all.room_left(), 2U);
}

TEST(call_gate, a_turn_that_is_given_up_just_when_it_has_come_is_anothers) {
  crowd all;
  std::deque<interrupt> stops(3);
  for (auto& each : stops) all.time.tasks.spawn(crowd::visit_unless(all, each));
  all.time.run_for(500ms);

  stops[0].raise();  // is inside
  while (all.inside == 2) all.time.io.run_one();
  stops[2].raise();  // it was its turn

  all.time.run_until([&] { return all.served == 1; });
  EXPECT_EQ(all.room_left(), 2U);
}

}  // namespace
}  // namespace lifehook::aws
