#pragma once

#include "aws/credentials.h"
#include "aws/environment.h"
#include "aws/http_transport.h"
#include "base/backoff.h"

#include <memory>
#include <string>

namespace lifehook::aws {

// What credential sources are made of. Clock, wire and randomness must outlive the sources made with it.
struct credential_setting {
  clock& time;
  http_transport& wire;
  environment env;
  std::string region;  // of STS
  random_source& random;
};

// One row of the chain: makes its source, or nothing when it is not configured. A source made reads what it is
// configured with anew at every fetch: tokens and files change.
using credential_factory = std::unique_ptr<credential_source> (*)(const credential_setting& with);

// A variable's value; empty when unset.
inline std::string variable(const environment& env, std::string_view name) { return env(name).value_or(""); }

// Sends, and sends again after `pause` while nobody answers, or answers 5xx or 429; `attempts` in all.
struct patience {
  unsigned attempts;
  duration pause;
};
task<result<http_response>> send_patiently(credential_setting with, http_request request, patience how);

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"} as containers and instances answer; denied when it says
// "Code" other than Success, malformed when keys are missing.
result<credentials> read_json_credentials(std::string_view text);

}  // namespace lifehook::aws
