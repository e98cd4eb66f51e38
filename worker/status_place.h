#pragma once

#include "base/error.h"
#include "worker/config.h"

#include <string>
#include <string_view>

namespace lifehook::worker {

constexpr std::string_view default_status_place = "127.0.0.1:9464";

// Where a worker's status endpoint is asked, as "127.0.0.1:9464" or "[::1]:9464", from what a person writes: host:port,
// also as the URL of one of its pages. rejected says what was expected.
result<std::string> status_place(std::string_view written);
// The same of the configuration's status.listen; what listens on all addresses is asked on this machine's own.
result<std::string> status_place_of(const config& of);

}  // namespace lifehook::worker
