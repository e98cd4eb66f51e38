#include "base/task_group.h"
#include "simulator/world.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <boost/json.hpp>

namespace lifehook::simulator {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct controls : testing::Test {
  controls() { simulated.ecs().create_cluster("prod"); }

  static task<> ask(aws::http_transport& wire, aws::http_request asked, std::optional<aws::http_response>& into) {
    auto said = co_await wire.send(std::move(asked));
    into = *std::move(said);
  }
  aws::http_response answer_to(aws::http_request asked) {
    std::optional<aws::http_response> said;
    tasks.spawn(ask(simulated.wire(), std::move(asked), said));
    io.restart();
    while (io.poll() > 0) {
    }
    return said.value();
  }
  aws::http_response send(std::string method, std::string_view name, std::string body) {
    return answer_to({std::move(method), fmt::format("http://aws.test/_simulator/{}", name), {}, std::move(body)});
  }
  void post(std::string_view name, std::string body) {
    const auto said = send("POST", name, std::move(body));
    EXPECT_EQ(said.status, 200) << said.body;
  }
  // Why it is refused.
  std::string refusal(std::string_view name, std::string body) {
    const auto said = send("POST", name, body);
    EXPECT_EQ(said.status, 400) << body;
    return said.body;
  }
  std::string running_task(std::string provider = "FARGATE_SPOT") {
    auto arn = simulated.ecs().run_fargate_task({.cluster = "prod", .capacity_provider = std::move(provider)});
    time.advance(10s);
    return arn;
  }
  task_record only_task() { return simulated.ecs().tasks("prod").at(0); }

  asio::io_context io{1};
  virtual_clock time{time_point{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}}};
  world simulated{io.get_executor(), time, {}};
  task_group tasks{io.get_executor()};
};

TEST_F(controls, take_a_task_back_as_fargate_spot_does) {
  post("interrupt-task", fmt::format(R"({{"task":"{}","exit_codes":{{"app":0}}}})", running_task()));

  EXPECT_EQ(only_task().desired_status, "STOPPED");
  EXPECT_EQ(only_task().last_status, "RUNNING");
  time.advance(2min);
  EXPECT_EQ(only_task().last_status, "STOPPED");
  EXPECT_EQ(only_task().stop_code, "SpotInterruption");
}

TEST_F(controls, end_the_containers_of_a_task) {
  post("end-containers", fmt::format(R"({{"task":"{}","exit_codes":{{"app":3}}}})", running_task("FARGATE")));
  time.advance(10s);

  EXPECT_EQ(only_task().last_status, "STOPPED");
  EXPECT_EQ(only_task().stop_code, "EssentialContainerExited");
}

TEST_F(controls, refuse_tasks_that_are_not_there_or_not_on_spot) {
  const auto arn = running_task("FARGATE");

  EXPECT_THAT(refusal("interrupt-task", fmt::format(R"({{"task":"{}"}})", arn)), HasSubstr("not on Fargate Spot"));
  EXPECT_THAT(refusal("interrupt-task", R"({"task":"arn:none"})"), HasSubstr("task arn:none is not known"));
  EXPECT_THAT(refusal("end-containers", R"({"exit_codes":{"app":1}})"), HasSubstr("is not known"));
  EXPECT_THAT(refusal("end-containers", fmt::format(R"({{"task":"{}"}})", arn)), HasSubstr("exit_codes"));
  EXPECT_EQ(only_task().last_status, "RUNNING");
}

TEST_F(controls, say_how_long_scripts_run_and_what_they_exit_with) {
  simulated.ssm().manage("i-11111111");
  const auto send_command = [this] {
    aws::http_request asked{"POST", "http://ssm.test/", {}, {}};
    asked.headers = {{"X-Amz-Target", "AmazonSSM.SendCommand"},
                     {"Authorization", "AWS4-HMAC-SHA256 Credential=A/20260302/eu-west-1/ssm/aws4_request"}};
    asked.body = R"({"DocumentName":"AWS-RunShellScript","InstanceIds":["i-11111111"],
                     "Parameters":{"commands":["true"]}})";
    const auto said = answer_to(std::move(asked));
    EXPECT_EQ(said.status, 200) << said.body;
  };
  post("scripts", R"({"run_time":3600})");
  send_command();
  time.advance(1min);
  EXPECT_EQ(simulated.ssm().commands_sent().at(0).status, "InProgress");

  post("scripts", R"({"run_time":0.5,"exit_code":3})");
  time.advance(0s);

  EXPECT_EQ(simulated.ssm().commands_sent().at(0).status, "Failed");
  EXPECT_EQ(simulated.ssm().commands_sent().at(0).exit_code, 3);
}

TEST_F(controls, schedule_a_reboot) {
  const auto id = simulated.ec2().launch();
  simulated.ecs().register_instance("prod", id);
  simulated.ecs().run_task("prod", "web", id);
  time.advance(10s);

  const auto said = send("POST", "schedule-reboot", fmt::format(R"({{"instance":"{}","in":60,"takes":5}})", id));

  EXPECT_THAT(said.body, HasSubstr(R"({"event":"instance-event-0)"));
  time.advance(59s);
  EXPECT_EQ(only_task().last_status, "RUNNING");
  time.advance(1s);
  EXPECT_EQ(only_task().last_status, "STOPPED");
  EXPECT_THAT(refusal("schedule-reboot", R"({"instance":"i-none"})"), HasSubstr("i-none is not known to EC2"));
}

TEST_F(controls, say_how_late_queues_are_counted) {
  const auto url = simulated.sqs().create_queue("work");
  const auto told = [&] {
    aws::http_request asked{"POST", "http://sqs.test/", {}, {}};
    asked.headers = {{"X-Amz-Target", "AmazonSQS.GetQueueAttributes"},
                     {"Authorization", "AWS4-HMAC-SHA256 Credential=A/20260302/eu-west-1/sqs/aws4_request"}};
    asked.body = fmt::format(R"({{"QueueUrl":"{}","AttributeNames":["ApproximateNumberOfMessages"]}})", url);
    return answer_to(std::move(asked)).body;
  };
  post("lag-counts", R"({"visible":60})");
  simulated.sqs().send(url, "a");

  EXPECT_THAT(told(), HasSubstr(R"("ApproximateNumberOfMessages":"0")"));
  time.advance(60s);
  EXPECT_THAT(told(), HasSubstr(R"("ApproximateNumberOfMessages":"1")"));
  EXPECT_THAT(refusal("lag-counts", R"({"in_flight":"1m"})"), HasSubstr("a number of seconds"));
}

TEST_F(controls, refuse_what_they_do_not_understand) {
  EXPECT_THAT(refusal("scripts", "{}"), HasSubstr("expected"));
  EXPECT_THAT(refusal("scripts", "[1]"), HasSubstr("a JSON object"));
  EXPECT_THAT(refusal("scripts", R"({"exitcode":3})"), HasSubstr("run_time, exit_code"));
  EXPECT_THAT(refusal("scripts", R"({"exit_code":256})"), HasSubstr("0 to 255"));
  EXPECT_THAT(refusal("scripts", R"({"run_time":"5s"})"), HasSubstr("a number of seconds"));
  EXPECT_THAT(refusal("interrupt-task", R"({"task":"t","exit_codes":137})"), HasSubstr("CONTAINER"));
  EXPECT_THAT(refusal("interrupt-task", R"({"task":"t","exit_codes":{"app":"1"}})"), HasSubstr("0 to 255"));
}

TEST_F(controls, name_themselves_to_who_asks_for_another) {
  const auto moon = send("POST", "moon", "{}");

  EXPECT_EQ(moon.status, 404);
  EXPECT_THAT(moon.body, HasSubstr("POST /_simulator/schedule-reboot"));
  EXPECT_EQ(send("GET", "scripts", "").status, 404);
}

}  // namespace
}  // namespace lifehook::simulator
