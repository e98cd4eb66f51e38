#include "aws/credential_setting.h"

#include "aws/json_fields.h"
#include "base/time_text.h"

#include <boost/json/parse.hpp>

namespace lifehook::aws {

namespace {

bool is_worth_another(const result<http_response>& answer) {
  return !answer || answer->status == 429 || answer->status >= 500;
}

}  // namespace

task<result<http_response>> send_patiently(credential_setting with, http_request request, patience how) {
  for (unsigned sent = 1;; ++sent) {
    auto answer = co_await with.wire.send(request);
    if (sent >= how.attempts || !is_worth_another(answer)) co_return answer;
    co_await with.time.sleep_for(spread(how.pause, 0.2, with.random));
  }
}

result<credentials> read_json_credentials(std::string_view text) {
  boost::system::error_code broken;
  const auto parsed = boost::json::parse(text, broken);
  const auto* const object = broken ? nullptr : parsed.if_object();
  if (!object) return error{errc::malformed, "the credentials are not a JSON object"};
  if (const auto code = text_of(*object, "Code"); !code.empty() && code != "Success")
    return error{errc::denied, code + " " + text_of(*object, "Message"), code};
  credentials found{
      text_of(*object, "AccessKeyId"), text_of(*object, "SecretAccessKey"), text_of(*object, "Token"), {}};
  if (found.access_key_id.empty() || found.secret_access_key.empty())
    return error{errc::malformed, "the credentials have no AccessKeyId or SecretAccessKey"};
  found.expires = parse_rfc3339(text_of(*object, "Expiration"));
  return found;
}

}  // namespace lifehook::aws
