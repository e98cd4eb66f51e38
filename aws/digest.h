#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace lifehook::aws {

using sha256_digest = std::array<unsigned char, 32>;

// SHA-256 with the context kept for the thread: OpenSSL's own set-up costs more than hashing a request.
sha256_digest sha256(std::string_view text);
void append_hex(std::string& out, std::span<const unsigned char> bytes);  // lower case
std::string to_hex(std::span<const unsigned char> bytes);

// A key of HMAC-SHA256, expanded once so that a digest costs two hashes. Copies share the expanded key.
class hmac_key {
 public:
  explicit hmac_key(std::string_view secret);
  explicit hmac_key(const sha256_digest& secret);

  sha256_digest of(std::string_view text) const;

 private:
  struct expanded;
  std::shared_ptr<const expanded> expanded_;
};

}  // namespace lifehook::aws
