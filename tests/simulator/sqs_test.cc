#include "simulator/sqs.h"

#include "base/interrupt.h"
#include "base/task_group.h"
#include "simulator/md5.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using namespace std::chrono_literals;
using boost::json::object;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr time_point start = time_point{} + std::chrono::days(20000);

struct pending {
  std::optional<answered> said;
  interrupt gone;
  bool left = false;
};

class sqs_test : public testing::Test {
 protected:
  ~sqs_test() override { run(); }

  void run() {
    io.restart();
    while (io.poll() > 0) {
    }
  }
  void pass(duration by) {
    run();
    const auto until = time.now() + by;
    while (time.now() < until) {
      time.advance(std::min<duration>(1s, until - time.now()));
      run();
    }
  }

  static task<result<bool>> ask(sqs& queues, request asked, pending& into) {
    into.said = co_await queues.handle(std::move(asked));
    co_return true;
  }
  static task<> guarded(sqs& queues, request asked, std::shared_ptr<pending> into) {
    const auto heard = co_await into->gone.guard(ask(queues, std::move(asked), *into));
    into->left = heard.has_error();
  }
  std::shared_ptr<pending> begin(std::string action, object body) {
    auto waits = std::make_shared<pending>();
    tasks.spawn(guarded(*queues, request{"sqs", std::move(action), std::move(body), {}}, waits));
    run();
    return waits;
  }
  answered call(std::string action, object body) {
    const auto waits = begin(std::move(action), std::move(body));
    return waits->said.value_or(fault{0, "Waits", "no answer yet"});
  }
  std::string error_of(std::string action, object body) {
    const auto said = call(std::move(action), std::move(body));
    return said.has_error() ? said.error().code : "none";
  }

  static std::vector<object> messages(const answered& said) {
    std::vector<object> all;
    if (said.has_error() || !said->json.get_object().contains("Messages")) return all;
    for (const auto& each : said->json.at("Messages").get_array()) all.push_back(each.get_object());
    return all;
  }
  std::vector<object> receive(std::string_view from, object with = {}) {
    with["QueueUrl"] = from;
    with.insert({{"MessageSystemAttributeNames", {"All"}}, {"MaxNumberOfMessages", 10}});
    return messages(call("ReceiveMessage", with));
  }
  std::string handle_of_one(std::string_view from, object with = {}) {
    const auto got = receive(from, std::move(with));
    return got.size() == 1 ? std::string(got[0].at("ReceiptHandle").get_string()) : "not one message";
  }
  std::string change(std::string_view in, std::string_view handle, int seconds) {
    return error_of("ChangeMessageVisibility",
                    {{"QueueUrl", in}, {"ReceiptHandle", handle}, {"VisibilityTimeout", seconds}});
  }
  std::string remove(std::string_view from, std::string_view handle) {
    return error_of("DeleteMessage", {{"QueueUrl", from}, {"ReceiptHandle", handle}});
  }
  static std::string text(const object& of, std::string_view name) { return std::string(of.at(name).get_string()); }
  static std::string attribute(const object& message, std::string_view name) {
    return text(message.at("Attributes").get_object(), name);
  }

  asio::io_context io{1};
  virtual_clock time{start};
  std::unique_ptr<sqs> queues = sqs::make(io.get_executor(), time, {}, "http://sqs.test", 7);
  task_group tasks{io.get_executor()};
  std::string url = queues->create_queue("work");
};

TEST(md5, gives_the_digests_of_rfc_1321) {
  EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(md5_hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a");
  EXPECT_EQ(md5_hex(std::string(64, 'a')), "014842d480b571495a4a0363793f7367");
}

TEST_F(sqs_test, a_message_comes_back_with_its_body_digest_and_attributes) {
  queues->send(url, "hello");
  pass(1500ms);

  const auto got = receive(url);

  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(text(got[0], "Body"), "hello");
  EXPECT_EQ(text(got[0], "MD5OfBody"), "5d41402abc4b2a76b9719d911017c592");
  EXPECT_EQ(attribute(got[0], "SentTimestamp"), "1728000000000");
  EXPECT_EQ(attribute(got[0], "ApproximateFirstReceiveTimestamp"), "1728000001500");
  EXPECT_EQ(attribute(got[0], "ApproximateReceiveCount"), "1");
  EXPECT_GE(text(got[0], "ReceiptHandle").size(), 120U);
}

TEST_F(sqs_test, attributes_are_left_out_unless_asked_for) {
  queues->send(url, "hello");

  const auto said = call("ReceiveMessage", {{"QueueUrl", url}});

  EXPECT_FALSE(messages(said).at(0).contains("Attributes"));
}

TEST_F(sqs_test, message_attributes_come_back_when_asked_for) {
  call("SendMessage", {{"QueueUrl", url},
                       {"MessageBody", "b"},
                       {"MessageAttributes", {{"team", {{"DataType", "String"}, {"StringValue", "web"}}}}}});

  const auto got = receive(url, {{"MessageAttributeNames", {"All"}}});

  EXPECT_EQ(got.at(0).at("MessageAttributes").at("team").at("StringValue"), "web");
}

TEST_F(sqs_test, an_empty_queue_answers_without_the_key_messages) {
  const auto said = call("ReceiveMessage", {{"QueueUrl", url}});

  EXPECT_EQ(boost::json::serialize(said->json), "{}");
}

TEST_F(sqs_test, a_received_message_is_hidden_until_its_visibility_ends_and_then_counts_again) {
  queues->send(url, "m");
  ASSERT_THAT(receive(url, {{"VisibilityTimeout", 10}}), SizeIs(1));

  pass(9s);
  EXPECT_THAT(receive(url), IsEmpty());
  pass(1s);
  const auto again = receive(url);

  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(attribute(again[0], "ApproximateReceiveCount"), "2");
  EXPECT_EQ(attribute(again[0], "ApproximateFirstReceiveTimestamp"), "1728000000000");
}

TEST_F(sqs_test, without_a_visibility_of_its_own_a_receive_uses_the_queues) {
  const auto slow = queues->create_queue("slow", {{"VisibilityTimeout", "120"}});
  queues->send(slow, "m");
  receive(slow);

  pass(119s);
  EXPECT_THAT(receive(slow), IsEmpty());
  pass(1s);
  EXPECT_THAT(receive(slow), SizeIs(1));
}

TEST_F(sqs_test, a_visibility_of_zero_shows_the_message_at_once_but_once_an_answer) {
  queues->send(url, "m");

  EXPECT_THAT(receive(url, {{"VisibilityTimeout", 0}}), SizeIs(1));
  EXPECT_THAT(receive(url), SizeIs(1));
}

TEST_F(sqs_test, a_deleted_message_is_gone) {
  queues->send(url, "m");
  const auto handle = handle_of_one(url);

  EXPECT_EQ(remove(url, handle), "none");

  pass(60s);
  EXPECT_THAT(receive(url), IsEmpty());
  EXPECT_EQ(remove(url, handle), "none");
}

TEST_F(sqs_test, a_message_whose_visibility_ended_is_deleted_by_its_latest_handle) {
  queues->send(url, "m");
  const auto handle = handle_of_one(url);
  pass(31s);

  EXPECT_EQ(remove(url, handle), "none");

  EXPECT_THAT(queues->bodies(url), IsEmpty());
}

TEST_F(sqs_test, deleting_with_an_old_handle_succeeds_and_deletes_nothing) {
  queues->send(url, "m");
  const auto old = handle_of_one(url);
  pass(30s);
  handle_of_one(url);

  EXPECT_EQ(remove(url, old), "none");

  EXPECT_THAT(queues->bodies(url), ElementsAre("m"));
}

TEST_F(sqs_test, a_handle_never_written_for_this_queue_is_invalid) {
  const auto other = queues->create_queue("other");
  queues->send(other, "m");
  const auto foreign = handle_of_one(other);
  auto bent = foreign;
  bent.back() = bent.back() == 'A' ? 'B' : 'A';

  EXPECT_EQ(remove(url, "bogus"), "ReceiptHandleIsInvalid");
  EXPECT_EQ(remove(url, foreign), "ReceiptHandleIsInvalid");
  EXPECT_EQ(remove(other, bent), "ReceiptHandleIsInvalid");
  EXPECT_EQ(change(url, "bogus", 30), "ReceiptHandleIsInvalid");
}

TEST_F(sqs_test, changing_visibility_counts_from_now) {
  queues->send(url, "m");
  const auto handle = handle_of_one(url);
  pass(29s);

  EXPECT_EQ(change(url, handle, 30), "none");

  pass(29s);
  EXPECT_THAT(receive(url), IsEmpty());
  pass(1s);
  EXPECT_THAT(receive(url), SizeIs(1));
}

TEST_F(sqs_test, changing_visibility_to_zero_shows_the_message_at_once) {
  queues->send(url, "m");

  EXPECT_EQ(change(url, handle_of_one(url), 0), "none");

  EXPECT_THAT(receive(url), SizeIs(1));
}

TEST_F(sqs_test, a_message_no_longer_in_flight_cannot_change_its_visibility) {
  queues->send(url, "m");
  const auto handle = handle_of_one(url);
  pass(30s);

  EXPECT_EQ(change(url, handle, 30), "MessageNotInflight");
}

TEST_F(sqs_test, an_old_handle_cannot_change_the_visibility_of_a_later_receive) {
  queues->send(url, "m");
  const auto old = handle_of_one(url);
  pass(30s);
  handle_of_one(url);

  EXPECT_EQ(change(url, old, 300), "InvalidParameterValue");

  pass(30s);
  EXPECT_THAT(receive(url), SizeIs(1));
}

TEST_F(sqs_test, a_deleted_message_cannot_change_its_visibility) {
  queues->send(url, "m");
  const auto handle = handle_of_one(url);
  remove(url, handle);

  EXPECT_EQ(change(url, handle, 30), "InvalidParameterValue");
}

TEST_F(sqs_test, twelve_hours_after_the_receive_visibility_cannot_be_extended) {
  queues->send(url, "m");
  pass(1h);
  const auto handle = handle_of_one(url, {{"VisibilityTimeout", 43200}});
  pass(2h);

  const auto over =
      call("ChangeMessageVisibility", {{"QueueUrl", url}, {"ReceiptHandle", handle}, {"VisibilityTimeout", 36001}});

  EXPECT_EQ(over.error().code, "InvalidParameterValue");
  EXPECT_THAT(over.error().message,
              HasSubstr("Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"));
  EXPECT_EQ(change(url, handle, 36000), "none");
}

TEST_F(sqs_test, the_twelve_hours_begin_again_with_the_next_receive) {
  queues->send(url, "m");
  const auto first = handle_of_one(url, {{"VisibilityTimeout", 43200}});
  pass(12h);

  const auto second = handle_of_one(url);

  EXPECT_EQ(change(url, second, 43200), "none");
}

TEST_F(sqs_test, a_message_received_too_often_moves_to_the_dead_letter_queue_at_the_next_receive) {
  const auto dead = queues->create_queue("dead");
  const auto source = queues->create_queue(
      "source", {{"RedrivePolicy",
                  R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":"2"})"}});
  queues->send(source, "m");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(receive(source), SizeIs(1));
    pass(30s);
  }
  EXPECT_THAT(queues->bodies(dead), IsEmpty());

  EXPECT_THAT(receive(source), IsEmpty());

  EXPECT_THAT(queues->bodies(source), IsEmpty());
  const auto buried = receive(dead);
  ASSERT_THAT(buried, SizeIs(1));
  EXPECT_EQ(attribute(buried[0], "DeadLetterQueueSourceArn"), "arn:aws:sqs:eu-west-1:111122223333:source");
  EXPECT_EQ(attribute(buried[0], "SentTimestamp"), "1728000000000");
}

TEST_F(sqs_test, without_its_dead_letter_queue_a_message_stays_receivable) {
  const auto source = queues->create_queue(
      "source",
      {{"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:none","maxReceiveCount":1})"}});
  queues->send(source, "m");
  receive(source);
  pass(30s);

  EXPECT_THAT(receive(source), SizeIs(1));
}

TEST_F(sqs_test, a_message_older_than_the_retention_is_dropped_even_in_flight) {
  const auto brief = queues->create_queue("brief", {{"MessageRetentionPeriod", "60"}});
  queues->send(brief, "m");
  receive(brief, {{"VisibilityTimeout", 100}});

  pass(59s);
  EXPECT_THAT(queues->bodies(brief), SizeIs(1));
  pass(1s);

  EXPECT_THAT(queues->bodies(brief), IsEmpty());
  EXPECT_EQ(queues->counts(brief).in_flight, 0U);
}

TEST_F(sqs_test, a_delayed_message_shows_when_its_delay_is_over) {
  call("SendMessage", {{"QueueUrl", url}, {"MessageBody", "m"}, {"DelaySeconds", 5}});
  EXPECT_EQ(queues->counts(url).delayed, 1U);

  pass(4s);
  EXPECT_THAT(receive(url), IsEmpty());
  pass(1s);

  EXPECT_THAT(receive(url), SizeIs(1));
}

TEST_F(sqs_test, a_queues_own_delay_holds_for_messages_without_one) {
  const auto late = queues->create_queue("late", {{"DelaySeconds", "10"}});

  call("SendMessage", {{"QueueUrl", late}, {"MessageBody", "m"}});

  EXPECT_THAT(receive(late), IsEmpty());
}

TEST_F(sqs_test, a_long_poll_waits_as_long_as_asked_and_then_answers_empty) {
  const auto poll = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});

  pass(19s);
  EXPECT_FALSE(poll->said);
  pass(1s);

  ASSERT_TRUE(poll->said);
  EXPECT_THAT(messages(*poll->said), IsEmpty());
}

TEST_F(sqs_test, without_a_wait_of_its_own_a_receive_waits_as_the_queue_says) {
  const auto patient = queues->create_queue("patient", {{"ReceiveMessageWaitTimeSeconds", "5"}});

  const auto poll = begin("ReceiveMessage", {{"QueueUrl", patient}});

  EXPECT_FALSE(poll->said);
  pass(5s);
  EXPECT_TRUE(poll->said);
}

TEST_F(sqs_test, a_long_poll_is_woken_by_a_message_sent) {
  const auto poll = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});
  pass(3s);

  queues->send(url, "m");
  run();

  ASSERT_TRUE(poll->said);
  EXPECT_THAT(messages(*poll->said), SizeIs(1));
  EXPECT_EQ(time.now(), start + 3s);
}

TEST_F(sqs_test, a_long_poll_is_woken_when_a_visibility_ends) {
  queues->send(url, "m");
  receive(url, {{"VisibilityTimeout", 7}});

  const auto poll = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});
  while (!poll->said && time.jump()) run();

  EXPECT_THAT(messages(*poll->said), SizeIs(1));
  EXPECT_EQ(time.now(), start + 7s);
}

TEST_F(sqs_test, a_long_poll_is_woken_by_a_message_given_back) {
  queues->send(url, "m");
  const auto handle = handle_of_one(url);
  const auto poll = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});

  change(url, handle, 0);

  ASSERT_TRUE(poll->said);
  EXPECT_THAT(messages(*poll->said), SizeIs(1));
}

TEST_F(sqs_test, a_long_poll_on_a_dead_letter_queue_is_woken_by_a_redrive) {
  const auto dead = queues->create_queue("dead");
  const auto source = queues->create_queue(
      "source",
      {{"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":1})"}});
  queues->send(source, "m");
  receive(source, {{"VisibilityTimeout", 0}});
  const auto poll = begin("ReceiveMessage", {{"QueueUrl", dead}, {"WaitTimeSeconds", 20}});

  receive(source);

  EXPECT_TRUE(poll->said);
}

TEST_F(sqs_test, one_message_wakes_one_of_many_long_polls) {
  const auto first = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});
  const auto second = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});

  queues->send(url, "m");
  run();

  EXPECT_TRUE(first->said);
  EXPECT_FALSE(second->said);
}

TEST_F(sqs_test, every_waiting_poll_gets_its_share_of_a_batch) {
  const auto first = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});
  const auto second = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});

  call("SendMessageBatch",
       {{"QueueUrl", url}, {"Entries", {{{"Id", "a"}, {"MessageBody", "1"}}, {{"Id", "b"}, {"MessageBody", "2"}}}}});

  EXPECT_TRUE(first->said && second->said);
}

TEST_F(sqs_test, a_caller_who_goes_away_ends_its_wait_and_takes_no_message) {
  const auto left = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});
  const auto stays = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});

  left->gone.raise();
  run();
  queues->send(url, "m");
  run();

  EXPECT_TRUE(left->left);
  ASSERT_TRUE(stays->said);
  EXPECT_THAT(messages(*stays->said), SizeIs(1));
}

TEST_F(sqs_test, deleting_a_queue_ends_the_polls_that_wait_at_it) {
  const auto poll = begin("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}});

  call("DeleteQueue", {{"QueueUrl", url}});

  ASSERT_TRUE(poll->said);
  EXPECT_EQ(poll->said->error().code, "QueueDoesNotExist");
}

TEST_F(sqs_test, a_batch_reports_each_entry_by_itself) {
  queues->send(url, "m");
  const auto handle = handle_of_one(url);

  const auto said =
      call("DeleteMessageBatch",
           {{"QueueUrl", url},
            {"Entries", {{{"Id", "good"}, {"ReceiptHandle", handle}}, {{"Id", "bad"}, {"ReceiptHandle", "bogus"}}}}});

  EXPECT_EQ(boost::json::serialize(said->json),
            R"({"Successful":[{"Id":"good"}],"Failed":[{"Id":"bad","SenderFault":true,"Code":"ReceiptHandleIsInvalid",)"
            R"("Message":"The input receipt handle is invalid."}]})");
  EXPECT_THAT(queues->bodies(url), IsEmpty());
}

TEST_F(sqs_test, a_visibility_batch_changes_what_it_can) {
  queues->send(url, "a");
  queues->send(url, "b");
  const auto got = receive(url);
  remove(url, text(got[1], "ReceiptHandle"));

  const auto said = call("ChangeMessageVisibilityBatch",
                         {{"QueueUrl", url},
                          {"Entries",
                           {{{"Id", "a"}, {"ReceiptHandle", got[0].at("ReceiptHandle")}, {"VisibilityTimeout", 0}},
                            {{"Id", "b"}, {"ReceiptHandle", got[1].at("ReceiptHandle")}, {"VisibilityTimeout", 0}}}}});

  EXPECT_EQ(said->json.at("Successful").at(0).at("Id"), "a");
  EXPECT_EQ(said->json.at("Failed").at(0).at("Id"), "b");
  EXPECT_THAT(receive(url), SizeIs(1));
}

TEST_F(sqs_test, a_batch_that_breaks_the_rules_of_batches_is_refused_whole) {
  boost::json::array eleven;
  for (int i = 0; i < 11; ++i) eleven.push_back({{"Id", std::to_string(i)}, {"MessageBody", "b"}});
  const auto send = [&](boost::json::value entries) {
    return error_of("SendMessageBatch", {{"QueueUrl", url}, {"Entries", std::move(entries)}});
  };

  EXPECT_EQ(send(boost::json::array()), "EmptyBatchRequest");
  EXPECT_EQ(send(eleven), "TooManyEntriesInBatchRequest");
  EXPECT_EQ(send({{{"Id", "a"}, {"MessageBody", "b"}}, {{"Id", "a"}, {"MessageBody", "c"}}}),
            "BatchEntryIdsNotDistinct");
  EXPECT_EQ(send({{{"Id", "a b"}, {"MessageBody", "b"}}, {{"Id", "a"}, {"MessageBody", "c"}}}), "InvalidBatchEntryId");
  const std::string half(600'000, 'x');
  EXPECT_EQ(send({{{"Id", "a"}, {"MessageBody", half}}, {{"Id", "b"}, {"MessageBody", half}}}), "BatchRequestTooLong");
  EXPECT_THAT(queues->bodies(url), IsEmpty());
}

TEST_F(sqs_test, values_out_of_range_are_refused) {
  EXPECT_EQ(error_of("ReceiveMessage", {{"QueueUrl", url}, {"MaxNumberOfMessages", 11}}), "InvalidParameterValue");
  EXPECT_EQ(error_of("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 21}}), "InvalidParameterValue");
  EXPECT_EQ(error_of("ReceiveMessage", {{"QueueUrl", url}, {"VisibilityTimeout", "x"}}), "InvalidParameterValue");
  EXPECT_EQ(error_of("SendMessage", {{"QueueUrl", url}, {"MessageBody", "b"}, {"DelaySeconds", 901}}),
            "InvalidParameterValue");
  EXPECT_EQ(error_of("SendMessage", {{"QueueUrl", url}}), "MissingParameter");
  EXPECT_EQ(error_of("SendMessage", {{"QueueUrl", url}, {"MessageBody", std::string((1U << 20U) + 1, 'x')}}),
            "InvalidParameterValue");
  EXPECT_EQ(error_of("ReceiveMessage", {{"QueueUrl", "http://sqs.test/111122223333/nowhere"}}), "QueueDoesNotExist");
  EXPECT_EQ(error_of("Dance", {}), "InvalidAction");
}

// Visible, in flight, delayed, as the queue's attributes tell them.
std::vector<std::string> counts_told(const answered& attributes) {
  const auto& all = attributes->json.at("Attributes").get_object();
  std::vector<std::string> counts;
  for (const auto* kind : {"", "NotVisible", "Delayed"})
    counts.emplace_back(all.at(std::string("ApproximateNumberOfMessages") + kind).get_string());
  return counts;
}

TEST_F(sqs_test, each_count_is_told_as_late_as_it_is_said_to_be) {
  const object asked{{"QueueUrl", url}, {"AttributeNames", {"All"}}};
  const auto told = [&] { return counts_told(call("GetQueueAttributes", asked)); };
  queues->lag_counts({.visible = 10s, .in_flight = 60s});
  queues->send(url, "a");
  queues->send(url, "b", 30s);
  EXPECT_THAT(told(), ElementsAre("0", "0", "1"));

  pass(10s);
  EXPECT_THAT(told(), ElementsAre("1", "0", "1"));
  receive(url, {{"VisibilityTimeout", 25}});
  pass(10s);
  EXPECT_THAT(told(), ElementsAre("0", "0", "1")) << "neither here nor there";
  EXPECT_EQ(queues->counts(url).in_flight, 1U);

  pass(50s);
  EXPECT_THAT(told(), ElementsAre("2", "1", "0"));
  pass(25s);
  EXPECT_THAT(told(), ElementsAre("2", "0", "0"));
}

TEST_F(sqs_test, counts_that_lag_no_more_are_prompt_at_once) {
  queues->lag_counts({.visible = 60s});
  queues->send(url, "a");
  queues->lag_counts({});

  const auto said = call("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {"All"}}});

  EXPECT_THAT(counts_told(said), ElementsAre("1", "0", "0"));
}

TEST_F(sqs_test, queue_attributes_tell_settings_and_counts) {
  queues->send(url, "a");
  queues->send(url, "b");
  queues->send(url, "c", 60s);
  call("ReceiveMessage", {{"QueueUrl", url}});

  const auto said = call("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {"All"}}});

  const auto& all = said->json.at("Attributes").get_object();
  EXPECT_EQ(text(all, "QueueArn"), "arn:aws:sqs:eu-west-1:111122223333:work");
  EXPECT_EQ(text(all, "ApproximateNumberOfMessages"), "1");
  EXPECT_EQ(text(all, "ApproximateNumberOfMessagesNotVisible"), "1");
  EXPECT_EQ(text(all, "ApproximateNumberOfMessagesDelayed"), "1");
  EXPECT_EQ(text(all, "VisibilityTimeout"), "30");
  EXPECT_EQ(text(all, "MessageRetentionPeriod"), "345600");
}

TEST_F(sqs_test, only_the_attributes_asked_for_are_told) {
  const auto said = call("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {"VisibilityTimeout"}}});

  EXPECT_EQ(boost::json::serialize(said->json), R"({"Attributes":{"VisibilityTimeout":"30"}})");
}

TEST_F(sqs_test, attributes_can_be_changed_but_only_to_what_sqs_takes) {
  const auto set = [&](object attributes) {
    return error_of("SetQueueAttributes", {{"QueueUrl", url}, {"Attributes", std::move(attributes)}});
  };

  EXPECT_EQ(set({{"VisibilityTimeout", "43201"}}), "InvalidAttributeValue");
  EXPECT_EQ(set({{"RedrivePolicy", "not json"}}), "InvalidAttributeValue");
  EXPECT_EQ(set({{"Colour", "red"}}), "InvalidAttributeName");
  EXPECT_EQ(set({{"VisibilityTimeout", "5"}}), "none");

  queues->send(url, "m");
  receive(url);
  pass(5s);
  EXPECT_THAT(receive(url), SizeIs(1));
}

TEST_F(sqs_test, a_queue_is_made_once_and_found_by_name) {
  const auto made = call("CreateQueue", {{"QueueName", "fresh"}, {"Attributes", {{"DelaySeconds", "3"}}}});
  const auto same = call("CreateQueue", {{"QueueName", "fresh"}, {"Attributes", {{"DelaySeconds", "3"}}}});

  EXPECT_EQ(made->json, same->json);
  EXPECT_EQ(made->json.at("QueueUrl"), "http://sqs.test/111122223333/fresh");
  EXPECT_EQ(error_of("CreateQueue", {{"QueueName", "fresh"}}), "QueueNameExists");
  EXPECT_EQ(call("GetQueueUrl", {{"QueueName", "fresh"}})->json, made->json);
  EXPECT_EQ(boost::json::serialize(call("ListQueues", {{"QueueNamePrefix", "f"}})->json),
            R"({"QueueUrls":["http://sqs.test/111122223333/fresh"]})");
}

TEST_F(sqs_test, a_fifo_queue_keeps_its_attribute) {
  const auto fifo = queues->create_queue("orders.fifo", {{"FifoQueue", "true"}});

  const auto said = call("GetQueueAttributes", {{"QueueUrl", fifo}, {"AttributeNames", {"FifoQueue"}}});

  EXPECT_EQ(said->json.at("Attributes").at("FifoQueue"), "true");
}

TEST_F(sqs_test, purging_removes_all_messages_in_flight_ones_too) {
  queues->send(url, "a");
  queues->send(url, "b");
  call("ReceiveMessage", {{"QueueUrl", url}});

  call("PurgeQueue", {{"QueueUrl", url}});

  EXPECT_THAT(queues->bodies(url), IsEmpty());
  EXPECT_EQ(queues->counts(url).in_flight, 0U);
}

TEST_F(sqs_test, messages_can_be_sent_by_arn_and_to_nowhere) {
  EXPECT_FALSE(queues->send(queues->queue_arn("work"), "m").empty());
  EXPECT_TRUE(queues->send("arn:aws:sqs:eu-west-1:111122223333:nowhere", "m").empty());
  EXPECT_THAT(queues->bodies(url), ElementsAre("m"));
}

TEST_F(sqs_test, a_share_of_messages_is_delivered_twice_under_one_id) {
  queues->duplicate(1.0);

  const auto id = queues->send(url, "m");

  const auto got = receive(url);
  ASSERT_THAT(got, SizeIs(2));
  EXPECT_EQ(text(got[0], "MessageId"), id);
  EXPECT_EQ(text(got[1], "MessageId"), id);
}

TEST_F(sqs_test, the_same_seed_gives_the_same_ids) {
  const auto twin = sqs::make(io.get_executor(), time, {}, "http://sqs.test", 7);
  const auto twin_url = twin->create_queue("work");

  EXPECT_EQ(twin->send(twin_url, "m"), queues->send(url, "m"));
}

TEST_F(sqs_test, a_hundred_thousand_messages_are_received_and_deleted) {
  for (int i = 0; i < 100'000; ++i) queues->send(url, "m");

  int deleted = 0;
  for (auto got = receive(url); deleted < 1000; got = receive(url)) {
    boost::json::array entries;
    for (const auto& each : got)
      entries.push_back({{"Id", std::to_string(entries.size())}, {"ReceiptHandle", each.at("ReceiptHandle")}});
    deleted += static_cast<int>(entries.size());
    call("DeleteMessageBatch", {{"QueueUrl", url}, {"Entries", std::move(entries)}});
  }

  EXPECT_EQ(queues->counts(url).visible, 100'000U - 1000U - 10U);
}

}  // namespace
}  // namespace lifehook::simulator
