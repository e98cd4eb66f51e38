#pragma once

#include "aws/client.h"
#include "aws/retry.h"

#include <optional>
#include <string_view>

namespace lifehook::aws {

// What follows a failed attempt of a call.
struct after_try {
  bool again = false;
  duration wait{0};  // before that, or before the failure is told
  retry_kind kind = retry_kind::none;
};

// The attempts of one call, as its options allow them. What is `paced` keeps the pace of its budget once it is
// throttled: neither the attempts nor the quota, which would report throttling to hundreds at once, but its patience
// ends it. Times are in uptime. The quota is its service's; both must outlive it.
class retry_series {
 public:
  retry_series(retry_quota& of, const call_options& with, bool paced) : quota_(of), options_(with), paced_(paced) {}

  // For a turn: its patience counts from the first wait. What is left of it.
  duration waits_from(duration now);
  // `asked` is x-amz-retry-after.
  after_try after(retry_kind failure, std::string_view asked, duration now, random_source& random);
  void succeeded() { quota_.succeeded(last_); }

 private:
  after_try after_throttle(std::string_view asked, duration now, random_source& random);

  retry_quota& quota_;
  const call_options& options_;
  bool paced_;
  unsigned retries_ = 0;
  unsigned throttles_ = 0;  // that were paced
  std::optional<duration> waits_since_;
  retry_kind last_ = retry_kind::none;
};

}  // namespace lifehook::aws
