#include "bench/channel.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace lifehook::bench {

namespace {

constexpr std::size_t read_size = 65536;

channel::progress outcome_of(long size) {
  if (size > 0) return channel::progress::some;
  return size < 0 && (errno == EAGAIN || errno == EINTR) ? channel::progress::blocked : channel::progress::closed;
}

// The thread's queue of errors must be empty before a call that is asked about.
channel::progress outcome_of(ssl_st* session, int size) {
  if (size > 0) return channel::progress::some;
  const auto wants = SSL_get_error(session, size);
  const bool blocked = wants == SSL_ERROR_WANT_READ || wants == SSL_ERROR_WANT_WRITE;
  return blocked ? channel::progress::blocked : channel::progress::closed;
}

}  // namespace

std::shared_ptr<ssl_ctx_st> make_tls(const tls_files& from) {
  if (from.certificate.empty()) return nullptr;
  std::shared_ptr<ssl_ctx_st> made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_use_certificate_chain_file(made.get(), from.certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(made.get(), from.key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("no usable certificate and key in " + from.certificate + " and " + from.key);
  return made;
}

void channel::freed::operator()(ssl_st* session) const { SSL_free(session); }

channel::channel(int socket, ssl_ctx_st* tls) : socket_(socket) {
  if (tls == nullptr) return;
  session_.reset(SSL_new(tls));
  SSL_set_fd(session_.get(), socket);
  SSL_set_accept_state(session_.get());
}

channel::~channel() {
  session_.reset();
  ::close(socket_);
}

channel::progress channel::read(std::string& to) {
  std::array<char, read_size> bytes;
  if (!session_) {
    const auto size = recv(socket_, bytes.data(), bytes.size(), 0);
    if (size > 0) to.append(bytes.data(), static_cast<std::size_t>(size));
    return outcome_of(size);
  }
  // Until it has no more: what OpenSSL holds back, epoll knows nothing of.
  bool any = false;
  for (;;) {
    ERR_clear_error();
    const int size = SSL_read(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
    const auto ended = outcome_of(session_.get(), size);
    if (ended != progress::some) return any && ended == progress::blocked ? progress::some : ended;
    to.append(bytes.data(), static_cast<std::size_t>(size));
    any = true;
  }
}

channel::progress channel::write(std::string& from) {
  std::size_t sent = 0;
  auto ended = progress::some;
  while (sent < from.size() && ended == progress::some) {
    const auto* const rest = from.data() + sent;
    const auto left = from.size() - sent;
    ERR_clear_error();
    const auto size =
        session_ ? SSL_write(session_.get(), rest, static_cast<int>(left)) : send(socket_, rest, left, MSG_NOSIGNAL);
    ended = session_ ? outcome_of(session_.get(), static_cast<int>(size)) : outcome_of(size);
    if (ended == progress::some) sent += static_cast<std::size_t>(size);
  }
  from.erase(0, sent);
  return ended;
}

}  // namespace lifehook::bench
