#include "handlers/group_lock.h"

#include "tests/handlers/step_stage.h"
#include "tests/handlers/watched_store.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace lifehook::handlers
