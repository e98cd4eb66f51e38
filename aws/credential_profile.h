#pragma once

#include "aws/credential_setting.h"
#include "aws/profile_files.h"

namespace lifehook::aws {

// The profile in use (AWS_PROFILE), when it names a role: role_arn with source_profile, which may name another role and
// so on, or with credential_source (Environment, EcsContainer, Ec2InstanceMetadata).
std::unique_ptr<credential_source> make_role_profile_credentials(const credential_setting& with);

// The profile in use, when it holds keys; also when it exists in no file though it was asked for by name, or asks for
// what is not supported (credential_process, SSO), or the files cannot be read: it then says so at every fetch.
std::unique_ptr<credential_source> make_key_profile_credentials(const credential_setting& with);

// Pure: what a profile asks for, from the role to assume last down to where the first keys come from.
struct profile_plan {
  std::vector<profile> roles;     // the one to assume first at the back
  profile keys;                   // static keys or a web identity; unused with a credential_source
  std::string credential_source;  // empty: keys
};

// denied when the profile is not there, incomplete, contradictory, turns in a circle or is not supported.
result<profile_plan> plan_profile(const profiles& among, std::string_view name);

}  // namespace lifehook::aws
