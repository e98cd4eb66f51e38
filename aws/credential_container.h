#pragma once

#include "aws/credential_setting.h"

namespace lifehook::aws {

// The endpoint of ECS and of EKS Pod Identity: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else ..._FULL_URI, with the
// token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, else AWS_CONTAINER_AUTHORIZATION_TOKEN.
std::unique_ptr<credential_source> make_container_credentials(const credential_setting& with);

// Whether a full URI may be asked: https anywhere, http only on this machine and at the addresses of ECS and EKS.
bool may_ask_container(std::string_view url);

}  // namespace lifehook::aws
