#pragma once

#include "aws/credentials.h"
#include "aws/environment.h"
#include "aws/http_transport.h"
#include "base/backoff.h"

#include <memory>
#include <string>

namespace lifehook::aws {

// The SDKs' default chain with their variable and file names, first that is configured wins: environment, assume-role
// profile, web identity, shared credentials file, config file, container endpoint, IMDSv2. The wire must outlive it.
std::unique_ptr<credential_provider> make_default_credentials(clock& time, http_transport& wire, environment env,
                                                              std::string region, random_source& random);

// Fixed keys, for tests, the simulator and the demo.
std::unique_ptr<credential_provider> make_fixed_credentials(credentials keys);

// The region of AWS_REGION, AWS_DEFAULT_REGION or the profile; empty: none of them names one. rejected: it is no
// region.
result<std::string> configured_region(const environment& env);

// The region to use when the configuration names none: that one, then IMDS's. denied when nobody knows; the message
// says what to set.
task<result<std::string>> find_region(http_transport& wire, environment env);

}  // namespace lifehook::aws
