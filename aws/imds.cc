#include "aws/imds.h"

#include "base/number.h"

#include <fmt/format.h>
#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

std::string base_of(const environment& env) {
  auto base = env("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("");
  if (base.empty()) {
    const auto mode = env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").value_or("");
    base = boost::algorithm::iequals(mode, "IPv6") ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  }
  while (base.ends_with('/')) base.pop_back();
  return base;
}

unsigned count_or(const environment& env, std::string_view name, unsigned otherwise) {
  const auto count = parse_number<unsigned>(env(name).value_or("")).value_or(0);
  return count > 0 ? count : otherwise;
}

bool is_on(const environment& env, std::string_view name) {
  return boost::algorithm::iequals(env(name).value_or(""), "true");
}

errc meaning_of(int status) {
  if (status == 404) return errc::not_found;
  return status >= 500 ? errc::unreachable : errc::denied;
}

}  // namespace

bool imds_is_enabled(const environment& env) { return !is_on(env, "AWS_EC2_METADATA_DISABLED"); }

imds::imds(http_transport& wire, const environment& env)
    : wire_(wire),
      base_(base_of(env)),
      timeout_(std::chrono::seconds(std::min(count_or(env, "AWS_METADATA_SERVICE_TIMEOUT", 1), 60U))),
      attempts_(std::min(count_or(env, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1), 10U)),
      version_1_(!is_on(env, "AWS_EC2_METADATA_V1_DISABLED")) {}

task<result<http_response>> imds::send(http_request request) {
  request.timeout = timeout_;
  request.max_body = 1U << 20;
  for (unsigned sent = 1;; ++sent) {
    auto answer = co_await wire_.send(request);
    if (sent >= attempts_ || (answer && answer->status < 500)) co_return answer;
  }
}

// Without an answer to the PUT, version 1 may still answer: the token's hop limit of 1 does not reach bridged
// containers.
task<result<>> imds::take_token() {
  asked_ = true;
  auto answer = co_await send({.method = "PUT",
                               .url = base_ + "/latest/api/token",
                               .headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}},
                               .body = {}});
  if (answer && answer->status == 200) {
    token_ = std::move(answer->body);
    co_return result<>();
  }
  const bool old = answer ? answer->status == 403 || answer->status == 404 || answer->status == 405
                          : answer.error().code() == errc::timeout;
  if (old && version_1_) co_return result<>();
  if (!answer) co_return std::move(answer).error();
  co_return error{answer->status >= 500 ? errc::unreachable : errc::denied,
                  fmt::format("instance metadata refuses a token with {}", answer->status),
                  {}};
}

task<result<std::string>> imds::read(std::string path) {
  if (!asked_) {
    auto taken = co_await take_token();
    if (!taken) {
      asked_ = false;
      co_return std::move(taken).error();
    }
  }
  http_request request{.method = "GET", .url = base_ + path, .headers = {}, .body = {}};
  if (!token_.empty()) request.headers.emplace_back("x-aws-ec2-metadata-token", token_);
  auto answer = co_await send(std::move(request));
  if (!answer) co_return std::move(answer).error();
  if (answer->status != 200)
    co_return error{
        meaning_of(answer->status), fmt::format("instance metadata answers {} to {}", answer->status, path), {}};
  co_return std::move(answer->body);
}

}  // namespace lifehook::aws
