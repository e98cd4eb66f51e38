#pragma once

#include "simulator/sqs_queue.h"

#include <array>

namespace lifehook::simulator {

// Receipts as the opaque text AWS hands out: "AQEB" and 120 more characters. Not a secret, but a handle of another
// queue, a cut or an invented one is told from a real one.
class receipt_handles {
 public:
  explicit receipt_handles(std::uint64_t seed);

  std::string write(receipt of, std::uint64_t queue) const;
  // ReceiptHandleIsInvalid for what was never written for this queue.
  boost::system::result<receipt, fault> read(std::string_view handle, std::uint64_t queue) const;

 private:
  std::uint64_t seal(receipt of, std::uint64_t queue) const;

  std::uint64_t secret_;
  std::string filler_;
};

}  // namespace lifehook::simulator
