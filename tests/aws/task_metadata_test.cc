#include "aws/task_metadata.h"

#include "tests/support/scripted_wire.h"
#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>

#include <optional>

namespace lifehook::aws {
namespace {

using testing::HasSubstr;

// As a Fargate agent answers, shortened.
constexpr std::string_view told =
    R"({"Cluster":"arn:aws:ecs:eu-west-1:111122223333:cluster/ops",)"
    R"("TaskARN":"arn:aws:ecs:eu-west-1:111122223333:task/ops/158d1c8083dd49d6b527399fd6414f5c",)"
    R"("Family":"lifehook","ServiceName":"lifehook","Revision":"5","DesiredStatus":"RUNNING","Containers":[]})";

environment with(std::optional<std::string> uri) {
  return [uri = std::move(uri)](std::string_view name) -> std::optional<std::string> {
    return name == "ECS_CONTAINER_METADATA_URI_V4" ? uri : std::nullopt;
  };
}

struct task_metadata_test : testing::Test {
  result<own_task> ask(std::optional<std::string> uri) {
    return time.wait_for(read_own_task(wire, with(std::move(uri))));
  }

  test::virtual_time time;
  scripted_wire wire{time.clock};
};

TEST_F(task_metadata_test, tells_cluster_task_and_service) {
  wire.answer(200, std::string(told));

  const auto found = ask("http://169.254.170.2/v4/158d1c80-1");

  ASSERT_TRUE(found.has_value()) << found.error().what();
  EXPECT_EQ(wire.requests().front().method, "GET");
  EXPECT_EQ(wire.requests().front().url, "http://169.254.170.2/v4/158d1c80-1/task");
  EXPECT_EQ(found->cluster, "arn:aws:ecs:eu-west-1:111122223333:cluster/ops");
  EXPECT_EQ(found->arn, "arn:aws:ecs:eu-west-1:111122223333:task/ops/158d1c8083dd49d6b527399fd6414f5c");
  EXPECT_EQ(found->service, "lifehook");
}

TEST_F(task_metadata_test, is_not_found_where_no_ecs_runs_us) {
  for (const auto& uri : {std::optional<std::string>(), std::optional<std::string>("")}) {
    const auto found = ask(uri);

    ASSERT_TRUE(found.has_error());
    EXPECT_EQ(found.error().code(), errc::not_found);
    EXPECT_THAT(found.error().what(), HasSubstr("ECS_CONTAINER_METADATA_URI_V4 is not set"));
  }
  EXPECT_TRUE(wire.requests().empty());
}

TEST_F(task_metadata_test, what_cannot_be_read_is_an_outage) {
  wire.answer(500, "").answer(200, "<html>").answer(200, R"({"Cluster":"ops"})").fail(errc::timeout);

  for (const auto code : {errc::unreachable, errc::unreachable, errc::unreachable, errc::timeout}) {
    const auto found = ask("http://169.254.170.2/v4/158d1c80-1");
    ASSERT_TRUE(found.has_error());
    EXPECT_EQ(found.error().code(), code) << found.error().what();
  }
}

TEST(task_metadata, knows_no_service_where_an_older_agent_tells_none) {
  const auto found = read_own_task(std::string_view(R"({"Cluster":"ops","TaskARN":"arn:t"})"));

  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->service, "");
}

}  // namespace
}  // namespace lifehook::aws
