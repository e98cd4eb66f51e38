#pragma once

#include <sys/resource.h>

#include <csignal>

namespace lifehook::test {

// While it lives no file can grow beyond so many bytes: a full disk.
class full_disk {
 public:
  explicit full_disk(rlim_t most_bytes) {
    previous_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{most_bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~full_disk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, previous_handler_);
  }
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

 private:
  rlimit before_{};
  void (*previous_handler_)(int);
};

}  // namespace lifehook::test
