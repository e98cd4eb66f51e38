#include "handlers/cluster_answers.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using testing::HasSubstr;

aws::container_instance container(std::string arn, std::string status = "ACTIVE", std::string of = "i-1") {
  return {std::move(arn), std::move(of), std::move(status), true, 0, 0};
}

TEST(cluster_answers, each_arn_gets_its_own_whatever_the_order) {
  const auto answers = by_arn({"a", "b", "a"}, {{container("b"), container("a")}, {}});

  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].value()->arn, "a");
  EXPECT_EQ(answers[1].value()->arn, "b");
  EXPECT_EQ(answers[2].value(), answers[0].value()) << "shared by all who asked";
}

TEST(cluster_answers, what_ecs_names_as_missing_is_gone_and_what_it_does_not_name_is_unanswered) {
  const auto answers = by_arn({"a", "b", "c"}, {{}, {{"a", "MISSING"}, {"b", "INACTIVE"}, {"c", "REFUSED"}}});

  EXPECT_EQ(answers[0].value(), nullptr);
  EXPECT_EQ(answers[1].value(), nullptr);
  EXPECT_EQ(answers[2].error().code(), errc::unreachable);
  EXPECT_THAT(answers[2].error().what(), HasSubstr("container instance c"));
}

TEST(cluster_answers, one_both_described_and_missing_is_as_described) {
  EXPECT_EQ(by_arn({"a"}, {{container("a")}, {{"a", "MISSING"}}}).front().value()->arn, "a");
}

TEST(cluster_answers, a_registration_that_failed_is_gone_unless_tasks_are_on_it) {
  auto failed = container("b", "REGISTRATION_FAILED");
  failed.pending_tasks = 1;

  const auto answers =
      by_arn({"a", "b", "c"}, {{container("a", "REGISTRATION_FAILED"), failed, container("c", "INACTIVE")}, {}});

  EXPECT_EQ(answers[0].value(), nullptr);
  EXPECT_EQ(answers[1].value()->arn, "b");
  EXPECT_EQ(answers[2].value(), nullptr);
}

TEST(cluster_answers, each_ec2_instance_gets_all_its_own_that_are_not_gone) {
  const auto answers = by_ec2_instance({"i-2", "i-1", "i-3"}, {container("a"), container("b", "DRAINING", "i-2"),
                                                               container("c"), container("d", "INACTIVE", "i-3")});

  ASSERT_EQ(answers->size(), 3U);
  ASSERT_EQ((*answers)[0]->size(), 1U);
  EXPECT_EQ((*answers)[0]->front()->arn, "b");
  ASSERT_EQ((*answers)[1]->size(), 2U);
  EXPECT_EQ((*answers)[1]->back()->arn, "c");
  EXPECT_TRUE((*answers)[2]->empty());
}

TEST(cluster_answers, one_of_no_ec2_instance_leaves_all_unanswered_unless_it_is_gone) {
  EXPECT_EQ(by_ec2_instance({"i-1"}, {container("a"), container("b", "ACTIVE", "")}).error().code(), errc::unreachable);
  EXPECT_TRUE(by_ec2_instance({"i-1"}, {container("a"), container("b", "INACTIVE", "")}).has_value());
}

TEST(cluster_answers, the_first_that_is_neither_described_nor_missing_is_unanswered) {
  aws::ecs_listing<aws::container_instance> answer{{container("a")}, {{"b", "MISSING"}, {"c", "REFUSED"}}};

  EXPECT_FALSE(first_unanswered("container instance", {"b", "a"}, answer).has_value());
  EXPECT_THAT(first_unanswered("container instance", {"a", "c", "d"}, answer)->what(),
              HasSubstr("container instance c"));
}

TEST(cluster_answers, that_it_is_deleted_is_an_answer_only_of_a_cluster_that_ecs_had_listed) {
  const error unknown(errc::denied, "no", "ClusterNotFoundException");
  const error refused(errc::denied, "no", "AccessDeniedException");

  EXPECT_EQ(unless_deleted(named_by::listing, unknown, 7).value(), 7);
  EXPECT_EQ(unless_deleted(named_by::listing, refused, 7).error().code(), errc::denied);
  EXPECT_EQ(unless_deleted(named_by::configuration, unknown, 7).error().code(), errc::denied);
}

TEST(cluster_answers, nothing_is_answered_to_each_who_asked) {
  const auto answers = nothing_for<found_instances>({"i-1", "i-2"});

  ASSERT_EQ(answers.size(), 2U);
  for (const auto& each : answers) EXPECT_TRUE(each->empty());
}

}  // namespace
}  // namespace lifehook::handlers
