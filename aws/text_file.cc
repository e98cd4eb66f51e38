#include "aws/text_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace lifehook::aws {

namespace {

constexpr std::uintmax_t most_bytes = 1U << 20;

}  // namespace

result<std::string> read_text_file(const std::string& path) {
  std::error_code failed;
  // A folder that cannot be searched counts as empty, as for the SDKs: HOME is often somebody else's in a container.
  if (!std::filesystem::is_regular_file(path, failed)) return error{errc::not_found, path + ": no such file"};
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) return error{errc::denied, path + ": " + failed.message()};
  if (size > most_bytes) return error{errc::denied, path + ": above 1 MiB"};
  std::ifstream file(path, std::ios::binary);
  if (!file) return error{errc::denied, path + ": " + std::strerror(errno)};
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace lifehook::aws
