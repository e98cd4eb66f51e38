#pragma once

#include "bench/fleet.h"
#include "bench/http_text.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lifehook::bench {

enum class aws_call : std::size_t;  // an operation, by its place in the table of answers.cc

enum class job {
  drain,  // lifecycle hooks of instances that end
  spot,   // warnings: an instance is done with when it is told to leave its target group
};

// What AWS would answer to the calls of one job, rendered beforehand but for the ids asked for. Nothing is
// checked, the signature least of all; what is not known is answered with 400 InvalidAction.
class answers {
 public:
  answers(fleet& of, unsigned hooks, std::string url, job of_all = job::drain);

  aws_call note(const http_text& request, instant read);  // which it is; counted
  static bool receives(aws_call called);                  // answered by write_messages, all others by write
  void write(std::string& to, aws_call called, std::string_view body, moment read);
  void write_messages(std::string& to, hook_range messages) const;

  struct called_times {
    std::string_view operation;
    unsigned long times;
  };
  std::vector<called_times> calls() const;

  struct called_at {
    std::string_view operation;
    instant at;
  };
  void keep_order() { keeps_order_ = true; }  // of all calls from now on: for runs of a few
  std::vector<called_at> in_order() const;

 private:
  std::string body_of(unsigned hook) const;

  fleet& fleet_;
  job job_;
  std::string queue_url_;
  std::string time_, sent_ms_;        // of every message
  std::vector<std::string> digests_;  // clients check them
  std::vector<unsigned long> calls_;
  std::vector<std::pair<aws_call, instant>> order_;
  bool keeps_order_ = false;
};

struct receive_wish {
  unsigned most = 1;
  std::chrono::seconds wait{};
};
receive_wish read_receive(std::string_view body);

void append_answer(std::string& to, std::string_view status, std::string_view type, std::string_view body);

}  // namespace lifehook::bench
