#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lifehook::bench {

// How hook number n of the bench's fleet is called: every name is a fixed text and twelve hexadecimal digits of n, so
// that a number is found in a request by searching, and a client that reads nothing can name the next hook itself.
enum class hook_name { instance, container_instance, token, receipt_handle, message_id };

std::string_view prefix_of(hook_name kind);
void append_name(std::string& to, hook_name kind, unsigned number);
std::string name_of(hook_name kind, unsigned number);

inline constexpr std::size_t number_digits = 12;
void append_number(std::string& to, unsigned number);  // the twelve digits alone
std::optional<unsigned> read_number(std::string_view text);

// Calls tell(n) for every hook named so in the text.
template <class Tell>
void for_each_name(std::string_view text, hook_name kind, Tell tell) {
  const auto prefix = prefix_of(kind);
  for (auto at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at)) {
    at += prefix.size();
    if (const auto number = read_number(text.substr(at))) tell(*number);
  }
}

inline constexpr std::string_view group_name = "web-asg";
inline constexpr std::string_view lifecycle_hook_name = "drain-hook";
inline constexpr std::string_view cluster_name = "prod";
inline constexpr std::string_view account = "111122223333";
inline constexpr std::string_view region = "eu-west-1";

}  // namespace lifehook::bench
