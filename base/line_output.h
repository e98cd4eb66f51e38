#pragma once

#include "base/clock.h"
#include "base/log.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace lifehook {

// Writes lines to a file descriptor, and never waits for a pipe's or a socket's reader: what does not fit now is kept,
// 1 MiB at most, and goes with the next lines; beyond that lines are dropped and counted. The descriptor is shared with
// others, so it stays blocking: its reader is asked for room before each write of what surely fits. Files and terminals
// are simply written. What a write refuses (a full disk, a reader that has gone, a closed descriptor) is dropped and
// counted at once, but for the rest of a line begun before. What is left at destruction is given half a second.
class line_output {
 public:
  explicit line_output(int descriptor);
  ~line_output();
  line_output(const line_output&) = delete;
  line_output& operator=(const line_output&) = delete;

  void write(std::string_view line);  // without its newline
  log_sink sink() {
    return [this](std::string_view line) { write(line); };
  }
  std::uint64_t dropped() const { return dropped_; }  // lines, so far
  // Called with the number of lines lost in a row once there is room again, before the next line, or after it where
  // only a line could tell; may write.
  void when_room_again(std::function<void(std::uint64_t lost)> tell) { tell_ = std::move(tell); }
  void flush(duration longest);

 private:
  bool drain(int patience_ms);  // false: something is left
  void took(std::size_t bytes);
  void refused();
  void drop(std::uint64_t lines);
  void catch_up();

  int descriptor_;
  bool may_block_;
  bool refuses_ = false;   // the last write failed
  bool mid_line_ = false;  // the last byte written is not a line's end: `pending_` begins with the rest of that line
  std::string pending_;
  std::uint64_t dropped_ = 0;
  std::uint64_t untold_ = 0;
  std::function<void(std::uint64_t)> tell_;
};

}  // namespace lifehook
