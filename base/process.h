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

// Takes the numbers of standard input, output and error where they are closed, so that no socket gets them and log
// lines never go to whoever is at its other end; writing there fails as before. To be called first.
void keep_standard_descriptors();

// Has as many descriptors as the system grants: containers often start with 1024, which a flood of events to several
// services of AWS would use up, each call in flight being a connection.
void take_all_descriptors();

// Has the heap in one piece: there is one thread that works. To be called first.
void use_one_arena();

// Gives back what is not needed at present, after the start and after a burst of work: free memory, and the pages of
// code and constants, which are mapped from the files of the program and its libraries and come back by themselves
// where they are used again. Takes milliseconds for each hundred MiB of heap. glibc on Linux only.
void give_back_memory();
// Only what is free of what was allocated: for the midst of work.
void give_back_freed();

}  // namespace lifehook
