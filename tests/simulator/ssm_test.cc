#include "simulator/ssm.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <future>

namespace lifehook::simulator {
namespace {

using namespace std::chrono_literals;
using boost::json::parse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

constexpr std::string_view node = "i-0a1b2c3d4e5f60718";

struct ssm_test : testing::Test {
  ssm_test() { commands->manage(std::string(node)); }

  answered call(std::string action, std::string_view body) {
    std::optional<answered> got;
    request asked{"ssm", std::move(action), parse(body).as_object(), {}};
    asio::co_spawn(io, commands->handle(std::move(asked)), [&got](std::exception_ptr thrown, answered outcome) {
      if (thrown) std::rethrow_exception(thrown);
      got = std::move(outcome);
    });
    io.restart();
    io.poll();
    return got.value();
  }
  boost::json::object ask(std::string action, std::string_view body) {
    return call(std::move(action), body).value().json.as_object();
  }
  answered try_send(std::string_view more = R"("Comment":"c")", std::string_view to = node) {
    return call("SendCommand", fmt::format(R"({{"DocumentName":"AWS-RunShellScript","InstanceIds":["{}"],
        "Parameters":{{"commands":["true"]}},{}}})",
                                           to, more));
  }
  std::string send(std::string_view more = R"("Comment":"c")", std::string_view to = node) {
    return std::string(try_send(more, to)->json.at("Command").at("CommandId").as_string());
  }
  std::string code(std::string action, std::string_view body) { return call(std::move(action), body).error().code; }
  answered invocation(std::string_view id, std::string_view on = node) {
    return call("GetCommandInvocation", fmt::format(R"({{"CommandId":"{}","InstanceId":"{}"}})", id, on));
  }
  // "Status/StatusDetails/ResponseCode".
  std::string state(std::string_view id) {
    const auto told = invocation(id).value().json;
    return fmt::format("{}/{}/{}", std::string(told.at("Status").as_string()),
                       std::string(told.at("StatusDetails").as_string()), told.at("ResponseCode").as_int64());
  }
  std::vector<std::string> listed(std::string_view body) {
    std::vector<std::string> comments;
    const auto told = ask("ListCommands", body);
    for (const auto& each : told.at("Commands").as_array()) comments.emplace_back(each.at("Comment").as_string());
    return comments;
  }

  asio::io_context io{1};
  virtual_clock time{time_point{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}}};
  fleet instances;
  std::unique_ptr<simulator::ssm> commands = simulator::ssm::make(time, {}, instances, 1);
};

TEST_F(ssm_test, a_command_takes_time_to_be_known_to_be_delivered_and_to_run) {
  const auto told = try_send(R"("Comment":"save logs","OutputS3BucketName":"logs","OutputS3KeyPrefix":"a/b")")->json;
  const auto id = std::string(told.at("Command").at("CommandId").as_string());

  EXPECT_THAT(id, MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_EQ(told.at("Command").at("Status"), "Pending");
  EXPECT_EQ(invocation(id).error().code, "InvocationDoesNotExist");
  time.advance(1s);
  EXPECT_EQ(state(id), "Pending/Pending/-1");
  time.advance(1s);
  EXPECT_EQ(state(id), "InProgress/InProgress/-1");
  time.advance(5s);
  EXPECT_EQ(state(id), "Success/Success/0");
  const auto over = invocation(id)->json.as_object();
  EXPECT_EQ(over.at("ExecutionStartDateTime"), "2026-03-02T00:00:02.000Z");
  EXPECT_EQ(over.at("ExecutionEndDateTime"), "2026-03-02T00:00:07.000Z");
  EXPECT_EQ(over.at("ExecutionElapsedTime"), "PT5.000S");
  EXPECT_EQ(over.at("StandardOutputUrl"), fmt::format("https://s3.eu-west-1.amazonaws.com/logs/a/b/{}/{}/"
                                                      "awsrunShellScript/0.awsrunShellScript/stdout",
                                                      id, node)
                                              .c_str());
  EXPECT_THAT(std::string(over.at("StandardErrorUrl").as_string()), HasSubstr("/stderr"));
}

TEST_F(ssm_test, without_a_bucket_there_is_no_url) {
  const auto id = send();
  time.advance(10s);

  EXPECT_EQ(invocation(id)->json.at("StandardOutputUrl"), "");
}

TEST_F(ssm_test, a_script_fails_with_the_exit_code_told) {
  commands->fail_with(3);
  commands->set_run_time(1min);
  const auto id = send();
  time.advance(61s);
  EXPECT_EQ(state(id), "InProgress/InProgress/-1");
  time.advance(1s);

  EXPECT_EQ(state(id), "Failed/Failed/3");
  const auto shown = ask("ListCommands", fmt::format(R"({{"CommandId":"{}"}})", id)).at("Commands").at(0);
  EXPECT_EQ(shown.at("Status"), "Failed");
  EXPECT_EQ(shown.at("ErrorCount").to_number<int>(), 1);
}

TEST_F(ssm_test, a_script_that_runs_is_made_to_end_now_or_later) {
  commands->set_run_time(1min);
  const auto first = send();
  time.advance(32s);

  commands->set_run_time(2min);
  time.advance(89s);
  EXPECT_EQ(state(first), "InProgress/InProgress/-1");
  time.advance(1s);
  EXPECT_EQ(state(first), "Success/Success/0");

  const auto second = send();
  time.advance(32s);
  commands->fail_with(3);
  commands->set_run_time(0s);
  time.advance(0s);
  EXPECT_EQ(state(second), "Failed/Failed/3");
  EXPECT_EQ(state(first), "Success/Success/0");
}

TEST_F(ssm_test, a_script_that_ended_unheard_keeps_its_end) {
  const auto id = send();
  time.advance(2s);
  commands->set_online(node, false);
  time.advance(1h + 1min);

  commands->set_run_time(1min);
  commands->set_online(node, true);

  EXPECT_EQ(state(id), "Success/Success/0");
}

TEST_F(ssm_test, what_was_sent_is_kept_on_record) {
  send(R"("Comment":"mark","OutputS3BucketName":"logs")");
  time.advance(10s);

  const auto sent = commands->commands_sent();

  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].document, "AWS-RunShellScript");
  EXPECT_EQ(sent[0].instance, node);
  EXPECT_EQ(sent[0].comment, "mark");
  EXPECT_THAT(sent[0].parameters.at("commands"), ElementsAre("true"));
  EXPECT_EQ(sent[0].status, "Success");
  EXPECT_EQ(sent[0].ended, sent[0].sent + 7s);
}

TEST_F(ssm_test, an_instance_is_managed_some_time_after_its_launch_until_it_ends) {
  instances.launch("i-11111111", "web");
  time.advance(19s);
  const auto early = try_send(R"("Comment":"c")", "i-11111111");
  EXPECT_EQ(early.error().code, "InvalidInstanceId");
  EXPECT_EQ(early.error().message, "Instances [[i-11111111]] not in a valid state for account 111122223333");
  time.advance(1s);
  EXPECT_TRUE(try_send(R"("Comment":"c")", "i-11111111").has_value());

  instances.end("i-11111111", "web");

  EXPECT_EQ(try_send(R"("Comment":"c")", "i-11111111").error().code, "InvalidInstanceId");
}

TEST_F(ssm_test, an_instance_that_ends_before_its_agent_registers_is_never_managed) {
  commands->manage_on_launch(1min);
  instances.launch("i-11111111", "web");
  instances.end("i-11111111", "web");
  time.advance(2min);

  EXPECT_EQ(try_send(R"("Comment":"c")", "i-11111111").error().code, "InvalidInstanceId");
}

TEST_F(ssm_test, instances_are_left_unmanaged_when_told_so) {
  commands->manage_on_launch(std::nullopt);
  instances.launch("i-11111111", "web");
  time.advance(1h);

  EXPECT_EQ(try_send(R"("Comment":"c")", "i-11111111").error().code, "InvalidInstanceId");
}

TEST_F(ssm_test, a_command_whose_instance_ends_stays_in_progress_until_it_expires) {
  commands->set_run_time(30s);
  const auto id = send(R"("TimeoutSeconds":60,"Parameters":{"commands":["sleep 30"],"executionTimeout":["120"]})");
  time.advance(10s);

  instances.end(std::string(node), "web");

  time.advance(169s);
  EXPECT_EQ(state(id), "InProgress/InProgress/-1");
  time.advance(1s);
  EXPECT_EQ(state(id), "TimedOut/DeliveryTimedOut/-1");
}

TEST_F(ssm_test, a_command_that_never_reaches_its_instance_is_delayed_and_times_out) {
  commands->set_online(node, false);
  const auto id = send(R"("TimeoutSeconds":60)");
  time.advance(5s);
  EXPECT_EQ(state(id), "Delayed/Delayed/-1");
  EXPECT_EQ(commands->commands_sent()[0].started, std::nullopt);
  time.advance(55s);

  EXPECT_EQ(state(id), "TimedOut/DeliveryTimedOut/-1");
}

TEST_F(ssm_test, an_agent_that_comes_back_takes_up_what_waits_and_reports_what_it_did) {
  const auto running = send();
  time.advance(3s);
  commands->set_online(node, false);
  const auto waiting = send();
  time.advance(20s);
  EXPECT_EQ(state(running), "InProgress/InProgress/-1");
  EXPECT_EQ(state(waiting), "Delayed/Delayed/-1");

  commands->set_online(node, true);

  EXPECT_EQ(state(running), "Success/Success/0");
  EXPECT_EQ(state(waiting), "InProgress/InProgress/-1");
  time.advance(5s);
  EXPECT_EQ(state(waiting), "Success/Success/0");
}

TEST_F(ssm_test, a_script_is_ended_at_its_execution_timeout) {
  commands->set_run_time(1h);
  const auto id = send(R"("Parameters":{"commands":["sleep 3600"],"executionTimeout":["10"]})");
  time.advance(12s);

  EXPECT_EQ(state(id), "TimedOut/ExecutionTimedOut/-1");
}

TEST_F(ssm_test, a_command_is_cancelled_in_a_moment) {
  const auto id = send();
  const auto undelivered = send();
  ask("CancelCommand", fmt::format(R"({{"CommandId":"{}"}})", undelivered));
  time.advance(3s);
  EXPECT_EQ(state(undelivered), "Cancelled/Cancelled/-1");

  ask("CancelCommand", fmt::format(R"({{"CommandId":"{}"}})", id));

  EXPECT_EQ(state(id), "Cancelling/Cancelling/-1");
  time.advance(1s);
  EXPECT_EQ(state(id), "Cancelled/Cancelled/-1");
  EXPECT_EQ(code("CancelCommand", R"({"CommandId":"nothing"})"), "InvalidCommandId");
}

TEST_F(ssm_test, commands_are_listed_newest_first_in_pages_by_instance) {
  commands->manage("i-22222222");
  for (const auto* comment : {"one", "two", "three"}) send(fmt::format(R"("Comment":"{}")", comment));
  send(R"("Comment":"elsewhere")", "i-22222222");

  const auto first = ask("ListCommands", fmt::format(R"({{"InstanceId":"{}","MaxResults":2}})", node));
  const auto token = std::string(first.at("NextToken").as_string());

  EXPECT_EQ(first.at("Commands").at(0).at("Comment"), "three");
  EXPECT_EQ(first.at("Commands").at(1).at("Comment"), "two");
  EXPECT_THAT(listed(fmt::format(R"({{"InstanceId":"{}","MaxResults":2,"NextToken":"{}"}})", node, token)),
              ElementsAre("one"));
  EXPECT_THAT(listed("{}"), ElementsAre("elsewhere", "three", "two", "one"));
  EXPECT_EQ(code("ListCommands", R"({"NextToken":"nonsense"})"), "InvalidNextToken");
}

TEST_F(ssm_test, commands_are_listed_by_state_document_and_time) {
  commands->create_document("save-logs");
  send(R"("Comment":"old")");
  time.advance(1h);
  ask("SendCommand", fmt::format(R"({{"DocumentName":"arn:aws:ssm:eu-west-1:111122223333:document/save-logs",
      "InstanceIds":["{}"],"Comment":"own"}})",
                                 node));
  const auto by = [&](std::string_view key, std::string_view value) {
    return listed(fmt::format(R"({{"Filters":[{{"key":"{}","value":"{}"}}]}})", key, value));
  };

  EXPECT_THAT(by("Status", "Success"), ElementsAre("old"));
  EXPECT_THAT(by("DocumentName", "save-logs"), ElementsAre("own"));
  EXPECT_THAT(by("InvokedAfter", "2026-03-02T00:30:00Z"), ElementsAre("own"));
  EXPECT_THAT(by("InvokedBefore", "2026-03-02T00:30:00Z"), ElementsAre("old"));
  EXPECT_EQ(code("ListCommands", R"({"Filters":[{"key":"Colour","value":"red"}]})"), "InvalidFilterKey");
}

TEST_F(ssm_test, commands_are_forgotten_after_thirty_days) {
  const auto id = send();
  time.advance(std::chrono::days(30));

  EXPECT_THAT(listed("{}"), IsEmpty());
  EXPECT_EQ(invocation(id).error().code, "InvocationDoesNotExist");
}

TEST_F(ssm_test, invocations_are_listed_with_their_plugins_when_asked_for) {
  const auto id = send();
  time.advance(10s);

  const auto plain = ask("ListCommandInvocations", fmt::format(R"({{"CommandId":"{}"}})", id));
  const auto whole = ask("ListCommandInvocations", fmt::format(R"({{"CommandId":"{}","Details":true}})", id));

  EXPECT_THAT(plain.at("CommandInvocations").at(0).at("CommandPlugins").as_array(), IsEmpty());
  const auto& plugin = whole.at("CommandInvocations").at(0).at("CommandPlugins").at(0);
  EXPECT_EQ(plugin.at("Name"), "aws:runShellScript");
  EXPECT_EQ(plugin.at("ResponseCode"), 0);
}

TEST_F(ssm_test, a_command_on_several_instances_is_over_with_the_last_of_them) {
  commands->manage("i-22222222");
  commands->set_online("i-22222222", false);
  const auto id = std::string(ask("SendCommand", fmt::format(R"({{"DocumentName":"AWS-RunShellScript",
      "Targets":[{{"Key":"InstanceIds","Values":["{}","i-22222222"]}}],"Parameters":{{"commands":["true"]}}}})",
                                                             node))
                                  .at("Command")
                                  .at("CommandId")
                                  .as_string());
  time.advance(10s);
  const auto status = [&] {
    const auto shown = ask("ListCommands", fmt::format(R"({{"CommandId":"{}"}})", id)).at("Commands").at(0);
    return fmt::format("{} {}", std::string(shown.at("Status").as_string()),
                       shown.at("CompletedCount").to_number<int>());
  };
  EXPECT_EQ(status(), "InProgress 1");

  commands->set_online("i-22222222", true);
  time.advance(10s);

  EXPECT_EQ(status(), "Success 2");
}

TEST_F(ssm_test, a_command_that_cannot_be_is_refused) {
  EXPECT_EQ(code("SendCommand", R"({"DocumentName":"nothing","InstanceIds":["i-11111111"]})"), "InvalidDocument");
  EXPECT_EQ(try_send(R"("Parameters":{"commands":["x"],"colour":["red"]})").error().code, "InvalidParameters");
  EXPECT_EQ(try_send(R"("Parameters":{})").error().code, "InvalidParameters");
  EXPECT_EQ(try_send(R"("Parameters":{"commands":["x"],"executionTimeout":["soon"]})").error().code,
            "InvalidParameters");
  EXPECT_EQ(try_send(R"("TimeoutSeconds":29)").error().code, "ValidationException");
  EXPECT_EQ(try_send(fmt::format(R"("Comment":"{}")", std::string(101, 'x'))).error().code, "ValidationException");
  EXPECT_EQ(try_send(fmt::format(R"("InstanceIds":["{}","{}"])", node, node)).error().code, "DuplicateInstanceId");
  EXPECT_EQ(try_send(R"("InstanceIds":[])").error().code, "ValidationException");
  EXPECT_THAT(commands->commands_sent(), IsEmpty());
}

TEST_F(ssm_test, managed_instances_are_listed_while_they_are) {
  commands->manage("i-22222222");
  commands->manage("i-33333333");
  commands->set_online("i-22222222", false);
  instances.end("i-33333333", "web");

  const auto all = ask("DescribeInstanceInformation", "{}").at("InstanceInformationList").as_array();
  const auto lost =
      ask("DescribeInstanceInformation", R"({"Filters":[{"Key":"PingStatus","Values":["ConnectionLost"]}]})")
          .at("InstanceInformationList")
          .as_array();

  EXPECT_THAT(all, SizeIs(2));
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].at("InstanceId"), "i-22222222");
  EXPECT_EQ(code("DescribeInstanceInformation", R"({"Filters":[{"Key":"Colour","Values":["red"]}]})"),
            "InvalidFilterKey");
}

}  // namespace
}  // namespace lifehook::simulator
