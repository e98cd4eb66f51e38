#pragma once

#include <memory>
#include <string>

// OpenSSL's own names for what <openssl/ssl.h> declares.
struct ssl_st;
struct ssl_ctx_st;

namespace lifehook::bench {

struct tls_files {
  std::string certificate, key;  // PEM; empty: no TLS
};

// What all channels of one server share when they are enciphered. Throws std::runtime_error for files it cannot use.
std::shared_ptr<ssl_ctx_st> make_tls(const tls_files& from);  // null without files

// The bytes of one accepted connection, plain or enciphered; owns its socket, which does not block.
class channel {
 public:
  enum class progress { some, blocked, closed };

  channel(int socket, ssl_ctx_st* tls);
  ~channel();
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  int socket() const { return socket_; }
  progress read(std::string& to);     // appends all there is
  progress write(std::string& from);  // what was taken is taken away; some: all of it

 private:
  struct freed {
    void operator()(ssl_st* session) const;
  };

  int socket_;
  std::unique_ptr<ssl_st, freed> session_;
};

}  // namespace lifehook::bench
