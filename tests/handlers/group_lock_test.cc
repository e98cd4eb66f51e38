#include "handlers/group_lock.h"

#include "base/side_by_side.h"
#include "tests/handlers/step_stage.h"
#include "tests/handlers/watched_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

struct group_lock : testing::Test {
  group_lock() {
    fleet.furnish(2);
    fleet.time.run_for(10s);
  }

  step_stage fleet;
  watched_store slow{fleet.time.clock, *fleet.state, 50ms};
  step_services worker = fleet.replica(slow);
};

TEST_F(group_lock, branches_of_a_list_take_their_turns) {
  const auto detach = plan_of("detach_instance", {{"min_in_service", std::int64_t{3}}, {"wait", duration(1s)}});
  plan_runner runner(fleet.service, {{{plan_of("raise_capacity"), detach}}}, worker);
  tenure keeps(fleet.terms());

  const auto ran = fleet.time.wait_for(
      keeps.work().guard(runner.run(std::make_shared<event>(fleet.spot(fleet.an_instance())), keeps, fleet.log)));

  EXPECT_EQ(ran.value(), outcome::done);
  EXPECT_EQ(slow.most_holders, 1);
}

TEST_F(group_lock, the_same_step_twice_in_a_list_takes_its_turns) {
  plan_runner runner(fleet.service, {{{plan_of("raise_capacity"), plan_of("raise_capacity")}}}, worker);
  tenure keeps(fleet.terms());

  const auto ran = fleet.time.wait_for(
      keeps.work().guard(runner.run(std::make_shared<event>(fleet.spot(fleet.an_instance())), keeps, fleet.log)));

  EXPECT_EQ(ran.value(), outcome::done);
  EXPECT_EQ(slow.most_holders, 1);
  EXPECT_EQ(fleet.group_now()->desired, 3);
}

TEST_F(group_lock, two_changes_of_one_instance_take_their_turns) {
  plan_runner runner(fleet.service, {{{plan_of("raise_capacity")}}}, worker);
  tenure one(fleet.terms()), another(fleet.terms());
  auto first = std::make_shared<event>(fleet.spot(fleet.an_instance()));
  first->kind = event_kind::scheduled_change;
  first->id = "one";
  auto second = std::make_shared<event>(*first);
  second->id = "another";

  std::optional<result<outcome>> ended;
  fleet.time.tasks.spawn([](auto run, auto& to) -> task<> { to.emplace(co_await std::move(run)); }(
                                                    one.work().guard(runner.run(first, one, fleet.log)), ended));
  fleet.time.wait_for(another.work().guard(runner.run(second, another, fleet.log)));
  fleet.time.run_until([&] { return ended.has_value(); });

  EXPECT_EQ(slow.most_holders, 1);
  EXPECT_EQ(fleet.group_now()->desired, 3);
}

TEST_F(group_lock, what_a_step_that_was_cut_left_locked_is_its_own_when_it_is_run_again) {
  const auto about = std::make_shared<event>(fleet.spot(fleet.an_instance()));
  plan_runner runner(fleet.service, {{{plan_of("raise_capacity")}}}, worker);
  tenure cut(fleet.terms()), again(fleet.terms());
  alarm cutting(fleet.time.clock);
  cutting.set(120ms, [&] { cut.end(give_up::hold); });  // the lock is taken by then
  fleet.time.wait_for(cut.work().guard(runner.run(about, cut, fleet.log)));
  const auto before = fleet.time.clock.now();

  fleet.time.wait_for(again.work().guard(runner.run(about, again, fleet.log)));

  EXPECT_LT(fleet.time.clock.now() - before, 5s);
  EXPECT_EQ(fleet.group_now()->desired, 3);
}

// A step of a replica that is about to work under the lock.
struct lock_user {
  lock_user(step_stage& fleet, step_services& as, std::optional<duration> timeout = std::nullopt)
      : lock_user(fleet, as, timeout, fleet.terms()) {}
  lock_user(step_stage& fleet, step_services& as, std::optional<duration> timeout, const tenure::terms& under)
      : keeps(under),
        on{as, fleet.service, std::make_shared<event>(fleet.spot(fleet.an_instance())), keeps, fleet.log},
        in(on, name, timeout, false) {}

  tenure keeps;
  occasion on;
  step_name name{"raise_capacity", "raise"};
  step_context in;
};

struct work_under_a_lock : group_lock {
  class at_work {
   public:
    explicit at_work(work_under_a_lock& of) : of_(of) { of_.most_at_once = std::max(of_.most_at_once, ++of_.now_); }
    ~at_work() {
      --of_.now_;
      of_.ended.push_back(of_.fleet.time.clock.uptime());
    }
    at_work(const at_work&) = delete;
    at_work& operator=(const at_work&) = delete;

   private:
    work_under_a_lock& of_;
  };

  task<result<outcome>> work_for(duration span) {
    const at_work until_it_ends(*this);
    co_await fleet.time.clock.sleep_for(span);
    co_return outcome::done;
  }
  task<result<outcome>> take_part(step_context& in, duration after) {
    co_await fleet.time.clock.sleep_for(after);
    co_return co_await serialised(in, "capacity|web-fleet", [this] { return work_for(18s); });
  }
  task<result<outcome>> work_in_turn(step_context& in, int nth) {
    co_return co_await serialised(in, "capacity|web-fleet", [this, nth] {
      turns.push_back(nth);
      return work_for(2s);
    });
  }
  void network_recovers_after(duration span) {
    recovery.set(span, [this] { slow.each_way = 50ms; });
  }

  lock_user here{fleet, fleet.services};
  lock_user behind_the_slow_network{fleet, worker};
  alarm recovery{fleet.time.clock};
  int most_at_once = 0;
  std::vector<duration> ended;  // in uptime
  std::vector<int> turns;

 private:
  int now_ = 0;
};

TEST_F(work_under_a_lock, is_not_begun_when_the_lock_was_too_long_in_coming) {
  slow.each_way = 12s;
  network_recovers_after(25s);
  std::vector<task<result<outcome>>> both;
  both.push_back(take_part(behind_the_slow_network.in, 0s));
  both.push_back(take_part(here.in, 13s));

  const auto done = fleet.time.wait_for(side_by_side(std::move(both)));

  EXPECT_EQ(done[0].value(), outcome::done);
  EXPECT_EQ(done[1].value(), outcome::done);
  EXPECT_EQ(most_at_once, 1);
  EXPECT_EQ(ended.size(), 2U);
  EXPECT_FALSE(fleet.logged("outage").empty());
}

// Work under the lock that is ended a second after it began.
struct work_cut_off : work_under_a_lock {
  work_cut_off() {
    cutting.set(1s, [this] { here.keeps.end(give_up::hold); });
    fleet.time.wait_for(here.keeps.work().guard(take_part(here.in, 0s)));
  }
  alarm cutting{fleet.time.clock};
};

TEST_F(work_cut_off, drops_its_lock_for_others_once_what_was_on_its_way_has_arrived) {
  const auto cut = fleet.time.clock.uptime();

  EXPECT_EQ(fleet.time.wait_for(take_part(behind_the_slow_network.in, 0s)).value(), outcome::done);

  EXPECT_GE(ended.back() - cut, 18s + 3s);
  EXPECT_LE(ended.back() - cut, 18s + 5s) << "not when the lock runs out";
}

TEST_F(work_cut_off, leaves_the_lock_to_itself_when_it_is_begun_again) {
  std::vector<task<result<outcome>>> both;
  both.push_back(take_part(here.in, 1s));
  both.push_back(take_part(behind_the_slow_network.in, 1500ms));

  const auto done = fleet.time.wait_for(side_by_side(std::move(both)));

  EXPECT_EQ(done[0].value(), outcome::done);
  EXPECT_EQ(done[1].value(), outcome::done);
  EXPECT_EQ(most_at_once, 1);
}

TEST_F(work_under_a_lock, is_asked_for_by_one_of_a_process_at_a_time_in_the_order_they_came) {
  std::vector<std::unique_ptr<lock_user>> users;
  std::vector<task<result<outcome>>> all;
  for (int i = 0; i < 20; ++i) {
    users.push_back(std::make_unique<lock_user>(fleet, worker));
    all.push_back(work_in_turn(users.back()->in, i));
  }

  fleet.time.wait_for(side_by_side(std::move(all)));

  EXPECT_EQ(slow.asked_for_locks, 20);
  EXPECT_EQ(most_at_once, 1);
  EXPECT_TRUE(std::is_sorted(turns.begin(), turns.end()));
  EXPECT_EQ(turns.size(), 20U);
}

TEST_F(work_under_a_lock, one_in_line_whose_message_was_held_long_enough_gives_it_back_for_a_second) {
  auto held = fleet.terms();
  held.hold_until = held.received;
  lock_user first(fleet, worker), second(fleet, worker, std::nullopt, held);
  std::vector<task<result<outcome>>> both;
  both.push_back(work_in_turn(first.in, 1));
  both.push_back(second.keeps.work().guard(work_in_turn(second.in, 2)));

  fleet.time.wait_for(side_by_side(std::move(both)));

  EXPECT_EQ(turns, std::vector<int>{1});
  EXPECT_EQ(second.keeps.why(), give_up::hold);
  EXPECT_EQ(second.keeps.delay(), 1s) << "none at all would spend its receives at once";
}

TEST_F(work_under_a_lock, one_who_leaves_the_line_does_not_keep_the_next_waiting) {
  lock_user first(fleet, worker), second(fleet, worker), third(fleet, worker);
  interrupt gives_up;
  alarm soon(fleet.time.clock);
  soon.set(1s, [&] { gives_up.raise(); });
  std::vector<task<result<outcome>>> all;
  all.push_back(work_in_turn(first.in, 1));
  all.push_back(gives_up.guard(work_in_turn(second.in, 2)));
  all.push_back(work_in_turn(third.in, 3));

  fleet.time.wait_for(side_by_side(std::move(all)));

  EXPECT_EQ(turns, (std::vector<int>{1, 3}));
}

TEST_F(work_under_a_lock, an_outage_of_the_state_takes_nothing_from_the_timeout_of_those_in_line) {
  slow.fails = true;
  alarm answers(fleet.time.clock);
  answers.set(2min, [this] { slow.fails = false; });
  std::vector<std::unique_ptr<lock_user>> users;
  std::vector<task<result<outcome>>> all;
  for (int i = 0; i < 3; ++i) {
    users.push_back(std::make_unique<lock_user>(fleet, worker, 30s));
    all.push_back(work_in_turn(users.back()->in, i));
  }

  const auto done = fleet.time.wait_for(side_by_side(std::move(all)));

  for (const auto& each : done) EXPECT_TRUE(each.has_value()) << each.error().what();
}

TEST_F(work_under_a_lock, ends_well_before_the_lock_and_is_begun_anew) {
  slow.each_way = 4s;
  network_recovers_after(10s);
  const auto asked = fleet.time.clock.uptime();

  const auto done = fleet.time.wait_for(take_part(behind_the_slow_network.in, 0s));

  EXPECT_EQ(done.value(), outcome::done);
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0] - asked, longest_locked);
}

}  // namespace
}  // namespace lifehook::handlers
