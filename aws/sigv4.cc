#include "aws/sigv4.h"

#include "aws/canonical.h"

#include <algorithm>
#include <array>

namespace lifehook::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t keys_kept = 32;
// As a rule, of characters: of a region and a service with long names.
constexpr std::size_t room_for_text_to_sign = 224;
constexpr std::size_t room_for_authorization = 352;
constexpr std::string_view payload_header = "x-amz-content-sha256";

// "20150830T123600Z". Sixteen characters are one too many for a string without memory of its own, and
// thousands are signed in a second.
class amz_date {
 public:
  explicit amz_date(time_point when);

  std::string_view text() const { return {text_.data(), text_.size()}; }
  std::string_view day() const { return text().substr(0, 8); }

 private:
  std::array<char, 16> text_;
};

amz_date::amz_date(time_point when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when - day));
  text_.fill('0');
  const auto put = [this](std::size_t last, auto value) {
    for (auto left = static_cast<unsigned>(value); left > 0; left /= 10)
      text_[last--] = static_cast<char>('0' + left % 10);
  };
  put(3, static_cast<int>(date.year()));
  put(5, static_cast<unsigned>(date.month()));
  put(7, static_cast<unsigned>(date.day()));
  put(10, time.hours().count());
  put(12, time.minutes().count());
  put(14, time.seconds().count());
  text_[8] = 'T';
  text_[15] = 'Z';
}

void append_scope(std::string& out, std::string_view day, const signing_scope& scope) {
  out.append(day).append("/").append(scope.region).append("/").append(scope.signing_name).append("/aws4_request");
}

std::string payload_hash_of(const http_request& request) {
  for (const auto& [name, value] : request.headers)
    if (same_header(name, payload_header)) return value;
  return to_hex(sha256(request.body));
}

void drop_old_signature(http_headers& headers) {
  std::erase_if(headers, [](const auto& header) {
    return same_header(header.first, "x-amz-date") || same_header(header.first, "x-amz-security-token") ||
           same_header(header.first, "authorization");
  });
}

std::string text_to_sign(const amz_date& date, const signing_scope& scope, std::string_view canonical_request_text) {
  std::string text;
  text.reserve(room_for_text_to_sign);
  text.append(algorithm).append("\n").append(date.text()).append("\n");
  append_scope(text, date.day(), scope);
  text += '\n';
  append_hex(text, sha256(canonical_request_text));
  return text;
}

}  // namespace

std::string string_to_sign(const signing_scope& scope, std::string_view canonical_request_text) {
  return text_to_sign(amz_date(scope.at), scope, canonical_request_text);
}

const hmac_key& signer::key_for(const credentials& keys, const signing_scope& scope, std::string_view day) {
  for (const auto& known : derived_)
    if (known.day == day && known.region == scope.region && known.signing_name == scope.signing_name &&
        known.secret == keys.secret_access_key)
      return known.key;
  const hmac_key of_day(hmac_key("AWS4" + keys.secret_access_key).of(day));
  const hmac_key of_region(of_day.of(scope.region));
  const hmac_key of_service(of_region.of(scope.signing_name));
  derived made{keys.secret_access_key, std::string(day), std::string(scope.region), std::string(scope.signing_name),
               hmac_key(of_service.of("aws4_request"))};
  if (derived_.size() < keys_kept) return derived_.emplace_back(std::move(made)).key;
  auto& place = derived_[oldest_++ % keys_kept];
  place = std::move(made);
  return place.key;
}

std::string signer::signature(const credentials& keys, const signing_scope& scope, std::string_view text) {
  return to_hex(key_for(keys, scope, amz_date(scope.at).day()).of(text));
}

void signer::sign(http_request& request, const credentials& keys, const signing_scope& scope) {
  drop_old_signature(request.headers);
  const amz_date date(scope.at);
  request.headers.emplace_back("X-Amz-Date", date.text());
  if (!keys.session_token.empty()) request.headers.emplace_back("X-Amz-Security-Token", keys.session_token);
  const auto canonical = canonicalize(request, payload_hash_of(request));
  std::string authorization;
  authorization.reserve(room_for_authorization);
  authorization.append(algorithm).append(" Credential=").append(keys.access_key_id).append("/");
  append_scope(authorization, date.day(), scope);
  authorization.append(", SignedHeaders=").append(canonical.signed_headers).append(", Signature=");
  append_hex(authorization, key_for(keys, scope, date.day()).of(text_to_sign(date, scope, canonical.text)));
  request.headers.emplace_back("Authorization", std::move(authorization));
}

void sign(http_request& request, const credentials& keys, std::string_view region, std::string_view signing_name,
          time_point now) {
  signer().sign(request, keys, {now, region, signing_name});
}

}  // namespace lifehook::aws
