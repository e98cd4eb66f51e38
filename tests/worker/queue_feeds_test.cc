#include "worker/queue_feeds.h"

#include "tests/worker/config_writing.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

using handlers::event_kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using kind = aws_finding::kind;

const std::string events_policy = R"({"Statement":[{"Principal":{"Service":"events.amazonaws.com"}}]})";
const std::string spot_pattern = R"({"source":["aws.ec2"],"detail-type":["EC2 Spot Instance Interruption Warning"]})";

std::string arn_of(std::string_view rule) { return fmt::format("arn:aws:events:r:1:rule/{}", rule); }

struct queue_feeds_test : testing::Test {
  void see(const aws::event_rule& rule, std::string policy = events_policy) {
    queues::queue_attributes queue;
    queue.policy = std::move(policy);
    feeds.see("life", queue, {rule});
  }
  std::vector<std::string> of(kind how) const {
    std::vector<std::string> texts;
    for (const auto& each : told)
      if (each.how == how) texts.push_back(each.text);
    return texts;
  }
  std::vector<std::string> said_of_lists(std::string_view lines) {
    told.clear();
    feeds.say_of_lists(parsed(with_group(lines)).value());
    return of(kind::warning);
  }
  queue_feeds::way way_of(std::string notifies = {}) const {
    aws::lifecycle_hook hook{};
    hook.notifies = std::move(notifies);
    return feeds.way_of(hook, event_kind::terminating);
  }

  std::vector<aws_finding> told;
  const tell_finding tell = [this](const aws_finding& each) { told.push_back(each); };
  queue_feeds feeds{tell};
};

constexpr std::string_view spot_and_rebalance =
    "    match: a\n    spot_interruption: [wait: {for: 1s}]\n    rebalance_recommendation: [wait: {for: 1s}]\n";

TEST_F(queue_feeds_test, tells_what_a_rule_may_bring_and_which_lists_nothing_is_brought_for) {
  see({"spot", arn_of("spot"), true, spot_pattern});

  EXPECT_THAT(of(kind::fine), ElementsAre("queue life: EventBridge rule spot may bring spot_interruption"));
  EXPECT_THAT(said_of_lists(spot_and_rebalance),
              ElementsAre("group web: rebalance_recommendation: no EventBridge rule brings \"EC2 Instance Rebalance "
                          "Recommendation\" of aws.ec2 to a queue"));
}

TEST_F(queue_feeds_test, a_rule_that_is_disabled_brings_nothing) {
  see({"spot", arn_of("spot"), false, spot_pattern});

  EXPECT_THAT(of(kind::warning), ElementsAre("queue life: EventBridge rule spot is disabled: it brings nothing"));
  EXPECT_EQ(said_of_lists(spot_and_rebalance).size(), 2U);
}

TEST_F(queue_feeds_test, a_rule_that_the_queues_policy_does_not_let_send_brings_nothing) {
  for (const auto* const policy : {"", R"({"Statement":[{"Principal":{"Service":"sqs.amazonaws.com"}}]})"}) {
    told.clear();
    see({"spot", arn_of("spot"), true, spot_pattern}, policy);
    EXPECT_THAT(of(kind::warning), ElementsAre(HasSubstr("does not let the rule send"))) << policy;
    EXPECT_EQ(said_of_lists(spot_and_rebalance).size(), 2U);
  }
}

TEST_F(queue_feeds_test, a_policy_may_let_a_rule_send_by_its_arn_or_as_anybody) {
  for (
      const auto* const policy :
      {R"({"Statement":[{"Principal":{"AWS":"*"},"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:events:r:1:rule/*"}}}]})",
       R"({"Statement":[{"Principal":"*"}]})"})
    see({"spot", arn_of("spot"), true, spot_pattern}, policy);

  EXPECT_THAT(of(kind::warning), IsEmpty());
}

TEST_F(queue_feeds_test, a_policy_that_names_other_rules_does_not_let_this_one_send) {
  see({"spot", arn_of("spot"), true, spot_pattern},
      R"({"Condition":{"ArnEquals":{"aws:SourceArn":["arn:aws:events:r:1:rule/other","arn:aws:events:r:1:rule/sp?t2"]}}})");

  EXPECT_THAT(of(kind::warning), ElementsAre(HasSubstr("does not let the rule send")));
}

TEST_F(queue_feeds_test, a_rule_of_which_nothing_is_known_here_is_warned_of) {
  see({"spot", arn_of("spot"), true,
       R"({"source":["aws.ec2"],"detail-type":["EC2 Spot Instance Interruption Warnings"]})"});
  see({"nightly", arn_of("nightly"), true, ""});

  EXPECT_THAT(of(kind::warning),
              ElementsAre("queue life: EventBridge rule spot brings nothing that is handled here",
                          "queue life: EventBridge rule nightly brings nothing that is handled here"));
}

TEST_F(queue_feeds_test, where_a_topic_may_send_nothing_is_known_to_be_missing) {
  queues::queue_attributes queue;
  queue.policy = R"({"Statement":[{"Principal":{"Service":"sns.amazonaws.com"}}]})";
  feeds.see("life", queue, {});

  EXPECT_THAT(of(kind::fine), ElementsAre(HasSubstr("its policy lets topics send")));
  EXPECT_THAT(said_of_lists(spot_and_rebalance), IsEmpty());
  EXPECT_FALSE(way_of().warns);
}

TEST_F(queue_feeds_test, rules_that_are_not_to_be_seen_are_said_once_and_not_taken_for_missing) {
  feeds.cannot_see({errc::denied, "no"});
  feeds.cannot_see({errc::denied, "no"});

  EXPECT_THAT(of(kind::warning), ElementsAre(HasSubstr("events:ListRuleNamesByTarget")));
  EXPECT_THAT(said_of_lists(spot_and_rebalance), IsEmpty());
  EXPECT_FALSE(way_of().warns);
}

TEST_F(queue_feeds_test, tasks_are_brought_by_one_rule_whatever_becomes_of_them) {
  see({"tasks", arn_of("tasks"), true, R"({"source":["aws.ecs"],"detail-type":["ECS Task State Change"]})"});

  EXPECT_THAT(said_of_lists("    match_clusters: prod\n    task_interruption: [notify: {topic: "
                            "\"arn:aws:sns:eu-west-1:111122223333:t\"}]\n    task_stopped: [rerun_task]\n"),
              IsEmpty());
}

TEST_F(queue_feeds_test, a_hook_that_notifies_nobody_needs_a_rule) {
  EXPECT_TRUE(way_of().warns);
  EXPECT_FALSE(way_of("arn:aws:sqs:eu-west-1:111122223333:life").warns);
  EXPECT_THAT(way_of("arn:aws:sns:eu-west-1:111122223333:t").text, HasSubstr("must be subscribed to arn:aws:sns"));

  see({"hooks", arn_of("hooks"), true, R"({"source":["aws.autoscaling"]})"});

  EXPECT_FALSE(way_of().warns);
  EXPECT_EQ(way_of().text, "it notifies nobody: EventBridge rule hooks must bring its events");
  EXPECT_EQ(way_of("arn:aws:sqs:eu-west-1:111122223333:life").text,
            "it notifies the queue, and EventBridge rule hooks may bring its events too: one is enough");
  EXPECT_THAT(way_of("arn:aws:sns:eu-west-1:111122223333:t").text, HasSubstr("and EventBridge rule hooks may bring"));
}

}  // namespace
}  // namespace lifehook::worker
