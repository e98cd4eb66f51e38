#pragma once

#include "aws/environment.h"
#include "base/error.h"

#include <map>
#include <string>
#include <string_view>

namespace lifehook::aws {

// The settings of one profile; names in lower case.
using profile = std::map<std::string, std::string, std::less<>>;
using profiles = std::map<std::string, profile, std::less<>>;

// In ~/.aws/config a profile's section is [profile NAME] (but [default]); in ~/.aws/credentials it is [NAME].
enum class profile_syntax { config, credentials };

// Reads the profiles of one file. Sections of other kinds (services, sso-session) are passed over, nested and continued
// lines are kept as part of their value, comments are dropped. malformed names the line.
result<profiles> parse_profiles(std::string_view text, profile_syntax syntax);

// AWS_PROFILE, AWS_DEFAULT_PROFILE, "default".
std::string profile_name(const environment& env);

// Both files (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, else in ~/.aws) as one; the credentials file wins. A file
// that is not there is an empty one; denied when one is malformed or unreadable.
result<profiles> read_profiles(const environment& env);

// The value of a setting, empty when absent.
std::string_view setting(const profile& of, std::string_view name);

}  // namespace lifehook::aws
