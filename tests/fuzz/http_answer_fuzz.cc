#include "aws/http_answer.h"

#include <cstddef>
#include <cstdint>

// Any bytes, cut anywhere, are an answer or broken in the end; where they are cut makes no difference to an answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lifehook::aws;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  http_answer whole;
  http_answer cut;
  whole.expect(false, 4096);
  cut.expect(false, 4096);

  whole.read(text);
  const std::size_t step = 1 + bytes[0] % 7;
  for (std::size_t i = 0; i < size; i += step) cut.read(text.substr(i, step));

  using state = http_answer::state;
  const bool complete = whole.hang_up() == state::complete;
  if (complete != (cut.hang_up() == state::complete)) __builtin_trap();
  if (complete && whole.take().body != cut.take().body) __builtin_trap();
  return 0;
}
