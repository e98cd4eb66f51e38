#include "worker/config_nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace lifehook::worker {
namespace {

constexpr std::array<std::string_view, 6> known{"timeout", "dry_run", "on_error", "cluster", "clusters", "for"};

TEST(config_nearest, finds_the_word_a_slip_of_the_finger_was_meant_to_be) {
  EXPECT_EQ(nearest("timeuot", known), "timeout");
  EXPECT_EQ(nearest("tmeout", known), "timeout");
  EXPECT_EQ(nearest("timeoutt", known), "timeout");
  EXPECT_EQ(nearest("clustr", known), "cluster");
}

TEST(config_nearest, counts_swapped_neighbours_as_one_slip) { EXPECT_EQ(nearest("fro", known), "for"); }

TEST(config_nearest, forgives_case_and_dashes) {
  EXPECT_EQ(nearest("ON-ERROR", known), "on_error");
  EXPECT_EQ(nearest("Dry-Run", known), "dry_run");
}

TEST(config_nearest, completes_a_beginning) { EXPECT_EQ(nearest("time", known), "timeout"); }

TEST(config_nearest, prefers_the_nearer_of_two) {
  EXPECT_EQ(nearest("clusterz", known), "cluster");
  EXPECT_EQ(nearest("cluserts", known), "clusters");
}

TEST(config_nearest, says_nothing_rather_than_something_far_fetched) {
  EXPECT_EQ(nearest("retries", known), std::nullopt);
  EXPECT_EQ(nearest("", known), std::nullopt);
  EXPECT_EQ(nearest("x", known), std::nullopt);
  EXPECT_EQ(nearest(std::string(10'000, 't'), known), std::nullopt);
}

}  // namespace
}  // namespace lifehook::worker
