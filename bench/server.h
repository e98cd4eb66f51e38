#pragma once

#include "bench/answers.h"
#include "bench/channel.h"
#include "bench/fleet.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct epoll_event;

namespace lifehook::bench {

struct serving {
  std::chrono::nanoseconds delay{};  // every answer is that late
  bool held = false;                 // messages come from GET /release on, not from the first ReceiveMessage
  tls_files tls{};
};

// One thread, one epoll, HTTP/1.1 on 127.0.0.1. Requests of a connection are answered in their order; one whose answer
// is late or waits for messages holds up those behind it. While something has come within 50 ms it watches its core out
// in place of sleeping: to wake a core costs whoever sends, on a virtual machine more than the call. Three paths are
// for whoever measures: GET /stats, /order, /release. Throws std::system_error when it cannot listen or wait.
class server {
 public:
  server(unsigned short port, serving how);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  unsigned short port() const;
  [[noreturn]] void run(fleet& of, answers& with);

 private:
  struct connection;
  struct ready_answer {
    std::string bytes;
    hook_range messages;
  };
  struct late_answer {
    instant due;
    int socket;
    std::uint64_t serial;
    ready_answer answer;
  };
  struct long_poll {
    instant end;
    int socket;
    std::uint64_t serial;
    unsigned most;
  };

  void wait();
  int look(std::span<epoll_event> events, std::optional<std::chrono::nanoseconds> for_at_most) const;
  void accept_all();
  void read_from(connection& from);
  void answer_all(connection& of);
  void answer(connection& of, const http_text& request);
  void answer_receive(connection& of, const http_text& request);
  std::string measured(std::string_view first_line);
  void deliver(connection& to, ready_answer answer);
  void put(connection& to, ready_answer answer);
  void flush(connection& of);
  void watch(connection& of, bool for_room);
  void close(connection& one);
  void send_late();
  void feed_polls();
  std::optional<instant> next_event() const;
  connection* find(int socket, std::uint64_t serial);
  moment now() const;

  int epoll_, listener_;
  serving how_;
  std::shared_ptr<ssl_ctx_st> tls_;
  fleet* fleet_ = nullptr;
  answers* answers_ = nullptr;
  std::vector<std::unique_ptr<connection>> connections_;  // by socket
  std::uint64_t serials_ = 0;
  std::deque<late_answer> late_;
  std::deque<long_poll> polls_;
  instant woke_{};
  instant worked_{};  // when something came last
  std::chrono::nanoseconds busy_{};
  std::optional<moment> first_receive_;
};

}  // namespace lifehook::bench
