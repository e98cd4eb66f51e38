#pragma once

#include "aws/credential_setting.h"

namespace lifehook::aws {

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN (or AWS_SECURITY_TOKEN). One key without the other is
// denied.
std::unique_ptr<credential_source> make_environment_credentials(const credential_setting& with);

}  // namespace lifehook::aws
