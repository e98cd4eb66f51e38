#include "simulator/port.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using tcp = asio::ip::tcp;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// A caller with a bare socket, turn by turn with the port on one thread.
class port_test : public testing::Test {
 protected:
  ~port_test() override {
    open.reset();
    settle();
  }

  void settle() {
    io.restart();
    while (io.poll() > 0) {
    }
  }
  std::unique_ptr<tcp::socket> connect() {
    auto made = std::make_unique<tcp::socket>(io);
    made->connect({asio::ip::make_address("127.0.0.1"), open->number()});
    made->non_blocking(true);
    return made;
  }
  void send(tcp::socket& over, std::string_view bytes) {
    boost::system::error_code failed;
    while (!bytes.empty() && !failed) {
      bytes.remove_prefix(over.write_some(asio::buffer(bytes), failed));
      if (failed == asio::error::would_block) failed.clear();
      settle();
    }
  }
  // All that has come; "<closed>" at the end when the port closed the connection.
  std::string receive(tcp::socket& over) {
    std::string all;
    for (int quiet = 0; quiet < 20;) {
      settle();
      char part[4096];
      boost::system::error_code failed;
      const auto count = over.read_some(asio::buffer(part), failed);
      all.append(part, count);
      if (failed && failed != asio::error::would_block) return all + "<closed>";
      quiet = count > 0 ? 0 : quiet + 1;
    }
    return all;
  }
  std::string sqs(std::string_view action, const boost::json::object& with) const {
    const auto body = boost::json::serialize(with);
    return "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS." + std::string(action) +
           "\r\nAuthorization: AWS4-HMAC-SHA256 Credential=A/20260302/eu-west-1/sqs/aws4_request, Signature=0\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  std::string send_message() const { return sqs("SendMessage", {{"QueueUrl", url}, {"MessageBody", "m"}}); }
  std::string long_poll() const { return sqs("ReceiveMessage", {{"QueueUrl", url}, {"WaitTimeSeconds", 20}}); }
  static std::size_t answers(std::string_view in) {
    std::size_t count = 0;
    for (auto at = in.find("HTTP/1.1 200 OK"); at != std::string_view::npos; at = in.find("HTTP/1.1 200 OK", at + 1))
      ++count;
    return count;
  }

  asio::io_context io{1};
  virtual_clock time{time_point{} + std::chrono::days(20000)};
  world simulated{io.get_executor(), time, {}};
  std::unique_ptr<port> open = std::make_unique<port>(io.get_executor(), simulated, "127.0.0.1", std::uint16_t(0));
  std::string url = simulated.sqs().create_queue("work");
};

TEST_F(port_test, queue_urls_lead_to_the_port) {
  EXPECT_EQ(url, "http://127.0.0.1:" + std::to_string(open->number()) + "/111122223333/work");
}

TEST_F(port_test, a_kept_connection_answers_one_request_after_the_other) {
  const auto caller = connect();

  send(*caller, send_message());
  EXPECT_EQ(answers(receive(*caller)), 1U);
  send(*caller, send_message());
  EXPECT_EQ(answers(receive(*caller)), 1U);

  EXPECT_EQ(simulated.sqs().counts(url).visible, 2U);
}

TEST_F(port_test, pipelined_requests_are_answered_in_order) {
  const auto caller = connect();

  send(*caller, send_message() + sqs("GetQueueUrl", {{"QueueName", "work"}}));

  const auto said = receive(*caller);
  EXPECT_EQ(answers(said), 2U);
  EXPECT_LT(said.find("MessageId"), said.find("QueueUrl"));
}

TEST_F(port_test, a_request_may_come_byte_by_byte) {
  const auto caller = connect();

  for (const char byte : send_message()) send(*caller, std::string_view(&byte, 1));

  EXPECT_EQ(answers(receive(*caller)), 1U);
}

TEST_F(port_test, a_large_body_is_taken_whole) {
  const auto caller = connect();

  send(*caller, sqs("SendMessage", {{"QueueUrl", url}, {"MessageBody", std::string(1U << 20U, 'x')}}));

  EXPECT_EQ(answers(receive(*caller)), 1U);
  EXPECT_EQ(simulated.sqs().bodies(url).at(0).size(), 1U << 20U);
}

TEST_F(port_test, what_is_not_http_is_a_bad_request_and_ends_the_connection) {
  for (const auto* nonsense : {"hello\r\n\r\n", "POST / HTTP/2\r\n\r\n", "POST / HTTP/1.1\r\nno colon\r\n\r\n",
                               "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST / HTTP/1.1\r\n folded: x\r\n\r\n",
                               "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    const auto caller = connect();

    send(*caller, nonsense);

    const auto said = receive(*caller);
    EXPECT_THAT(said, StartsWith("HTTP/1.1 400 Bad Request\r\n")) << nonsense;
    EXPECT_THAT(said, EndsWith("<closed>")) << nonsense;
  }
}

TEST_F(port_test, requests_beyond_the_limits_are_refused) {
  const auto head = connect();
  send(*head, "POST / HTTP/1.1\r\nX: " + std::string(70'000, 'x'));
  EXPECT_THAT(receive(*head), StartsWith("HTTP/1.1 431"));

  const auto body = connect();
  send(*body, "POST / HTTP/1.1\r\nContent-Length: 2097153\r\n\r\n");
  EXPECT_THAT(receive(*body), StartsWith("HTTP/1.1 413"));

  const auto chunked = connect();
  send(*chunked, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(receive(*chunked), StartsWith("HTTP/1.1 501"));
}

TEST_F(port_test, a_caller_who_asks_to_close_is_answered_and_closed) {
  const auto caller = connect();

  send(*caller, "GET /_simulator/calls HTTP/1.1\r\nConnection: close\r\n\r\n");

  const auto said = receive(*caller);
  EXPECT_THAT(said, HasSubstr("connection: close"));
  EXPECT_THAT(said, EndsWith("{}<closed>"));
}

TEST_F(port_test, a_reset_closes_the_connection_without_an_answer) {
  simulated.faults().add({.kind = fault_kind::reset});
  const auto caller = connect();

  send(*caller, send_message());

  EXPECT_EQ(receive(*caller), "<closed>");
}

TEST_F(port_test, a_long_poll_is_answered_when_a_message_comes) {
  const auto caller = connect();
  send(*caller, long_poll());
  EXPECT_EQ(receive(*caller), "");

  simulated.sqs().send(url, "m");

  EXPECT_THAT(receive(*caller), HasSubstr("\"Body\":\"m\""));
}

TEST_F(port_test, a_caller_who_hangs_up_ends_its_long_poll_and_takes_no_message) {
  auto caller = connect();
  send(*caller, long_poll());
  EXPECT_EQ(receive(*caller), "");

  caller->close();
  for (int i = 0; i < 20; ++i) settle();
  simulated.sqs().send(url, "m");
  settle();

  EXPECT_EQ(simulated.sqs().counts(url).visible, 1U);
}

TEST_F(port_test, a_connection_serves_on_after_a_long_poll) {
  const auto caller = connect();
  send(*caller, long_poll());
  simulated.sqs().send(url, "m");
  receive(*caller);

  send(*caller, send_message());

  EXPECT_EQ(answers(receive(*caller)), 1U);
}

TEST_F(port_test, closing_ends_open_connections_and_their_waits) {
  const auto waiting = connect();
  send(*waiting, long_poll());
  const auto idle = connect();
  settle();

  open->close();

  EXPECT_EQ(receive(*waiting), "<closed>");
  EXPECT_EQ(receive(*idle), "<closed>");
}

TEST(port, may_be_destroyed_with_its_world_while_calls_wait) {
  asio::io_context io(1);
  virtual_clock time{time_point{}};
  auto simulated = std::make_unique<world>(io.get_executor(), time, world_settings{});
  auto open = std::make_unique<port>(io.get_executor(), *simulated, "127.0.0.1", std::uint16_t(0));
  const auto url = simulated->sqs().create_queue("work");
  tcp::socket caller(io);
  caller.connect({asio::ip::make_address("127.0.0.1"), open->number()});
  const auto body = boost::json::serialize(boost::json::object{{"QueueUrl", url}, {"WaitTimeSeconds", 20}});
  const auto asked =
      "POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nAuthorization: AWS4-HMAC-SHA256 "
      "Credential=A/1/r/sqs/aws4_request\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  asio::write(caller, asio::buffer(asked));
  for (int i = 0; i < 20; ++i) io.poll();
  ASSERT_EQ(simulated->calls().at("sqs.ReceiveMessage"), 1U);

  open.reset();
  simulated.reset();
  io.poll();

  boost::system::error_code failed;
  char part[16];
  EXPECT_EQ(caller.read_some(asio::buffer(part), failed), 0U);
}

TEST(port, may_be_destroyed_without_running_the_loop_again) {
  asio::io_context io(1);
  virtual_clock time{time_point{}};
  world simulated(io.get_executor(), time, {});
  port open(io.get_executor(), simulated, "127.0.0.1", 0);
  tcp::socket caller(io);
  caller.connect({asio::ip::make_address("127.0.0.1"), open.number()});

  for (int i = 0; i < 20; ++i) io.poll();

  EXPECT_NE(open.number(), 0);
}

TEST(port, that_is_taken_throws) {
  asio::io_context io(1);
  virtual_clock time{time_point{}};
  world simulated(io.get_executor(), time, {});
  port first(io.get_executor(), simulated, "127.0.0.1", 0);

  EXPECT_THROW(port(io.get_executor(), simulated, "127.0.0.1", first.number()), boost::system::system_error);
}

}  // namespace
}  // namespace lifehook::simulator
