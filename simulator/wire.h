#pragma once

#include "aws/http_transport.h"
#include "base/clock.h"
#include "simulator/service.h"

#include <optional>

namespace lifehook::simulator {

enum class wire_protocol { json_1_0, json_1_1, query, ec2_query };

// How the caller speaks, kept to answer in kind.
struct dialect {
  wire_protocol speaks = wire_protocol::json_1_1;
  std::string_view service;  // empty: none we know
  std::string action;
  bool query_errors = false;  // x-amzn-query-mode: SQS callers that compare on the codes of its old protocol
};

struct arrival {
  dialect spoken;
  boost::system::result<request, fault> asked;
};

// Finds service and action as AWS does: X-Amz-Target of JSON services, else the credential scope of Authorization, else
// the API version. Signatures are required but not verified. Whatever cannot be read is a fault in the caller's own
// dialect.
arrival read_request(const aws::http_request& received);

struct answer_stamp {
  std::string request_id;
  time_point date;  // of AWS's clock
};
aws::http_response write_answer(const dialect& to, const answered& said, const answer_stamp& stamp);

// "/path?query" of an absolute url or of itself.
std::string_view path_of(std::string_view url);
// Of a request, by any case; empty when absent.
std::string_view header_of(const aws::http_request& request, std::string_view lower_case_name);
// Of X-Amz-Date; none when absent or not of its form, "20260302T101530Z".
std::optional<time_point> signing_time(const aws::http_request& request);
std::string http_date(time_point when);

}  // namespace lifehook::simulator
