#pragma once

#include "aws/client.h"
#include "aws/credential_setting.h"

namespace lifehook::aws {

// What a role is assumed with, by the names of the profile files.
struct role_to_assume {
  std::string arn;
  std::string session_name = "lifehook";
  std::string external_id;       // empty: none
  std::string duration_seconds;  // empty: STS's own, an hour
};

// AssumeRole, signed with `keys`, by the clock of STS where that says ours is wrong. Three attempts while STS does not
// answer. denied when STS refuses.
task<result<credentials>> assume_role(credential_setting with, role_to_assume role, credentials keys);
// AssumeRoleWithWebIdentity, unsigned.
task<result<credentials>> assume_role_with_web_identity(credential_setting with, role_to_assume role,
                                                        std::string token);

}  // namespace lifehook::aws
