#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace lifehook {

// RFC 3339 in UTC with milliseconds: "2026-03-02T10:15:30.123Z".
std::string to_rfc3339(time_point when);
// Reads "2026-03-02T10:15:30Z", with fraction or with a +hh:mm offset; nullopt for anything else.
std::optional<time_point> parse_rfc3339(std::string_view text);
// Reads the IMF-fixdate of HTTP's Date header and of AWS Health: "Thu, 12 Mar 2026 13:19:03 GMT".
std::optional<time_point> parse_http_date(std::string_view text);

// Durations as people write them: a count and a unit each, largest first: "1h30m", "250ms", "0s". Units h, m, s, ms
// (and d). nullopt without a unit, with a sign, with anything left over, or above 10 years.
std::optional<duration> parse_duration(std::string_view text);
std::string to_text(duration span);  // "1h30m", "2.5s", "250ms", "0s"

}  // namespace lifehook
