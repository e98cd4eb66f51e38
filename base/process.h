#pragma once

#include <string_view>
#include <vector>

namespace lifehook {

struct process_reading {
  std::string_view name;
  std::string_view help;
  double value = 0;
  bool is_counter = false;
};

// The standard process_* metrics of this process, read from /proc; what cannot be read is left out.
std::vector<process_reading> read_process();

// Has freed blocks merged at once: with thousands of coroutine frames that come and go, glibc's lists of small free
// blocks keep some four per cent more memory. For a process that lives long; changes nothing but memory.
void save_memory();

}  // namespace lifehook
