#include "aws/retry.h"

#include "base/number.h"

#include <algorithm>
#include <array>

namespace lifehook::aws {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 7> credential_codes = {
    "AuthFailure",          "ExpiredToken",   "ExpiredTokenException",      "InvalidAccessKeyId",
    "InvalidClientTokenId", "RequestExpired", "UnrecognizedClientException"};

constexpr std::array<std::string_view, 5> clock_codes = {"AccessDeniedException", "AuthFailure",
                                                         "InvalidSignatureException", "RequestTimeTooSkewed",
                                                         "SignatureDoesNotMatch"};

template <class Codes>
bool holds(const Codes& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

int cost_of(retry_kind kind) {
  switch (kind) {
    case retry_kind::none: return 0;
    case retry_kind::transient: return 14;
    case retry_kind::throttling: return 5;
    case retry_kind::paced: return 0;
  }
  return 0;
}

backoff_limits limits_of(retry_kind kind) {
  switch (kind) {
    case retry_kind::throttling: return {1s, 20s};
    case retry_kind::paced: return {100ms, 2s};
    default: return {50ms, 20s};
  }
}

std::optional<duration> milliseconds_in(std::string_view text) {
  const auto count = parse_number<unsigned>(text);
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(*count);
}

}  // namespace

retry_kind kind_of(errc failure) {
  switch (failure) {
    case errc::timeout:
    case errc::unreachable: return retry_kind::transient;
    case errc::throttled: return retry_kind::throttling;
    default: return retry_kind::none;
  }
}

bool blames_credentials(std::string_view aws_code) { return holds(credential_codes, aws_code); }

bool blames_clock(std::string_view aws_code, time_point signed_at, std::optional<time_point> date) {
  return date && holds(clock_codes, aws_code) && std::chrono::abs(*date - signed_at) > 4min;
}

duration retry_delay(retry_kind kind, unsigned retry, std::string_view asked, random_source& random) {
  const auto computed = full_jitter(limits_of(kind), retry, random);
  const auto wanted = milliseconds_in(asked);
  return wanted ? std::clamp<duration>(*wanted, computed, computed + 5s) : computed;
}

bool retry_quota::take(retry_kind kind) {
  if (tokens_ < cost_of(kind)) return false;
  tokens_ -= cost_of(kind);
  return true;
}

void retry_quota::succeeded(retry_kind last) {
  tokens_ = std::min(full, tokens_ + (last == retry_kind::none ? 1 : cost_of(last)));
}

}  // namespace lifehook::aws
