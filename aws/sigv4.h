#pragma once

#include "aws/credentials.h"
#include "aws/digest.h"
#include "aws/http_transport.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::aws {

// AWS Signature Version 4 (AWS4-HMAC-SHA256). Pure: time and keys are arguments, nothing fails.

// Where and when a signature holds: "20150830/us-east-1/service/aws4_request". Views must outlive the call.
struct signing_scope {
  time_point at;
  std::string_view region;
  std::string_view signing_name;  // "elasticloadbalancing", not the endpoint's name
};

struct canonical_request {
  std::string text;
  std::string signed_headers;  // "content-type;host;x-amz-date"
};

// The request as both sides hash it, its path as for every service but S3: normalized, and encoded once more. All
// headers are signed but those a proxy may change; Host is taken from the url.
canonical_request canonicalize(const http_request& request, std::string_view payload_hash);
std::string string_to_sign(const signing_scope& scope, std::string_view canonical_request_text);

// Signs requests, keeping the derived key of each secret, day, region and service for the next time (a few dozen at
// most).
class signer {
 public:
  // Replaces what an earlier signing added: X-Amz-Date, X-Amz-Security-Token when there is one, and Authorization.
  void sign(http_request& request, const credentials& keys, const signing_scope& scope);

  std::string signature(const credentials& keys, const signing_scope& scope, std::string_view text);

 private:
  struct derived {
    std::string secret;
    std::string day, region, signing_name;
    hmac_key key;
  };
  const hmac_key& key_for(const credentials& keys, const signing_scope& scope, std::string_view day);

  std::vector<derived> derived_;
  std::size_t oldest_ = 0;
};

// One signature without keeping the key: for calls that are rare, such as AssumeRole.
void sign(http_request& request, const credentials& keys, std::string_view region, std::string_view signing_name,
          time_point now);

}  // namespace lifehook::aws
