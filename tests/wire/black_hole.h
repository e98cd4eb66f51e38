#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace lifehook::aws {

// A port of this machine that answers no SYN, as a subnet without a route does: its queue is full.
class black_hole {
 public:
  black_hole() : listening_(open()) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(listening_, address, size), 0);
    EXPECT_EQ(::listen(listening_, 0), 0);
    EXPECT_EQ(::getsockname(listening_, address, &size), 0);
    port_ = ntohs(at.sin_port);
    for (auto& each : waiting_) {
      each = open();
      (void)::connect(each, address, size);
    }
  }
  ~black_hole() {
    for (const int each : waiting_) ::close(each);
    ::close(listening_);
  }
  black_hole(const black_hole&) = delete;
  black_hole& operator=(const black_hole&) = delete;

  unsigned short port() const { return port_; }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }

 private:
  static int open() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

  int listening_;
  std::array<int, 4> waiting_{};
  unsigned short port_ = 0;
};

}  // namespace lifehook::aws
