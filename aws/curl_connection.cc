#include "aws/curl_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <new>
#include <stdexcept>

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

constexpr long dns_seconds = 60;
constexpr long least_buffer = 1024;
constexpr long most_received = 64 << 10;  // at once

template <class T>
void set(CURL* handle, CURLoption option, T value) {
  if (const auto refused = curl_easy_setopt(handle, option, value); refused != CURLE_OK)
    throw std::runtime_error(std::string("libcurl refuses an option: ") + curl_easy_strerror(refused));
}

// At least a millisecond: to curl, zero means no limit.
long milliseconds(duration limit) { return std::max(std::chrono::ceil<std::chrono::milliseconds>(limit), 1ms).count(); }

// "Could not resolve host" goes on a sentence; "SSL certificate problem" begins with a name.
std::string as_clause(std::string_view sentence) {
  std::string clause(sentence);
  const auto lower = [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); };
  if (clause.size() > 1 && lower(clause[1]) == clause[1]) clause[0] = lower(clause[0]);
  return clause;
}

}  // namespace

curl_connection::curl_connection(std::shared_ptr<curl_loop> loop, const curl_settings& with, CURLSH* shared,
                                 http_route to)
    : loop_(std::move(loop)), route_(std::move(to)), handle_(curl_easy_init()) {
  if (!handle_) throw std::bad_alloc();
  set_options(with, shared);
  set_trust(with);
}

curl_connection::~curl_connection() { loop_->remove(handle_.get()); }

void curl_connection::set_options(const curl_settings& with, CURLSH* shared) {
  CURL* const h = handle_.get();
  set(h, CURLOPT_CONNECT_ONLY, 1L);
  set(h, CURLOPT_URL, route_.connect_to.c_str());
  // Empty, not unset: curl would otherwise read its own proxy variables from the environment.
  set(h, CURLOPT_PROXY, route_.proxy.c_str());
  set(h, CURLOPT_NOPROXY, "");
  set(h, CURLOPT_ERRORBUFFER, why_.data());
  set(h, CURLOPT_SHARE, shared);
  set(h, CURLOPT_NOSIGNAL, 1L);
  set(h, CURLOPT_QUICK_EXIT, 1L);  // giving up a call must not wait for its name to resolve
  set(h, CURLOPT_PROTOCOLS_STR, "http,https");
  set(h, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));  // what TLS agrees on
  set(h, CURLOPT_USERAGENT, with.user_agent.c_str());                      // to a proxy
  set(h, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(with.connect_timeout));
  set(h, CURLOPT_TCP_KEEPALIVE, 1L);
  set(h, CURLOPT_TCP_KEEPIDLE, 30L);
  set(h, CURLOPT_TCP_KEEPINTVL, 10L);
  set(h, CURLOPT_DNS_CACHE_TIMEOUT, dns_seconds);
  set(h, CURLOPT_BUFFERSIZE, least_buffer);
  set(h, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void curl_connection::set_trust(const curl_settings& with) {
  CURL* const h = handle_.get();
  set(h, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(h, CURLOPT_SSL_VERIFYPEER, 1L);
  set(h, CURLOPT_SSL_VERIFYHOST, 2L);
  // Without a directory of certificates curl keeps the parsed bundle for all connections instead of reading it for
  // each.
  set(h, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  set(h, CURLOPT_PROXY_CAPATH, static_cast<const char*>(nullptr));
  if (with.ca_file.empty()) return;
  set(h, CURLOPT_CAINFO, with.ca_file.c_str());
  set(h, CURLOPT_PROXY_CAINFO, with.ca_file.c_str());
}

result<> curl_connection::connect(curl_loop::connected_call done) {
  done_ = std::move(done);
  return loop_->add(handle_.get(), [this](CURLcode how) { connected(how); });
}

// A handle that connects gets a buffer of its own, which only the talk with a proxy uses; later its size is but the
// limit of a receive into ours.
void curl_connection::connected(CURLcode how) {
  if (how == CURLE_OK) {
    set(handle_.get(), CURLOPT_BUFFERSIZE, most_received);
    curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &number_);
    socket_ = loop_->descriptor(number_);
    if (!socket_) how = CURLE_COULDNT_CONNECT;
  }
  const auto done = std::exchange(done_, nullptr);  // it may end this connection
  done(how);
}

curl_connection::moved curl_connection::send(std::string_view bytes) {
  moved result;
  result.how = curl_easy_send(handle_.get(), bytes.data(), bytes.size(), &result.bytes);
  return result;
}

curl_connection::moved curl_connection::receive(std::span<char> room) {
  moved result;
  result.how = curl_easy_recv(handle_.get(), room.data(), room.size(), &result.bytes);
  return result;
}

// What came meanwhile may be TLS talking to itself: tickets for later sessions.
bool curl_connection::is_quiet() {
  char byte = 0;
  if (::recv(number_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
  return receive({&byte, 1}).how == CURLE_AGAIN;
}

std::string curl_connection::why(CURLcode how) const {
  const std::string_view said = why_[0] ? why_.data() : curl_easy_strerror(how);
  if (said.starts_with("Unsupported proxy")) return "the proxy's url is not understood";  // curl shows it whole
  return as_clause(said);
}

}  // namespace lifehook::aws
