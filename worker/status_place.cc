#include "worker/status_place.h"

#include "base/number.h"
#include "worker/config_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace lifehook::worker {

namespace {

constexpr std::string_view scheme = "http://";

bool is_port(std::string_view text) { return parse_number<std::uint16_t>(text).value_or(0) > 0; }

bool is_host(std::string_view text) {
  const bool bracketed = text.starts_with('[') && text.ends_with(']');
  if (bracketed) text = text.substr(1, text.size() - 2);
  const auto fits = [bracketed](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
           each == '.' || each == '-' || each == '_' || (bracketed && each == ':');
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

std::string_view own_address_for(std::string_view listens_on) {
  if (listens_on == "0.0.0.0") return "127.0.0.1";
  return listens_on == "::" ? "::1" : listens_on;
}

}  // namespace

result<std::string> status_place(std::string_view written) {
  auto place = written;
  if (place.starts_with(scheme)) place.remove_prefix(scheme.size());
  place = place.substr(0, place.find('/'));
  const auto colon = std::min(place.rfind(':'), place.size());
  if (colon == place.size() || !is_host(place.substr(0, colon)) || !is_port(place.substr(colon + 1)))
    return error{errc::rejected, fmt::format("--status: expected host:port or http://host:port, such as {}, got {}",
                                             default_status_place, shown(written))};
  return std::string(place);
}

result<std::string> status_place_of(const config& of) {
  if (of.status_port == 0)
    return error{errc::rejected,
                 "status.listen takes any free port: say which with --status, the log has it "
                 "(status_endpoint)"};
  const auto host = own_address_for(of.status_address);
  const bool is_v6 = host.find(':') != std::string_view::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", of.status_port);
}

}  // namespace lifehook::worker
