#include "worker/config.h"

#include <cstdint>
#include <cstdlib>

// Any bytes in a configuration file: either it is read and can be described, or every complaint names its place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lifehook;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto env = [](std::string_view name) -> std::optional<std::string> {
    if (name.size() > 4) return std::nullopt;
    return std::string("eu-west-1");
  };
  const auto read = worker::parse_config(text, "f", env);
  if (!read && !read.error().what().starts_with("f:")) std::abort();
  if (!read) return 0;
  worker::describe(*read);
  worker::warnings(*read);
  return 0;
}
