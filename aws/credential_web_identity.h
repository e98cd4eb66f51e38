#pragma once

#include "aws/credential_setting.h"
#include "aws/profile_files.h"

namespace lifehook::aws {

// A role assumed with a token from a file, as Kubernetes hands out: AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE and
// AWS_ROLE_SESSION_NAME, or the profile's role_arn, web_identity_token_file and role_session_name.
std::unique_ptr<credential_source> make_web_identity_credentials(const credential_setting& with);

// The same of one profile. denied when its settings are incomplete or the token cannot be read.
task<result<credentials>> fetch_web_identity(credential_setting with, profile settings);

}  // namespace lifehook::aws
