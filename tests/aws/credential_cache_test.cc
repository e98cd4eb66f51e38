#include "aws/credential_cache.h"

#include "base/interrupt.h"
#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>

#include <deque>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;

// Gives what the test says, after the time it says.
struct scripted_source final : credential_source {
  explicit scripted_source(clock& t) : time(t) {}

  task<result<credentials>> fetch() override {
    ++fetches;
    if (took > duration::zero()) co_await time.sleep_for(took);
    if (failing) co_return error{errc::unreachable, "no answer"};
    credentials given{"K" + std::to_string(is_same ? 1 : fetches), "S", "T", {}};
    if (life) given.expires = time.now() + *life;
    co_return given;
  }

  clock& time;
  unsigned fetches = 0;
  bool failing = false;
  bool is_same = false;  // as the first ones
  duration took{0};
  std::optional<duration> life = 1h;
};

struct credential_caching : ::testing::Test {
  test::virtual_time world;
  scripted_source* source = nullptr;
  std::unique_ptr<credential_cache> cache;

  credential_caching() {
    auto made = std::make_unique<scripted_source>(world.clock);
    source = made.get();
    cache = std::make_unique<credential_cache>(world.clock, std::move(made));
  }
  result<credentials> get() { return world.wait_for(cache->get()); }
  std::string key() { return get().value().access_key_id; }
  std::string renewed_key() { return world.wait_for(cache->renew()).value().access_key_id; }

  static task<> take(credential_cache& from, std::vector<std::string>& into) {
    into.push_back((co_await from.get()).value().access_key_id);
  }
  static task<> renew(credential_cache& which, int& renewed) {
    co_await which.renew();
    ++renewed;
  }
};

TEST_F(credential_caching, credentials_are_fetched_once_and_kept) {
  EXPECT_EQ(cache->expires(), std::nullopt);

  for (int i = 0; i < 3; ++i) EXPECT_EQ(key(), "K1");

  EXPECT_EQ(source->fetches, 1U);
  EXPECT_EQ(cache->expires(), world.clock.now() + 1h);
}

TEST_F(credential_caching, are_at_hand_while_they_are_usable_and_no_longer) {
  EXPECT_EQ(cache->at_hand(), nullptr) << "none was fetched yet";
  (void)key();
  ASSERT_NE(cache->at_hand(), nullptr);
  EXPECT_EQ(cache->at_hand()->access_key_id, "K1");

  world.run_for(1h);
  EXPECT_EQ(cache->at_hand(), nullptr) << "they have ended";

  ASSERT_EQ(key(), "K2");
  cache->invalidate(*cache->at_hand());
  EXPECT_EQ(cache->at_hand(), nullptr) << "AWS has refused them";
}

TEST_F(credential_caching, keys_that_do_not_expire_are_kept_for_ever) {
  source->life.reset();
  (void)key();
  world.clock.advance(24h * 365);

  EXPECT_EQ(key(), "K1");
}

TEST_F(credential_caching, they_are_renewed_when_less_than_15_minutes_are_left) {
  (void)key();
  world.clock.advance(45min);
  EXPECT_EQ(renewed_key(), "K1");

  world.clock.advance(1s);

  EXPECT_EQ(renewed_key(), "K2");
}

TEST_F(credential_caching, usable_ones_are_handed_out_at_once_while_they_are_renewed) {
  (void)key();
  world.clock.advance(59min);
  source->took = 10s;
  int renewed = 0;
  world.tasks.spawn(renew(*cache, renewed));
  world.run_for(1s);

  const auto asked = world.clock.now();
  EXPECT_EQ(key(), "K1");

  EXPECT_EQ(world.clock.now(), asked);
  ASSERT_TRUE(world.run_until([&] { return renewed == 1; }));
  EXPECT_EQ(key(), "K2");
}

TEST_F(credential_caching, usable_ones_are_handed_out_at_once_while_no_new_ones_are_to_be_had) {
  (void)key();
  world.clock.advance(52min);
  source->took = 10s;
  source->failing = true;
  EXPECT_EQ(renewed_key(), "K1");
  world.clock.advance(2min);

  const auto asked = world.clock.now();
  EXPECT_EQ(key(), "K1");

  EXPECT_EQ(world.clock.now(), asked);
}

TEST_F(credential_caching, when_none_are_left_all_wait_for_one_refresh) {
  (void)key();
  world.clock.advance(1h);
  source->took = 3s;
  std::vector<std::string> seen;

  for (int i = 0; i < 5; ++i) world.tasks.spawn(take(*cache, seen));
  world.run_until([&] { return seen.size() == 5; });

  EXPECT_EQ(seen, std::vector<std::string>(5, "K2"));
  EXPECT_EQ(source->fetches, 2U);
}

TEST_F(credential_caching, those_that_end_while_they_are_renewed_are_waited_for) {
  (void)key();
  world.clock.advance(59min + 58s);
  source->took = 10s;
  int renewed = 0;
  world.tasks.spawn(renew(*cache, renewed));
  world.run_for(3s);

  EXPECT_EQ(key(), "K2");

  EXPECT_EQ(source->fetches, 2U);
  ASSERT_TRUE(world.run_until([&] { return renewed == 1; }));
}

TEST_F(credential_caching, a_failed_refresh_keeps_the_old_ones_until_they_end) {
  (void)key();
  source->failing = true;
  world.clock.advance(59min);
  EXPECT_EQ(renewed_key(), "K1");

  world.clock.advance(1min);

  const auto found = get();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::unreachable);
}

TEST_F(credential_caching, a_failure_is_tried_again_after_five_seconds_not_before) {
  source->failing = true;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(get());
  EXPECT_EQ(source->fetches, 1U);

  source->failing = false;
  world.clock.advance(5s);

  EXPECT_EQ(key(), "K2");
}

TEST_F(credential_caching, a_failure_is_tried_again_as_soon_when_the_wall_clock_was_set_back) {
  source->failing = true;
  (void)get();
  source->failing = false;
  world.clock.set(world.clock.now() - 24h);
  world.clock.advance(5s);

  EXPECT_EQ(key(), "K2");
}

TEST_F(credential_caching, a_failure_that_is_over_is_not_told_of_those_that_ended_since) {
  source->failing = true;
  (void)get();
  world.clock.advance(5s);
  source->failing = false;
  source->life = 3s;
  (void)key();

  world.clock.advance(4s);

  EXPECT_EQ(key(), "K2") << "AWS says what is wrong with them";
}

TEST_F(credential_caching, two_who_renew_at_once_ask_the_source_once) {
  source->took = 10s;
  int renewed = 0;

  for (int i = 0; i < 2; ++i) world.tasks.spawn(renew(*cache, renewed));
  ASSERT_TRUE(world.run_until([&] { return renewed == 2; }));

  EXPECT_EQ(source->fetches, 1U);
}

TEST_F(credential_caching, refused_ones_are_fetched_anew_at_most_once_in_five_seconds) {
  (void)key();
  world.clock.advance(5s);

  for (int i = 0; i < 10; ++i) cache->invalidate(get().value());
  EXPECT_EQ(source->fetches, 2U);
  world.clock.advance(5s);

  EXPECT_EQ(key(), "K3");
}

TEST_F(credential_caching, a_late_refusal_of_older_ones_changes_nothing) {
  const auto old = get().value();
  world.clock.advance(5s);
  cache->invalidate(old);
  (void)key();
  world.clock.advance(5s);

  cache->invalidate(old);

  EXPECT_EQ(key(), "K2");
}

TEST_F(credential_caching, refused_ones_are_handed_out_while_no_new_ones_are_to_be_had) {
  const auto old = get().value();
  world.clock.advance(5s);
  source->failing = true;

  cache->invalidate(old);

  EXPECT_EQ(key(), "K1");
  EXPECT_EQ(source->fetches, 2U);
  const auto renewed = world.wait_for(cache->renew());
  ASSERT_FALSE(renewed) << "somebody should see to it";
  EXPECT_EQ(renewed.error().code(), errc::unreachable);
}

TEST_F(credential_caching, refused_ones_are_replaced_as_soon_as_there_are_new_ones) {
  const auto old = get().value();
  world.clock.advance(5s);
  source->failing = true;
  cache->invalidate(old);
  (void)key();

  source->failing = false;
  world.clock.advance(5s);

  EXPECT_EQ(renewed_key(), "K3");
  EXPECT_EQ(key(), "K3");
}

TEST_F(credential_caching, refused_ones_that_their_source_gives_again_are_no_fresh_ones) {
  const auto first = get().value();
  source->is_same = true;
  world.run_for(5s);
  cache->invalidate(first);

  EXPECT_EQ(key(), "K1") << "AWS is asked about them again";
  const auto renewed = world.wait_for(cache->renew());
  ASSERT_TRUE(renewed.has_error());
  EXPECT_EQ(renewed.error().code(), errc::denied);
  world.run_for(2h);
  EXPECT_EQ(key(), "K1") << "beyond the end that they had";

  source->is_same = false;
  world.run_for(30s);
  EXPECT_EQ(renewed_key(), key());
  EXPECT_NE(key(), "K1");
}

TEST_F(credential_caching, refused_ones_are_as_good_as_any_once_aws_has_taken_them) {
  const auto first = get().value();
  source->is_same = true;
  world.run_for(5s);
  cache->invalidate(first);
  ASSERT_TRUE(world.wait_for(cache->renew()).has_error());

  cache->accepted(get().value());

  EXPECT_EQ(renewed_key(), "K1");
  EXPECT_NE(cache->at_hand(), nullptr);
}

TEST_F(credential_caching, refused_ones_are_not_made_good_by_older_ones_that_aws_has_taken) {
  const auto first = get().value();
  world.run_for(5s);
  cache->invalidate(first);
  source->is_same = false;
  const auto second = get().value();
  source->failing = true;
  world.run_for(5s);
  cache->invalidate(second);

  cache->accepted(first);

  EXPECT_EQ(cache->at_hand(), nullptr);
}

TEST_F(credential_caching, those_that_their_source_gives_again_are_as_good_as_any_while_aws_takes_them) {
  get();
  source->is_same = true;
  world.run_for(50min);

  EXPECT_EQ(renewed_key(), "K1");
}

TEST_F(credential_caching, no_call_waits_for_a_source_that_fails_while_refused_ones_may_do) {
  const auto old = get().value();
  world.clock.advance(5s);
  source->failing = true;
  cache->invalidate(old);
  (void)key();
  cache->invalidate(old);  // AWS refuses them again
  source->took = 30s;

  const auto asked = world.clock.now();
  world.clock.advance(29s);
  EXPECT_EQ(key(), "K1");
  EXPECT_EQ(world.clock.now(), asked + 29s) << "renewal asks the source";

  source->failing = false;
  world.clock.advance(1s);
  EXPECT_EQ(key(), "K3") << "nobody renews";
}

TEST_F(credential_caching, refused_ones_keep_nobody_waiting_but_the_one_who_asks_for_new_ones) {
  const auto old = get().value();
  world.clock.advance(5s);
  source->failing = true;
  cache->invalidate(old);
  (void)key();
  world.clock.advance(5s);
  source->took = 10s;
  int renewed = 0;
  world.tasks.spawn(renew(*cache, renewed));
  world.run_for(1s);

  const auto asked = world.clock.now();
  EXPECT_EQ(key(), "K1");

  EXPECT_EQ(world.clock.now(), asked);
  ASSERT_TRUE(world.run_until([&] { return renewed == 1; }));
}

TEST_F(credential_caching, refused_ones_are_not_handed_out_beyond_their_end) {
  const auto old = get().value();
  world.clock.advance(59min);
  source->failing = true;
  cache->invalidate(old);
  (void)key();

  world.clock.advance(1min);

  EXPECT_FALSE(get());
}

TEST_F(credential_caching, a_failure_to_renew_early_does_not_stand_for_what_the_source_says_of_refused_ones) {
  const auto old = get().value();
  world.clock.advance(59min);
  source->failing = true;
  (void)renewed_key();
  cache->invalidate(old);
  source->failing = false;
  world.clock.advance(5s);
  source->took = 10s;
  std::vector<std::string> seen;

  for (int i = 0; i < 2; ++i) world.tasks.spawn(take(*cache, seen));
  ASSERT_TRUE(world.run_until([&] { return seen.size() == 2; }));

  EXPECT_EQ(seen, std::vector<std::string>(2, "K3"));
}

TEST_F(credential_caching, credentials_given_for_a_short_time_are_refreshed_every_45_seconds) {
  source->life = 14min;

  for (int i = 0; i < 90; ++i) {
    (void)renewed_key();
    world.clock.advance(1s);
  }

  EXPECT_EQ(source->fetches, 2U);
}

TEST_F(credential_caching, a_cancelled_refresh_is_taken_over_by_one_who_waits) {
  source->took = 10s;
  interrupt stop;
  std::vector<result<credentials>> seen;
  const auto give_up = [](interrupt& by, credential_cache& from, std::vector<result<credentials>>& into) -> task<> {
    into.push_back(co_await by.guard(from.get()));
  };
  const auto ask = [](credential_cache& from, std::vector<result<credentials>>& into) -> task<> {
    into.push_back(co_await from.get());
  };
  alarm soon(world.clock);
  soon.set(1s, [&] { stop.raise(); });

  world.tasks.spawn(give_up(stop, *cache, seen));
  world.tasks.spawn(ask(*cache, seen));
  ASSERT_TRUE(world.run_until([&] { return seen.size() == 2; }));

  EXPECT_EQ(seen[0].error().code(), errc::cancelled);
  EXPECT_TRUE(seen[1]);
}

}  // namespace
}  // namespace lifehook::aws
