#include "simulator/sns.h"

#include "base/task_group.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::SizeIs;

using parameters = std::map<std::string, std::string>;

class sns_test : public testing::Test {
 protected:
  static task<> ask(service& of, request asked, std::optional<answered>& into) {
    into = co_await of.handle(std::move(asked));
  }
  answered call(std::string action, parameters query) {
    std::optional<answered> said;
    tasks.spawn(ask(*topics, {"sns", std::move(action), {}, std::move(query)}, said));
    io.restart();
    io.run();
    return said.value();
  }
  answered publish(parameters more) {
    parameters query{{"TopicArn", topic}, {"Message", "m"}};
    for (auto& [name, value] : more) query[name] = value;
    return call("Publish", std::move(query));
  }
  std::string refused(parameters more) {
    const auto said = publish(std::move(more));
    return said.has_error() ? said.error().code : "accepted";
  }

  asio::io_context io{1};
  virtual_clock time{time_point{} + std::chrono::days(20000)};
  std::unique_ptr<sns> topics = sns::make(time, {}, 1);
  task_group tasks{io.get_executor()};
  std::string topic = topics->create_topic("fleet");
};

TEST_F(sns_test, a_topic_is_made_once) {
  EXPECT_THAT(call("CreateTopic", {{"Name", "other"}})->xml,
              HasSubstr("<TopicArn>arn:aws:sns:eu-west-1:111122223333:other</TopicArn>"));
  EXPECT_EQ(call("CreateTopic", {{"Name", "fleet"}})->xml, "<TopicArn>" + topic + "</TopicArn>");
  EXPECT_EQ(call("CreateTopic", {{"Name", "a.b"}}).error().code, "InvalidParameter");
}

TEST_F(sns_test, a_topic_is_described) {
  EXPECT_THAT(call("GetTopicAttributes", {{"TopicArn", topic}})->xml,
              HasSubstr("<entry><key>TopicArn</key><value>" + topic + "</value></entry>"));
  EXPECT_EQ(call("GetTopicAttributes", {{"TopicArn", topic + "s"}}).error().code, "NotFound");
  EXPECT_EQ(call("GetTopicAttributes", {}).error().code, "InvalidParameter");
}

TEST_F(sns_test, what_is_published_is_seen) {
  const auto said = publish({{"Subject", "s"},
                             {"MessageAttributes.entry.1.Name", "event"},
                             {"MessageAttributes.entry.1.Value.DataType", "String"},
                             {"MessageAttributes.entry.1.Value.StringValue", "x"}});

  ASSERT_TRUE(said);
  ASSERT_THAT(topics->published(), SizeIs(1));
  const auto& message = topics->published().front();
  EXPECT_EQ(said->xml, "<MessageId>" + message.id + "</MessageId>");
  EXPECT_EQ(message.topic, topic);
  EXPECT_EQ(message.subject, "s");
  EXPECT_EQ(message.body, "m");
  EXPECT_EQ(message.when, time.now());
  EXPECT_THAT(message.attributes, ElementsAre(Pair("event", "x")));
}

TEST_F(sns_test, what_sns_does_not_take_is_refused) {
  EXPECT_EQ(refused({{"TopicArn", topic + "s"}}), "NotFound");
  EXPECT_EQ(refused({{"TopicArn", "fleet"}}), "InvalidParameter");
  EXPECT_EQ(refused({{"TopicArn", ""}}), "InvalidParameter");
  EXPECT_EQ(refused({{"Message", ""}}), "InvalidParameter");
  EXPECT_EQ(refused({{"Message", std::string(256 * 1024 + 1, 'm')}}), "InvalidParameter");
  EXPECT_EQ(refused({{"Subject", std::string(100, 's')}}), "InvalidParameter");
  EXPECT_EQ(refused({{"Subject", "two\nlines"}}), "InvalidParameter");
  EXPECT_EQ(refused({{"MessageDeduplicationId", "d"}}), "InvalidParameter");
  EXPECT_EQ(refused({{"MessageAttributes.entry.1.Name", "event"}}), "ParameterValueInvalid");
  EXPECT_EQ(call("Dance", {}).error().code, "InvalidAction");
  EXPECT_THAT(topics->published(), SizeIs(0));
}

TEST_F(sns_test, a_fifo_topic_takes_what_repeats_once_within_five_minutes) {
  topic = topics->create_topic("fleet.fifo");
  const parameters once{{"MessageGroupId", "i-1"}, {"MessageDeduplicationId", "d"}};

  EXPECT_EQ(refused({}), "InvalidParameter");
  EXPECT_EQ(refused({{"MessageGroupId", "i-1"}}), "InvalidParameter");
  EXPECT_EQ(refused({{"MessageGroupId", "i 1"}, {"MessageDeduplicationId", "d"}}), "InvalidParameter");
  EXPECT_EQ(publish(once)->xml, publish(once)->xml);
  EXPECT_THAT(topics->published(), SizeIs(1));

  time.advance(5min);
  EXPECT_TRUE(publish(once));
  EXPECT_THAT(topics->published(), SizeIs(2));
}

}  // namespace
}  // namespace lifehook::simulator
