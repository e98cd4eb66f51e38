#pragma once

#include "aws/credential_setting.h"

namespace lifehook::aws {

// The role of the EC2 instance. When the metadata service has trouble, credentials near or past their end are kept in
// use, and asked for again some minutes later, as all SDKs do: AWS goes on accepting them in such an outage.
std::unique_ptr<credential_source> make_imds_credentials(const credential_setting& with);

}  // namespace lifehook::aws
