#include "aws/fault.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// Any answer has a meaning, and its metric label is short and plain. The first two bytes choose the status, and whether
// the rest is the body or x-amzn-errortype.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lifehook::aws;
  if (size < 2) return 0;
  const int status = 400 + bytes[0];
  std::string text(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  http_response answer{status, {}, {}};
  if (bytes[1] % 2 == 0)
    answer.body = std::move(text);
  else
    answer.headers.emplace_back("x-amzn-errortype", std::move(text));

  const auto found = read_fault(answer);
  const auto made = to_error(found, status);

  if (made.aws_code() != found.code || made.what().empty() || code_label(found.code, status).size() > 64) std::abort();
  return 0;
}
