#include "worker/status_place.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

config listening(std::string address, std::uint16_t port = 9464) {
  config of;
  of.status_address = std::move(address);
  of.status_port = port;
  return of;
}

TEST(status_place, is_what_a_person_writes_also_as_the_url_of_a_page) {
  EXPECT_EQ(status_place("10.0.0.7:9465").value(), "10.0.0.7:9465");
  EXPECT_EQ(status_place("http://worker.internal:9464").value(), "worker.internal:9464");
  EXPECT_EQ(status_place("http://127.0.0.1:9464/metrics").value(), "127.0.0.1:9464");
  EXPECT_EQ(status_place("[::1]:9464").value(), "[::1]:9464");
}

TEST(status_place, anything_else_is_refused_with_what_was_expected) {
  for (const std::string_view written :
       {"", "localhost", ":9464", "localhost:", "localhost:0", "localhost:65536", "localhost:94x",
        "https://localhost:9464", "me:word@localhost:9464", "::1:9464", "a b:9464"}) {
    const auto refused = status_place(written);

    ASSERT_TRUE(refused.has_error()) << written;
    EXPECT_THAT(refused.error().what(), testing::HasSubstr("expected host:port"));
  }
}

TEST(status_place, what_listens_on_all_addresses_is_asked_on_this_machines_own) {
  EXPECT_EQ(status_place_of(listening("0.0.0.0")).value(), "127.0.0.1:9464");
  EXPECT_EQ(status_place_of(listening("::")).value(), "[::1]:9464");
  EXPECT_EQ(status_place_of(listening("10.0.0.7", 80)).value(), "10.0.0.7:80");
}

TEST(status_place, of_any_free_port_nobody_knows_it) {
  EXPECT_THAT(status_place_of(listening("127.0.0.1", 0)).error().what(), testing::HasSubstr("--status"));
}

}  // namespace
}  // namespace lifehook::worker
