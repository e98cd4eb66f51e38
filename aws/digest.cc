#include "aws/digest.h"

#include <openssl/evp.h>

#include <new>

namespace lifehook::aws {

namespace {

constexpr std::size_t block_size = 64;

struct context_deleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using context = std::unique_ptr<EVP_MD_CTX, context_deleter>;

// Looking the algorithm up by name on each digest is OpenSSL 3's well-known slow path.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

void must(int succeeded) {
  if (succeeded != 1) throw std::bad_alloc();  // SHA-256 in memory fails for nothing else
}

context fresh_context() {
  context made(EVP_MD_CTX_new());
  must(made ? 1 : 0);
  must(EVP_DigestInit_ex2(made.get(), algorithm(), nullptr));
  return made;
}

EVP_MD_CTX* scratch() {
  thread_local const context kept = fresh_context();
  return kept.get();
}

sha256_digest finish(EVP_MD_CTX* with) {
  sha256_digest digest;
  must(EVP_DigestFinal_ex(with, digest.data(), nullptr));
  return digest;
}

context keyed(std::array<unsigned char, block_size> key, unsigned char pad) {
  for (auto& byte : key) byte ^= pad;
  auto made = fresh_context();
  must(EVP_DigestUpdate(made.get(), key.data(), key.size()));
  return made;
}

std::string_view as_text(const sha256_digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

sha256_digest sha256(std::string_view text) {
  auto* const with = scratch();
  must(EVP_DigestInit_ex2(with, nullptr, nullptr));
  must(EVP_DigestUpdate(with, text.data(), text.size()));
  return finish(with);
}

void append_hex(std::string& out, std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto before = out.size();
  out.resize(before + bytes.size() * 2);
  auto* to = out.data() + before;
  for (const unsigned char byte : bytes) {
    *to++ = digits[byte >> 4U];
    *to++ = digits[byte & 15U];
  }
}

std::string to_hex(std::span<const unsigned char> bytes) {
  std::string hex;
  append_hex(hex, bytes);
  return hex;
}

struct hmac_key::expanded {
  context inner;
  context outer;
};

hmac_key::hmac_key(std::string_view secret) {
  const auto shortened = secret.size() > block_size ? sha256(secret) : sha256_digest{};
  if (secret.size() > block_size) secret = as_text(shortened);
  std::array<unsigned char, block_size> key{};
  for (std::size_t i = 0; i < secret.size(); ++i) key[i] = static_cast<unsigned char>(secret[i]);
  expanded_ = std::make_shared<const expanded>(expanded{keyed(key, 0x36), keyed(key, 0x5c)});
}

hmac_key::hmac_key(const sha256_digest& secret) : hmac_key(as_text(secret)) {}

sha256_digest hmac_key::of(std::string_view text) const {
  auto* const with = scratch();
  must(EVP_MD_CTX_copy_ex(with, expanded_->inner.get()));
  must(EVP_DigestUpdate(with, text.data(), text.size()));
  const auto inner = finish(with);
  must(EVP_MD_CTX_copy_ex(with, expanded_->outer.get()));
  must(EVP_DigestUpdate(with, inner.data(), inner.size()));
  return finish(with);
}

}  // namespace lifehook::aws
