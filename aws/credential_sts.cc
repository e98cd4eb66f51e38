#include "aws/credential_sts.h"

#include "aws/endpoint.h"
#include "aws/fault.h"
#include "aws/query_body.h"
#include "aws/retry.h"
#include "aws/services.h"
#include "aws/sigv4.h"
#include "aws/xml.h"
#include "base/time_text.h"

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

constexpr unsigned attempts = 3;

query_parameters parameters_of(const role_to_assume& role) {
  query_parameters parameters{{"RoleArn", role.arn}, {"RoleSessionName", role.session_name}};
  if (!role.duration_seconds.empty()) parameters.emplace_back("DurationSeconds", role.duration_seconds);
  if (!role.external_id.empty()) parameters.emplace_back("ExternalId", role.external_id);
  return parameters;
}

http_request request_for(const credential_setting& with, std::string_view action, const query_parameters& parameters) {
  return {.method = "POST",
          .url = endpoint_url(services::sts, with.region, with.env),
          .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
          .body = query_body(action, services::sts.version, parameters),
          .timeout = 10s,
          .max_body = 1U << 20};
}

result<credentials> read_answer(const http_response& answer) {
  auto document = xml_document::parse(answer.body);
  if (!document) return std::move(document).error();
  const auto given = document->query_result().child("Credentials");
  credentials found{std::string(given.text("AccessKeyId")), std::string(given.text("SecretAccessKey")),
                    std::string(given.text("SessionToken")), parse_rfc3339(given.text("Expiration"))};
  if (found.access_key_id.empty() || found.secret_access_key.empty() || !found.expires)
    return error{errc::malformed, "STS's answer has no credentials"};
  return found;
}

// The identity provider's trouble is not ours: STS says 400, the next attempt may do.
bool is_passing(errc code, std::string_view aws_code) {
  return code == errc::unreachable || code == errc::timeout || code == errc::throttled ||
         aws_code == "IDPCommunicationError";
}

error refusal(const http_response& answer) {
  auto failure = to_error(read_fault(answer), answer.status);
  // Nothing but a person can change what else STS says about a role, a token or keys.
  if (is_outage(failure.code())) return failure;
  return failure.with(is_passing(failure.code(), failure.aws_code()) ? errc::unreachable : errc::denied);
}

result<credentials> read(const result<http_response>& answer) {
  if (!answer) return answer.error();
  if (answer->status != 200) return refusal(*answer);
  return read_answer(*answer);
}

// How wrong a refusal says our clock is; nullopt: that is not why.
std::optional<duration> clock_error(const credential_setting& with, const result<http_response>& answer,
                                    const error& refused, time_point signed_at) {
  const auto date = answer ? parse_http_date(answer->header("date")) : std::nullopt;
  if (!blames_clock(refused.aws_code(), signed_at, date)) return std::nullopt;
  return *date - with.time.wall_now();
}

// Each attempt is signed anew: a signature carries its time.
task<result<credentials>> call(credential_setting with, http_request request, std::optional<credentials> keys) {
  std::optional<duration> clock_offset;  // STS's clock less ours, once STS has said that ours is wrong
  for (unsigned made = 1;; ++made) {
    auto signed_request = request;
    const auto at = with.time.wall_now() + clock_offset.value_or(duration::zero());
    if (keys) sign(signed_request, *keys, with.region, services::sts.signing_name, at);
    const auto answer = co_await with.wire.send(std::move(signed_request));
    auto found = read(answer);
    if (found || made >= attempts) co_return found;
    if (keys && !clock_offset) {
      clock_offset = clock_error(with, answer, found.error(), at);
      if (clock_offset) continue;
    }
    if (!is_passing(found.error().code(), found.error().aws_code())) co_return found;
    co_await with.time.sleep_for(full_jitter({200ms, 2s}, made, with.random));
  }
}

}  // namespace

task<result<credentials>> assume_role(credential_setting with, role_to_assume role, credentials keys) {
  auto request = request_for(with, "AssumeRole", parameters_of(role));
  auto found = co_await call(with, std::move(request), std::move(keys));
  if (!found) co_return std::move(found).error().in("assuming " + role.arn);
  co_return found;
}

task<result<credentials>> assume_role_with_web_identity(credential_setting with, role_to_assume role,
                                                        std::string token) {
  auto parameters = parameters_of(role);
  parameters.emplace_back("WebIdentityToken", std::move(token));
  auto found = co_await call(with, request_for(with, "AssumeRoleWithWebIdentity", parameters), std::nullopt);
  if (!found) co_return std::move(found).error().in("assuming " + role.arn + " with a web identity");
  co_return found;
}

}  // namespace lifehook::aws
