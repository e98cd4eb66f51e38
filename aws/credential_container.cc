#include "aws/credential_container.h"

#include "aws/curl_target.h"
#include "aws/text_file.h"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view relative_uri = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr std::string_view full_uri = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr patience as_the_sdks{.attempts = 3, .pause = 1s};

result<std::string> endpoint(const environment& env) {
  if (const auto path = variable(env, relative_uri); !path.empty()) {
    if (!path.starts_with('/')) return error{errc::denied, fmt::format("{} must begin with /", relative_uri)};
    return "http://169.254.170.2" + path;
  }
  auto url = variable(env, full_uri);
  if (!may_ask_container(url))
    return error{errc::denied,
                 fmt::format("{} must be https, or http on loopback or at the addresses of ECS and EKS", full_uri),
                 {}};
  return url;
}

// Read at every refresh: Kubernetes replaces the file long before its token expires.
result<std::string> authorization(const environment& env) {
  auto token = variable(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const auto path = variable(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !path.empty()) {
    auto read = read_text_file(path);
    if (!read) return error{errc::denied, "reading AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: " + read.error().what()};
    token = *std::move(read);
  }
  if (token.find_first_of("\r\n") != token.npos)
    return error{errc::denied, "the container authorization token holds a line break"};
  return token;
}

result<http_request> request_of(const environment& env) {
  auto url = endpoint(env);
  if (!url) return std::move(url).error();
  auto token = authorization(env);
  if (!token) return std::move(token).error();
  http_request request{
      .method = "GET", .url = *std::move(url), .headers = {{"Accept", "application/json"}}, .body = {}};
  if (!token->empty()) request.headers.emplace_back("Authorization", *std::move(token));
  request.timeout = 2s;
  request.max_body = 1U << 20;
  return request;
}

errc meaning_of(int status) {
  if (status == 429) return errc::throttled;
  return status >= 500 ? errc::unreachable : errc::denied;
}

class container_credentials final : public credential_source {
 public:
  explicit container_credentials(credential_setting with) : with_(std::move(with)) {}

  task<result<credentials>> fetch() override {
    auto request = request_of(with_.env);
    if (!request) co_return std::move(request).error();
    auto answer = co_await send_patiently(with_, *std::move(request), as_the_sdks);
    if (!answer) co_return std::move(answer).error().in("asking the container's credentials endpoint");
    if (answer->status != 200)
      co_return error{meaning_of(answer->status),
                      fmt::format("the container's credentials endpoint answers {}", answer->status),
                      {}};
    auto found = read_json_credentials(answer->body);
    if (!found) co_return std::move(found).error().in("reading the container's credentials");
    co_return found;
  }

 private:
  credential_setting with_;
};

}  // namespace

bool may_ask_container(std::string_view url) {
  constexpr std::array<std::string_view, 3> known = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
  if (url.starts_with("https://")) return true;
  // What two readers of urls might take for two hosts is not asked.
  if (!url.starts_with("http://") || url.find_first_of("@\\ ") != url.npos) return false;
  const auto host = host_of(url);
  boost::system::error_code not_a_number;
  const auto address = asio::ip::make_address(host, not_a_number);
  if (not_a_number) return host == "localhost";
  return address.is_loopback() ||
         std::ranges::any_of(known, [&](auto each) { return address == asio::ip::make_address(each); });
}

std::unique_ptr<credential_source> make_container_credentials(const credential_setting& with) {
  if (variable(with.env, relative_uri).empty() && variable(with.env, full_uri).empty()) return nullptr;
  return std::make_unique<container_credentials>(with);
}

}  // namespace lifehook::aws
