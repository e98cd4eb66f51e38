#pragma once

#include "bench/fleet.h"
#include "bench/http_text.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::bench {

enum class aws_call : std::size_t;  // an operation, by its place in the table of answers.cc

// What AWS would answer to the calls of this one job, rendered beforehand but for the ids asked for. Nothing is
// checked, the signature least of all; what is not known is answered with 400 InvalidAction.
class answers {
 public:
  answers(fleet& of, unsigned hooks, std::string url);

  aws_call note(const http_text& request);  // which it is; counted
  static bool receives(aws_call called);    // answered by write_messages, all others by write
  void write(std::string& to, aws_call called, std::string_view body, moment read);
  void write_messages(std::string& to, hook_range messages) const;

  struct called_times {
    std::string_view operation;
    unsigned long times;
  };
  std::vector<called_times> calls() const;

 private:
  fleet& fleet_;
  std::string queue_url_;
  std::string time_, sent_ms_;        // of every message
  std::vector<std::string> digests_;  // clients check them
  std::vector<unsigned long> calls_;
};

struct receive_wish {
  unsigned most = 1;
  std::chrono::seconds wait{};
};
receive_wish read_receive(std::string_view body);

void append_answer(std::string& to, std::string_view status, std::string_view type, std::string_view body);

}  // namespace lifehook::bench
