#include "worker/replica_count.h"

#include "tests/support/client_stage.h"
#include "tests/worker/config_writing.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

using testing::HasSubstr;

struct replica_count_test : testing::Test {
  replica_count_test() { set_uri(); }
  void set_uri() { env = environment_of({{"ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x"}}); }
  // What the wire answers, in order.
  void metadata(std::string_view service) {
    stage.wire.answer(200, fmt::format(R"({{"Cluster":"ops","TaskARN":"arn:t"{}}})", service));
  }
  void services(int desired, int running) {
    stage.wire.answer(
        200, fmt::format(R"({{"services":[{{"serviceName":"lifehook","desiredCount":{},"runningCount":{}}}]}})",
                         desired, running));
  }
  std::string asked(std::size_t number) const { return stage.wire.requests().at(number).body; }

  aws::client_stage stage;
  aws::ecs ecs{stage.with};
  aws::environment env;
};

TEST_F(replica_count_test, is_what_the_service_has_and_finds_the_service_once) {
  replica_count counted(stage.wire, env, ecs);
  metadata(R"(,"ServiceName":"lifehook")");
  services(3, 3);
  services(5, 3);

  EXPECT_EQ(stage.play(counted.read()).value(), 3);
  EXPECT_EQ(stage.play(counted.read()).value(), 5);

  ASSERT_EQ(stage.wire.requests().size(), 3U);
  EXPECT_EQ(asked(2), R"({"cluster":"ops","services":["lifehook"]})");
  EXPECT_EQ(counted.service(), "lifehook");
}

TEST_F(replica_count_test, asks_ecs_for_the_service_where_the_agent_does_not_tell) {
  replica_count counted(stage.wire, env, ecs);
  metadata("");
  stage.wire.answer(200, R"({"tasks":[{"taskArn":"arn:t","lastStatus":"RUNNING","group":"service:lifehook"}]})");
  services(2, 2);

  EXPECT_EQ(stage.play(counted.read()).value(), 2);

  EXPECT_EQ(asked(1), R"({"cluster":"ops","tasks":["arn:t"]})");
  EXPECT_THAT(asked(2), HasSubstr(R"("services":["lifehook"])"));
}

TEST_F(replica_count_test, is_not_found_for_a_task_of_no_service) {
  replica_count counted(stage.wire, env, ecs);
  metadata("");
  stage.wire.answer(200, R"({"tasks":[{"taskArn":"arn:t","lastStatus":"RUNNING","group":"family:lifehook"}]})");

  const auto found = stage.play(counted.read());

  ASSERT_TRUE(found.has_error());
  EXPECT_EQ(found.error().code(), errc::not_found);
  EXPECT_THAT(found.error().what(), HasSubstr("belongs to no service"));
}

TEST_F(replica_count_test, is_not_found_where_ecs_does_not_know_the_service) {
  replica_count counted(stage.wire, env, ecs);
  metadata(R"(,"ServiceName":"lifehook")");
  stage.wire.answer(200, R"({"services":[],"failures":[{"arn":"arn:s","reason":"MISSING"}]})");

  const auto found = stage.play(counted.read());

  ASSERT_TRUE(found.has_error());
  EXPECT_EQ(found.error().code(), errc::not_found);
  EXPECT_THAT(found.error().what(), HasSubstr("knows no service lifehook"));
}

TEST_F(replica_count_test, looks_for_the_service_again_when_that_has_failed) {
  replica_count counted(stage.wire, env, ecs);
  stage.wire.answer(500, "");
  EXPECT_TRUE(stage.play(counted.read()).has_error());

  metadata(R"(,"ServiceName":"lifehook")");
  services(4, 4);

  EXPECT_EQ(stage.play(counted.read()).value(), 4);
}

TEST(workers_of, are_those_that_run_and_those_that_will_at_least_this_one) {
  struct row {
    int desired, running, expected;
  };
  for (const auto& [desired, running, expected] :
       {row{2, 2, 2}, row{4, 2, 4}, row{2, 4, 4}, row{0, 1, 1}, row{0, 0, 1}}) {
    aws::ecs_service service;
    service.desired_count = desired;
    service.running_count = running;
    EXPECT_EQ(workers_of(service), expected) << desired << " desired, " << running << " running";
  }
}

}  // namespace
}  // namespace lifehook::worker
