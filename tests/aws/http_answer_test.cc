#include "aws/http_answer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using state = http_answer::state;

class answer : public ::testing::Test {
 protected:
  http_answer reading;

  void SetUp() override { reading.expect(false, 1000); }
};

TEST_F(answer, has_status_headers_in_lower_case_and_body) {
  EXPECT_EQ(reading.read("HTTP/1.1 400 Bad Request\r\nX-Amzn-RequestId:  r-1 \r\nContent-Length: 5\r\n\r\nhello"),
            state::complete);

  EXPECT_TRUE(reading.may_stay_connected());
  const auto response = reading.take();
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.headers, ElementsAre(Pair("x-amzn-requestid", "r-1"), Pair("content-length", "5")));
  EXPECT_EQ(response.body, "hello");
}

TEST_F(answer, may_come_byte_by_byte) {
  const std::string_view bytes =
      "HTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\n";

  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) ASSERT_EQ(reading.read(bytes.substr(i, 1)), state::incomplete);
  EXPECT_EQ(reading.read(bytes.substr(bytes.size() - 1)), state::complete);

  EXPECT_TRUE(reading.may_stay_connected());
  const auto response = reading.take();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "hello world");
}

TEST_F(answer, of_before_is_forgotten) {
  ASSERT_EQ(reading.read("HTTP/1.1 503 Slow Down\r\nX-A: 1\r\nContent-Length: 99\r\n\r\nbusy"), state::incomplete);

  reading.expect(false, 1000);
  EXPECT_FALSE(reading.has_begun());
  ASSERT_EQ(reading.read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), state::complete);

  const auto response = reading.take();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.header("x-a"), "");
}

TEST_F(answer, without_a_length_ends_with_the_connection) {
  ASSERT_EQ(reading.read("HTTP/1.1 200 OK\r\n\r\nall of"), state::incomplete);
  ASSERT_EQ(reading.read(" it"), state::incomplete);

  EXPECT_EQ(reading.hang_up(), state::complete);

  EXPECT_FALSE(reading.may_stay_connected());
  EXPECT_EQ(reading.take().body, "all of it");
}

TEST_F(answer, to_head_has_no_body) {
  reading.expect(true, 1000);

  EXPECT_EQ(reading.read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), state::complete);
  EXPECT_TRUE(reading.may_stay_connected());
}

TEST_F(answer, that_breaks_off_is_broken) {
  for (const auto* part :
       {"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "HTTP/1.1 100 Continue\r\n\r\n"}) {
    reading.expect(false, 1000);
    ASSERT_EQ(reading.read(part), state::incomplete) << part;

    EXPECT_EQ(reading.hang_up(), state::broken) << part;
    EXPECT_EQ(reading.why(), "the connection was closed in the midst of the answer");
  }
}

TEST_F(answer, that_never_came_is_broken) {
  EXPECT_EQ(reading.hang_up(), state::broken);
  EXPECT_EQ(reading.why(), "the connection was closed without an answer");
}

TEST_F(answer, above_its_limits_is_broken) {
  const std::string just_fits = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x');
  EXPECT_EQ(reading.read(just_fits), state::complete);

  const std::string without_length = "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x');
  const std::string long_head = "HTTP/1.1 200 OK\r\nX-A: " + std::string(70'000, 'h');
  for (const auto& [bytes, meaning] :
       {std::pair(std::string("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"), errc::too_large),
        std::pair(without_length, errc::too_large), std::pair(long_head, errc::unreachable),
        std::pair(std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n"), errc::too_large)}) {
    reading.expect(false, 1000);
    EXPECT_EQ(reading.read(bytes), state::broken);
    EXPECT_EQ(reading.meaning(), meaning);
    EXPECT_EQ(reading.why(), "the answer is above 1000 bytes, or its headers above 65536");
  }
}

TEST_F(answer, with_endless_headers_is_broken_however_they_come) {
  for (const std::size_t step : {100UL, 5'000UL, 60'000UL, 200'000UL}) {
    reading.expect(false, 1000);
    std::string bytes = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 1000; ++i) bytes += fmt::format("X-{}: {}\r\n", i, std::string(90, 'h'));
    bytes += "\r\n";

    for (std::size_t i = 0; i < bytes.size(); i += step) reading.read(std::string_view(bytes).substr(i, step));

    EXPECT_EQ(reading.hang_up(), state::broken) << step;
    EXPECT_THAT(reading.why(), HasSubstr("or its headers above 65536")) << step;
  }
}

TEST_F(answer, has_no_part_without_a_limit) {
  std::string interims;
  for (int i = 0; i < 5000; ++i) interims += "HTTP/1.1 100 Continue\r\n\r\n";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& bytes : {interims, chunked + "1;x=" + std::string(200'000, 'e'),
                            chunked + "0\r\nTrailer: " + std::string(200'000, 't')}) {
    for (const std::size_t step : {1000UL, 65'536UL}) {
      reading.expect(false, 1000);

      for (std::size_t i = 0; i < bytes.size(); i += step) reading.read(std::string_view(bytes).substr(i, step));

      EXPECT_THAT(reading.why(), HasSubstr("or its headers above 65536")) << bytes.substr(0, 80);
    }
  }
}

TEST_F(answer, without_chunks_may_come_byte_by_byte) {
  for (const char byte : std::string_view("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r"))
    ASSERT_EQ(reading.read({&byte, 1}), state::incomplete);

  EXPECT_EQ(reading.read("\n"), state::complete);
  EXPECT_EQ(reading.take().body, "");
}

TEST_F(answer, of_something_else_than_http_is_broken) {
  for (const auto* bytes : {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "<html>\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"}) {
    reading.expect(false, 1000);
    EXPECT_EQ(reading.read(bytes), state::broken) << bytes;
    EXPECT_THAT(reading.why(), HasSubstr("no HTTP answer: "));
  }
}

TEST_F(answer, whose_server_closes_or_says_more_than_it_should_leaves_no_connection) {
  for (const auto* bytes : {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"}) {
    reading.expect(false, 1000);
    ASSERT_EQ(reading.read(bytes), state::complete);
    EXPECT_FALSE(reading.may_stay_connected()) << bytes;
  }
}

}  // namespace
}  // namespace lifehook::aws
