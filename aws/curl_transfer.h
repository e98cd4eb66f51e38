#pragma once

#include "aws/curl_header_lines.h"
#include "aws/curl_transport.h"
#include "aws/http_transport.h"

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <memory>

namespace lifehook::aws {

// One libcurl handle with the bytes of its request and its answer so far. Meant to be used again and again: options
// that hold for every request are set once. Must stay put; curl points into it. The settings must outlive it.
class curl_transfer {
 public:
  curl_transfer(const curl_settings& with, CURLSH* shared);
  curl_transfer(const curl_transfer&) = delete;
  curl_transfer& operator=(const curl_transfer&) = delete;

  // internal when the request's method or headers hold a line break.
  result<> prepare(http_request request);
  // What came of it, in the transport's terms; leaves the transfer ready for the next request.
  result<http_response> outcome(CURLcode how);

  CURL* handle() const { return handle_.get(); }
  duration limit() const { return request_.timeout; }

 private:
  static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* self) noexcept;
  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* self) noexcept;

  void set_lasting_options(CURLSH* shared);
  void set_trust();
  void set_method();
  void set_proxy();
  void take_header(std::string_view line);
  error failure(CURLcode how) const;

  struct cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };

  const curl_settings& settings_;
  http_request request_;
  http_response response_;
  curl_header_lines headers_;
  std::size_t header_bytes_ = 0;
  bool too_long_ = false;
  bool head_ended_ = false;
  std::string proxy_;  // as the handle has it
  std::array<char, CURL_ERROR_SIZE> why_{};
  std::unique_ptr<CURL, cleanup> handle_;  // last: cleaned up while what it points to is still there
};

}  // namespace lifehook::aws
