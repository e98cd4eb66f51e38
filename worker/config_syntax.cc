#include "worker/config_syntax.h"

#include "base/number.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace lifehook::worker {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c); }

template <class Test>
bool all(std::string_view text, Test test) {
  return !text.empty() && std::all_of(text.begin(), text.end(), test);
}

error malformed(std::string_view expected) { return {errc::malformed, std::string(expected), {}}; }

std::optional<std::uint16_t> parse_port(std::string_view text) { return parse_number<std::uint16_t>(text); }

bool is_authority(std::string_view text) {
  const auto colon = text.find(':');
  const auto host = text.substr(0, colon);
  const bool good_host = all(host, [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; });
  return good_host && (colon == text.npos || parse_port(text.substr(colon + 1)));
}

// Takes what stands before `end` off the front, and `end` itself.
std::string_view take_until(std::string_view& text, char end) {
  const auto at = std::min(text.find(end), text.size());
  const auto taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

}  // namespace

bool is_group_name(std::string_view text) {
  return text.size() <= 64 && all(text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_cluster(std::string_view text) {
  return text.size() <= 255 && all(text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
}

bool is_table_name(std::string_view text) {
  return text.size() >= 3 && text.size() <= 255 &&
         all(text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

result<> check_queue_url(std::string_view url) {
  constexpr std::string_view expected =
      "expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle";
  if (url.ends_with(".fifo")) return malformed("expected a standard queue: lifecycle hooks cannot send to FIFO queues");
  if (url.starts_with("https://"))
    url.remove_prefix(8);
  else if (url.starts_with("http://"))
    url.remove_prefix(7);
  else
    return malformed(expected);
  const auto authority = take_until(url, '/');
  const auto account = take_until(url, '/');
  const bool good_name =
      url.size() <= 80 && all(url, [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
  if (!is_authority(authority) || account.size() != 12 || !all(account, is_digit) || !good_name)
    return malformed(expected);
  return {};
}

result<listen_address> parse_listen(std::string_view text) {
  constexpr std::string_view expected = "expected an IP address and a port such as 127.0.0.1:9464 or 0.0.0.0:9464";
  const auto colon = text.rfind(':');
  const auto port = colon == text.npos ? std::nullopt : parse_port(text.substr(colon + 1));
  if (!port) return malformed(expected);
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(std::string(host), failed);
  if (failed || address.is_v6() != bracketed) return malformed(expected);
  return listen_address{address.to_string(), *port};
}

}  // namespace lifehook::worker
