#include "aws/sigv4.h"

#include "base/time_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace lifehook::aws {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace std::chrono_literals;

const credentials example{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", {}};

std::string contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string text_at(const json::value& in, std::string_view name) {
  const auto& found = in.at(name);
  return found.is_null() ? std::string() : std::string(found.as_string());
}

std::string value_of(const http_request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return {};
}

// --- the AWS signing suite, read where it lies: it is not ours to copy

struct suite_case {
  fs::path folder;
  credentials keys;
  time_point at;
  std::string region, service;
  bool normalized, sign_body;
  http_request request;
};

fs::path suite() { return fs::path(LIFEHOOK_SOURCE) / "../shared/aws/sigv4-vectors/aws-c-auth/v4"; }

// The suite's requests: no space after the header's colon, bare line feeds, values folded by leading white space.
http_request read_request(const std::string& text) {
  const auto head_end = std::min(text.find("\n\n"), text.size());
  http_request request{.method = {}, .url = {}, .headers = {}, .body = {}};
  if (head_end < text.size()) request.body = text.substr(head_end + 2);
  std::string head = text.substr(0, head_end);
  const auto line_end = std::min(head.find('\n'), head.size());
  const auto line = head.substr(0, line_end);
  request.method = line.substr(0, line.find(' '));
  const auto target = line.substr(request.method.size() + 1, line.rfind(' ') - request.method.size() - 1);
  std::string host;
  for (std::size_t at = line_end; at < head.size();) {
    const auto end = std::min(head.find('\n', at + 1), head.size());
    const auto header = head.substr(at + 1, end - at - 1);
    at = end;
    if (header.starts_with(' ') || header.starts_with('\t')) {
      request.headers.back().second += "\n" + header;
      continue;
    }
    const auto name = header.substr(0, header.find(':'));
    if (name == "Host")
      host = header.substr(name.size() + 1);
    else if (!name.empty())
      request.headers.emplace_back(name, header.substr(name.size() + 1));
  }
  request.url = "https://" + host + target;
  return request;
}

suite_case read_case(const fs::path& folder) {
  const auto context = json::parse(contents(folder / "context.json"));
  const auto& keys = context.at("credentials");
  suite_case read{folder, {}, {}, {}, {}, {}, {}, {}};
  read.keys = {text_at(keys, "access_key_id"), text_at(keys, "secret_access_key"), {}, {}};
  if (keys.as_object().contains("token")) read.keys.session_token = text_at(keys, "token");
  read.at = parse_rfc3339(text_at(context, "timestamp")).value();
  read.region = text_at(context, "region");
  read.service = text_at(context, "service");
  read.normalized = context.at("normalize").as_bool();
  read.sign_body = context.at("sign_body").as_bool();
  const bool omits_token =
      context.as_object().contains("omit_session_token") && context.at("omit_session_token").as_bool();
  read.request = read_request(contents(folder / "request.txt"));
  if (omits_token) read.keys.session_token.clear();
  return read;
}

void expect_signed(suite_case of) {
  const auto hash = to_hex(sha256(of.request.body));
  auto whole = of.request;
  of.request.headers.emplace_back("X-Amz-Date", "20150830T123600Z");
  if (!of.keys.session_token.empty()) of.request.headers.emplace_back("X-Amz-Security-Token", of.keys.session_token);
  if (of.sign_body) of.request.headers.emplace_back("x-amz-content-sha256", hash);
  const signing_scope scope{of.at, of.region, of.service};

  const auto canonical = canonicalize(of.request, hash);
  const auto text = string_to_sign(scope, canonical.text);

  EXPECT_EQ(canonical.text, contents(of.folder / "header-canonical-request.txt")) << of.folder;
  EXPECT_EQ(text, contents(of.folder / "header-string-to-sign.txt")) << of.folder;
  const auto signature = contents(of.folder / "header-signature.txt");
  EXPECT_EQ(signer().signature(of.keys, scope, text), signature) << of.folder;

  if (of.sign_body) whole.headers.emplace_back("x-amz-content-sha256", hash);
  signer().sign(whole, of.keys, scope);
  EXPECT_EQ(whole.headers.back().first, "Authorization");
  EXPECT_EQ(whole.headers.back().second.substr(whole.headers.back().second.rfind('=') + 1), signature) << of.folder;
}

TEST(sigv4, signs_every_case_of_the_aws_suite_with_a_normalized_path) {
  if (!fs::exists(suite())) GTEST_SKIP() << "the AWS signing suite is not at " << suite() << ": nothing compared";

  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(suite())) {
    const auto read = read_case(entry.path());
    if (!read.normalized) continue;  // of S3
    ++cases;
    expect_signed(read);
  }

  EXPECT_EQ(cases, 31U);
}

// --- our own vectors: the services we call, as botocore signs them

http_request request_of(const json::value& sample) {
  http_request request{.method = text_at(sample, "method"),
                       .url = text_at(sample, "url"),
                       .headers = {},
                       .body = text_at(sample, "body")};
  for (const auto& [name, value] : sample.at("input_headers").as_object())
    request.headers.emplace_back(std::string(name), std::string(value.as_string()));
  const auto name = text_at(sample, "name");
  if (name == "s3-signed-payload") request.headers.emplace_back("X-Amz-Content-SHA256", to_hex(sha256(request.body)));
  if (name == "unsigned-payload") request.headers.emplace_back("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD");
  return request;
}

credentials keys_of(const json::value& sample) {
  return {text_at(sample, "access_key"), text_at(sample, "secret_key"), text_at(sample, "session_token"), {}};
}

TEST(sigv4, signs_the_services_we_call_as_botocore_does) {
  const auto samples = json::parse(contents(fs::path(LIFEHOOK_SOURCE) / "tests/data/sigv4/our-services.json"));
  const time_point at = std::chrono::sys_days(std::chrono::January / 15 / 2026) + 12h;
  signer signing;

  for (const auto& sample : samples.as_array()) {
    auto request = request_of(sample);
    const signing_scope scope{at, sample.at("region").as_string(), sample.at("service").as_string()};

    signing.sign(request, keys_of(sample), scope);

    EXPECT_EQ(value_of(request, "Authorization"), sample.at("signed_headers").at("Authorization").as_string())
        << sample.at("name");
  }
}

TEST(sigv4, signing_again_replaces_the_signature_the_date_and_the_token) {
  signer signing;
  http_request request{.url = "https://sqs.eu-west-1.amazonaws.com/", .headers = {}, .body = "{}"};
  const credentials temporary{"AKIDTWO", "secret", "token", {}};
  signing.sign(request, temporary, {time_point{}, "eu-west-1", "sqs"});

  signing.sign(request, example, {time_point{} + 24h, "eu-west-1", "sqs"});

  EXPECT_EQ(request.headers.size(), 2U);
  EXPECT_EQ(value_of(request, "X-Amz-Date"), "19700102T000000Z");
  EXPECT_THAT(value_of(request, "Authorization"), HasSubstr("Credential=AKIDEXAMPLE/19700102/"));
}

TEST(sigv4, keeps_keys_apart_by_secret_day_region_and_service) {
  signer kept;
  const credentials other{"AKIDEXAMPLE", "another secret", "", {}};

  for (const auto& keys : {example, other})
    for (const auto at : {time_point{}, time_point{} + 24h})
      for (const auto* const region : {"eu-west-1", "us-east-1"})
        for (const auto* const service : {"sqs", "ecs"})
          for (int again = 0; again < 2; ++again)
            EXPECT_EQ(kept.signature(keys, {at, region, service}, "text"),
                      signer().signature(keys, {at, region, service}, "text"));
}

TEST(sigv4, goes_on_signing_rightly_when_it_has_met_more_keys_than_it_keeps) {
  signer kept;

  for (int day = 0; day < 100; ++day) {
    const signing_scope scope{time_point{} + day * 24h, "eu-west-1", "sqs"};
    EXPECT_EQ(kept.signature(example, scope, "text"), signer().signature(example, scope, "text"));
  }
}

TEST(sigv4, leaves_headers_unsigned_that_a_proxy_may_change) {
  http_request request{
      .url = "http://localhost:4566/",
      .headers = {{"User-Agent", "x"}, {"Expect", ""}, {"Proxy-Authorization", "y"}, {"X-Amz-Date", "d"}},
      .body = {}};

  EXPECT_EQ(canonicalize(request, "hash").signed_headers, "host;x-amz-date");
  EXPECT_THAT(canonicalize(request, "hash").text, HasSubstr("host:localhost:4566\n"));
}

TEST(digest, hashes_a_key_that_is_longer_than_a_block) {
  // RFC 4231, test case 6
  const hmac_key key(std::string(131, '\xaa'));

  EXPECT_EQ(to_hex(key.of("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace lifehook::aws
