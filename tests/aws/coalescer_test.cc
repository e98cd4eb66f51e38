#include "aws/coalescer.h"

#include "base/interrupt.h"
#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using keys = std::vector<int>;

// Answers a key with ten times itself, after its latency; a negative key is not found.
class coalescer_test : public testing::Test {
 protected:
  using under_test = coalescer<int, int>;

  coalescer_test() {
    fetching_.emplace(time_.clock, time_.tasks, pace{3, 200ms},
                      [this](keys of) { return fetch(*this, std::move(of)); });
  }

  static task<result<under_test::answers>> fetch(coalescer_test& self, keys of) {
    self.calls_.push_back(of);
    self.times_.push_back(self.elapsed());
    co_await self.time_.clock.sleep_for(self.latency_);
    if (self.outage_) co_return error{errc::unreachable, "no answer"};
    under_test::answers found;
    for (const auto key : of) {
      if (key < 0)
        found.emplace_back(error{errc::not_found, "no such key"});
      else
        found.emplace_back(key * 10);
    }
    found.resize(std::min(found.size(), self.most_answered_), result<int>(0));
    co_return found;
  }

  void ask(int key) { time_.tasks.spawn(keep(*this, key)); }
  static task<> keep(coalescer_test& self, int key) {
    auto answer = co_await self.fetching_->ask(key);
    self.answers_.emplace(key, std::move(answer));
  }
  static task<> keep_unless(coalescer_test& self, interrupt& given_up, int key) {
    auto answer = co_await given_up.guard(self.fetching_->ask(key));
    self.answers_.emplace(key, std::move(answer));
  }
  void wait_for_all() {
    EXPECT_TRUE(time_.run_until([this] { return time_.tasks.running() == 0; }));
  }
  duration elapsed() const { return time_.clock.now() - start_; }

  test::virtual_time time_;
  time_point start_ = time_.clock.now();
  duration latency_ = 1s;
  bool outage_ = false;
  std::size_t most_answered_ = 100;
  std::vector<keys> calls_;
  std::vector<duration> times_;
  std::multimap<int, result<int>> answers_;
  std::optional<under_test> fetching_;
};

TEST_F(coalescer_test, a_question_that_is_alone_leaves_at_once) {
  ask(1);

  wait_for_all();

  EXPECT_THAT(calls_, ElementsAre(keys{1}));
  EXPECT_THAT(times_, ElementsAre(0s));
  EXPECT_EQ(answers_.find(1)->second.value(), 10);
}

TEST_F(coalescer_test, questions_gather_while_a_call_is_in_flight_and_leave_when_it_ends) {
  latency_ = 50ms;
  ask(1);
  time_.run_for(10ms);

  ask(2);
  ask(3);

  wait_for_all();
  EXPECT_THAT(calls_, ElementsAre(keys{1}, keys{2, 3}));
  EXPECT_THAT(times_, ElementsAre(0s, 50ms));
  EXPECT_EQ(answers_.find(2)->second.value(), 20);
  EXPECT_EQ(answers_.find(3)->second.value(), 30);
}

TEST_F(coalescer_test, as_many_as_fit_do_not_wait_for_the_call_in_flight) {
  ask(1);
  time_.run_for(10ms);

  for (const auto key : {2, 3, 4, 5}) ask(key);
  time_.run_for(0s);

  EXPECT_THAT(calls_, ElementsAre(keys{1}, keys{2, 3, 4}));
  wait_for_all();
  EXPECT_EQ(answers_.find(5)->second.value(), 50);
}

TEST_F(coalescer_test, patience_ends_before_a_slow_call_does) {
  latency_ = 10s;
  ask(1);
  time_.run_for(1s);

  ask(2);
  time_.run_for(100ms);
  ask(3);

  wait_for_all();
  EXPECT_THAT(calls_, ElementsAre(keys{1}, keys{2, 3}));
  EXPECT_THAT(times_, ElementsAre(0s, 1200ms));
}

TEST_F(coalescer_test, with_several_slow_calls_in_flight_the_rest_gather_until_one_ends) {
  latency_ = 10s;
  for (const int key : {1, 2, 3, 4, 5, 6}) {
    ask(key);
    time_.run_for(250ms);
  }
  wait_for_all();

  EXPECT_THAT(calls_, ElementsAre(keys{1}, keys{2}, keys{3}, keys{4}, keys{5, 6}));
  EXPECT_EQ(times_.back(), 10s);
}

TEST_F(coalescer_test, more_slow_calls_are_in_flight_where_there_are_calls_to_spare) {
  bool to_spare = true;
  fetching_.emplace(
      time_.clock, time_.tasks, pace{3, 200ms}, [this](keys of) { return fetch(*this, std::move(of)); },
      [&to_spare] { return to_spare; });
  latency_ = 10s;
  for (int key = 1; key <= 8; ++key) {
    ask(key);
    time_.run_for(250ms);
  }
  EXPECT_THAT(calls_, SizeIs(8));

  to_spare = false;
  ask(9);
  wait_for_all();
  EXPECT_EQ(times_.back(), 10s);
}

TEST_F(coalescer_test, while_calls_are_to_be_saved_questions_gather_for_longer) {
  bool to_spare = true;
  fetching_.emplace(
      time_.clock, time_.tasks, pace{50, 5ms, 0, 250ms}, [this](keys of) { return fetch(*this, std::move(of)); },
      [&to_spare] { return to_spare; });
  latency_ = 10s;
  ask(1);
  time_.run_for(10ms);
  ask(2);
  time_.run_for(10ms);

  to_spare = false;
  ask(3);
  time_.run_for(200ms);
  ask(4);

  wait_for_all();
  EXPECT_THAT(calls_, ElementsAre(keys{1}, keys{2}, keys{3, 4}));
  EXPECT_THAT(times_, ElementsAre(0s, 15ms, 270ms));
}

TEST_F(coalescer_test, a_question_that_is_alone_leaves_at_once_also_while_calls_are_to_be_saved) {
  fetching_.emplace(
      time_.clock, time_.tasks, pace{50, 5ms, 0, 250ms}, [this](keys of) { return fetch(*this, std::move(of)); },
      [] { return false; });

  ask(1);

  wait_for_all();
  EXPECT_THAT(times_, ElementsAre(0s));
}

TEST_F(coalescer_test, after_a_flood_a_lone_question_soon_leaves_at_once_again) {
  fetching_.emplace(time_.clock, time_.tasks, pace{50, 5ms, 2, 250ms},
                    [this](keys of) { return fetch(*this, std::move(of)); });
  latency_ = 1ms;
  for (int i = 0; i < 6000; ++i) {
    ask(i);
    time_.run_for(10ms);
  }
  time_.run_for(3s);
  const auto asked = elapsed();

  ask(6000);
  wait_for_all();

  EXPECT_EQ(times_.back(), asked);
}

TEST_F(coalescer_test, the_same_key_asked_twice_is_answered_twice) {
  ask(1);
  time_.run_for(10ms);

  ask(2);
  ask(2);

  wait_for_all();
  EXPECT_EQ(answers_.count(2), 2U);
}

TEST_F(coalescer_test, a_failed_call_fails_everyone_who_shared_it) {
  ask(1);
  time_.run_for(10ms);
  ask(2);
  ask(3);

  outage_ = true;
  wait_for_all();

  for (const auto key : {1, 2, 3}) EXPECT_EQ(answers_.find(key)->second.error().code(), errc::unreachable) << key;
}

TEST_F(coalescer_test, after_a_failed_call_the_next_one_is_made) {
  outage_ = true;
  ask(1);
  wait_for_all();

  outage_ = false;
  ask(2);

  wait_for_all();
  EXPECT_EQ(answers_.find(2)->second.value(), 20);
}

TEST_F(coalescer_test, one_failing_member_fails_alone) {
  ask(1);
  time_.run_for(10ms);

  for (const auto key : {2, -3, 4}) ask(key);

  wait_for_all();
  EXPECT_EQ(answers_.find(2)->second.value(), 20);
  EXPECT_EQ(answers_.find(-3)->second.error().code(), errc::not_found);
  EXPECT_EQ(answers_.find(4)->second.value(), 40);
}

TEST_F(coalescer_test, a_key_the_answer_leaves_out_is_an_error_not_a_hang) {
  ask(1);
  time_.run_for(10ms);
  most_answered_ = 1;

  ask(2);
  ask(3);

  wait_for_all();
  EXPECT_EQ(answers_.find(2)->second.value(), 20);
  EXPECT_EQ(answers_.find(3)->second.error().code(), errc::internal);
}

TEST_F(coalescer_test, a_waiter_who_gives_up_leaves_the_others_their_answers) {
  interrupt given_up;
  ask(1);
  time_.run_for(10ms);
  time_.tasks.spawn(keep_unless(*this, given_up, 2));
  ask(3);
  time_.run_for(10ms);

  given_up.raise();
  time_.run_for(0s);

  EXPECT_EQ(answers_.find(2)->second.error().code(), errc::cancelled);
  wait_for_all();
  EXPECT_EQ(answers_.find(3)->second.value(), 30);
}

TEST_F(coalescer_test, the_one_who_asked_first_may_give_up_too) {
  interrupt given_up;
  time_.tasks.spawn(keep_unless(*this, given_up, 1));
  time_.run_for(10ms);
  ask(2);

  given_up.raise();

  wait_for_all();
  EXPECT_EQ(answers_.find(1)->second.error().code(), errc::cancelled);
  EXPECT_EQ(answers_.find(2)->second.value(), 20);
}

TEST_F(coalescer_test, asks_nothing_that_nobody_asked) {
  ask(1);
  wait_for_all();
  calls_.clear();

  time_.run_for(1h);

  EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(coalescer_test, a_question_is_being_asked_until_it_is_answered_also_when_who_asked_was_given_up) {
  interrupt given_up;
  ask(1);
  time_.tasks.spawn(keep_unless(*this, given_up, 2));
  time_.run_for(100ms);
  EXPECT_TRUE(fetching_->is_asking(2)) << "it gathers";
  given_up.raise();
  time_.run_for(1s);
  EXPECT_FALSE(fetching_->is_asking(1));
  EXPECT_TRUE(fetching_->is_asking(2)) << "its call is under way";

  wait_for_all();

  EXPECT_FALSE(fetching_->is_asking(2));
  EXPECT_THAT(calls_, ElementsAre(keys{1}, keys{2}));
}

}  // namespace
}  // namespace lifehook::aws
