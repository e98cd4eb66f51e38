#pragma once

#include "base/backoff.h"
#include "base/error.h"

#include <optional>
#include <string_view>

namespace lifehook::aws {

// Retries as the SDKs' standard mode of 2026 does them ("Retry behavior" in the AWS SDKs and Tools Reference Guide),
// decided without clock or wire.
// `paced`: throttled, and the budget has slowed down to what AWS takes.
enum class retry_kind { none, transient, throttling, paced };

retry_kind kind_of(errc failure);

// Worth a second look with new credentials: AWS refused the ones in use.
bool blames_credentials(std::string_view aws_code);
// What a wrong clock looks like; true only when Date and the signing time are more than four minutes apart.
bool blames_clock(std::string_view aws_code, time_point signed_at, std::optional<time_point> date);

// Up to base * 2^retry, at most 20 s; base is 50 ms for transient faults, 1 s for throttling. What is paced has its
// turn to wait for: up to 100 ms and at most 2 s, so that one call alone does not come back at every turn. `retry`
// counts from 0. `asked` is x-amz-retry-after in milliseconds: it can lengthen the wait by 5 s at most; what is no
// count is ignored.
duration retry_delay(retry_kind kind, unsigned retry, std::string_view asked, random_source& random);

// Tokens that keep retries a small share of all calls to a service: when it is down, most calls fail at once instead of
// three times. First attempts are never held back.
class retry_quota {
 public:
  bool take(retry_kind kind);       // false: no retry now
  void succeeded(retry_kind last);  // none: without a retry

 private:
  static constexpr int full = 500;
  int tokens_ = full;
};

}  // namespace lifehook::aws
