#pragma once

#include "aws/environment.h"
#include "aws/http_transport.h"

#include <string>
#include <string_view>

namespace lifehook::aws {

// Whether instance metadata may be asked: AWS_EC2_METADATA_DISABLED is not true.
bool imds_is_enabled(const environment& env);

// EC2's instance metadata, version 2, with the SDKs' fall back to version 1 when no token is to be had (unless
// AWS_EC2_METADATA_V1_DISABLED), at AWS_EC2_METADATA_SERVICE_ENDPOINT or by ..._ENDPOINT_MODE.
// AWS_METADATA_SERVICE_TIMEOUT (s) and AWS_METADATA_SERVICE_NUM_ATTEMPTS as in the SDKs. A token serves all reads of
// one object: make one per refresh.
class imds {
 public:
  imds(http_transport& wire, const environment& env);

  // "/latest/meta-data/placement/region". not_found for 404; denied for other refusals; unreachable, timeout.
  task<result<std::string>> read(std::string path);

 private:
  task<result<>> take_token();
  task<result<http_response>> send(http_request request);

  http_transport& wire_;
  std::string base_;
  duration timeout_;
  unsigned attempts_;
  bool version_1_;
  bool asked_ = false;
  std::string token_;
};

}  // namespace lifehook::aws
