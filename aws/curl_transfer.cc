#include "aws/curl_transfer.h"

#include "aws/curl_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <new>
#include <stdexcept>

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_header_bytes = 64U << 10;
constexpr long idle_seconds = 50;  // below the minute after which AWS's load balancers hang up
constexpr long dns_seconds = 60;

template <class T>
void set(CURL* handle, CURLoption option, T value) {
  if (const auto refused = curl_easy_setopt(handle, option, value); refused != CURLE_OK)
    throw std::runtime_error(std::string("libcurl refuses an option: ") + curl_easy_strerror(refused));
}

// At least a millisecond: to curl, zero means no limit.
long milliseconds(duration limit) { return std::max(std::chrono::ceil<std::chrono::milliseconds>(limit), 1ms).count(); }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// "Could not resolve host" goes on a sentence; "SSL certificate problem" begins with a name.
std::string as_clause(std::string_view sentence) {
  std::string clause(sentence);
  const auto lower = [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); };
  if (clause.size() > 1 && lower(clause[1]) == clause[1]) clause[0] = lower(clause[0]);
  return clause;
}

}  // namespace

curl_transfer::curl_transfer(const curl_settings& with, CURLSH* shared) : settings_(with), handle_(curl_easy_init()) {
  if (!handle_) throw std::bad_alloc();
  set_lasting_options(shared);
  set_trust();
}

void curl_transfer::set_lasting_options(CURLSH* shared) {
  CURL* const h = handle();
  set(h, CURLOPT_WRITEFUNCTION, &curl_transfer::on_body);
  set(h, CURLOPT_WRITEDATA, this);
  set(h, CURLOPT_HEADERFUNCTION, &curl_transfer::on_header);
  set(h, CURLOPT_HEADERDATA, this);
  set(h, CURLOPT_ERRORBUFFER, why_.data());
  set(h, CURLOPT_SHARE, shared);
  set(h, CURLOPT_NOSIGNAL, 1L);
  set(h, CURLOPT_QUICK_EXIT, 1L);  // giving up a call must not wait for its name to resolve
  set(h, CURLOPT_PROTOCOLS_STR, "http,https");
  set(h, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(h, CURLOPT_USERAGENT, settings_.user_agent.c_str());
  set(h, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings_.connect_timeout));
  set(h, CURLOPT_TCP_KEEPALIVE, 1L);
  set(h, CURLOPT_TCP_KEEPIDLE, 30L);
  set(h, CURLOPT_TCP_KEEPINTVL, 10L);
  set(h, CURLOPT_MAXAGE_CONN, idle_seconds);
  set(h, CURLOPT_DNS_CACHE_TIMEOUT, dns_seconds);
  set(h, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);  // the least; its default of 64 KiB stays with every pooled handle
  set(h, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // Empty, not unset: curl would otherwise read its own proxy variables from the environment.
  set(h, CURLOPT_PROXY, "");
  set(h, CURLOPT_NOPROXY, settings_.no_proxy.c_str());
}

void curl_transfer::set_trust() {
  CURL* const h = handle();
  set(h, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(h, CURLOPT_SSL_VERIFYPEER, 1L);
  set(h, CURLOPT_SSL_VERIFYHOST, 2L);
  // Without a directory of certificates curl keeps the parsed bundle for all connections instead of reading it for
  // each.
  set(h, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  set(h, CURLOPT_PROXY_CAPATH, static_cast<const char*>(nullptr));
  if (settings_.ca_file.empty()) return;
  set(h, CURLOPT_CAINFO, settings_.ca_file.c_str());
  set(h, CURLOPT_PROXY_CAINFO, settings_.ca_file.c_str());
}

result<> curl_transfer::prepare(http_request request) {
  if (request.method.find_first_of(std::string_view("\r\n\0 ", 4)) != request.method.npos)
    return error{errc::internal, "a request method holds a blank"};
  if (auto lines = headers_.assign(request.headers); !lines) return lines;
  request_ = std::move(request);
  header_bytes_ = 0;
  too_long_ = false;
  head_ended_ = false;
  why_[0] = '\0';
  CURL* const h = handle();
  set(h, CURLOPT_URL, request_.url.c_str());
  set(h, CURLOPT_HTTPHEADER, headers_.list());
  set(h, CURLOPT_FRESH_CONNECT, request_.fresh_connection ? 1L : 0L);
  set_method();
  set_proxy();
  return {};
}

void curl_transfer::set_method() {
  CURL* const h = handle();
  const auto& method = request_.method;
  const bool without_body = method == "GET" || method == "HEAD";
  if (without_body) {
    set(h, CURLOPT_HTTPGET, 1L);
    set(h, CURLOPT_NOBODY, method == "HEAD" ? 1L : 0L);
  } else {
    set(h, CURLOPT_POST, 1L);
    set(h, CURLOPT_POSTFIELDS, request_.body.data());  // not copied: it stays in request_
    set(h, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  set(h, CURLOPT_CUSTOMREQUEST, without_body || method == "POST" ? nullptr : method.c_str());
}

void curl_transfer::set_proxy() {
  const auto& wanted = proxy_for(request_.url, settings_);
  if (wanted == proxy_) return;
  set(handle(), CURLOPT_PROXY, wanted.c_str());
  proxy_ = wanted;
}

std::size_t curl_transfer::on_body(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
  auto* const transfer = static_cast<curl_transfer*>(self);
  auto& body = transfer->response_.body;
  transfer->too_long_ = body.size() + count > transfer->request_.max_body;
  if (transfer->too_long_) return CURL_WRITEFUNC_ERROR;
  try {
    body.append(bytes, count);
    return count;
  } catch (...) {  // no memory: fails this transfer alone
    return CURL_WRITEFUNC_ERROR;
  }
}

std::size_t curl_transfer::on_header(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
  auto* const transfer = static_cast<curl_transfer*>(self);
  transfer->header_bytes_ += count;
  transfer->too_long_ = transfer->header_bytes_ > most_header_bytes;
  if (transfer->too_long_) return CURL_WRITEFUNC_ERROR;
  try {
    transfer->take_header(trimmed({bytes, count}));
    return count;
  } catch (...) {
    return CURL_WRITEFUNC_ERROR;
  }
}

void curl_transfer::take_header(std::string_view line) {
  head_ended_ = line.empty();
  if (line.starts_with("HTTP/")) return response_.headers.clear();  // a new block, after "100 Continue" for example
  const auto colon = line.find(':');
  if (colon == line.npos) return;
  std::string name(trimmed(line.substr(0, colon)));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  response_.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
}

result<http_response> curl_transfer::outcome(CURLcode how) {
  long status = 0;
  curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  result<http_response> outcome(std::exchange(response_, {}));
  // To curl, an answer that breaks off within its headers is a whole one.
  if (how != CURLE_OK || !head_ended_) outcome = failure(how == CURLE_OK ? CURLE_PARTIAL_FILE : how);
  request_ = {};
  return outcome;
}

error curl_transfer::failure(CURLcode how) const {
  const auto proxy = shown_proxy(request_.url, settings_);
  auto what = fmt::format("{} {}{}{}: ", request_.method, shown_target(request_.url),
                          proxy.empty() ? "" : " through the proxy ", proxy);
  if (how == CURLE_OPERATION_TIMEDOUT) {  // also when connecting alone took too long: curl then says so
    what.append(why_[0] ? as_clause(why_.data())
                        : fmt::format("no answer within {} ms", milliseconds(request_.timeout)));
    return {errc::timeout, std::move(what), {}};
  }
  if (too_long_)
    what.append(
        fmt::format("the answer is above {} bytes, or its headers above {}", request_.max_body, most_header_bytes));
  else
    what.append(as_clause(why_[0] ? why_.data() : curl_easy_strerror(how)));
  return {errc::unreachable, std::move(what), {}};
}

}  // namespace lifehook::aws
