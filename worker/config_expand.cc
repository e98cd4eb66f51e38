#include "worker/config_expand.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::worker {

namespace {

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

error wrong(std::string what) { return {errc::malformed, std::move(what), {}}; }

// `inside` is what stands between the braces.
result<std::string> value_of(std::string_view inside, const aws::environment& env) {
  const auto split = inside.find(":-");
  const auto name = inside.substr(0, split);
  if (!is_variable_name(name))
    return wrong(
        fmt::format("${{{}}} names no environment variable; expected ${{NAME}} or ${{NAME:-default}}", inside));
  const auto value = env(name);
  if (split != inside.npos) {
    const auto fallback = inside.substr(split + 2);
    if (fallback.find("${") != fallback.npos)
      return wrong(fmt::format("the default of ${{{}}} cannot expand again", name));
    return value && !value->empty() ? *value : std::string(fallback);
  }
  if (!value)
    return wrong(
        fmt::format("environment variable {0} is not set; write ${{{0}:-default}} if it may be missing, or $${{{0}}} "
                    "for these characters themselves",
                    name));
  return *value;
}

}  // namespace

result<std::string> expand(std::string_view text, const aws::environment& env) {
  std::string expanded;
  while (!text.empty()) {
    const auto dollar = std::min(text.find('$'), text.size());
    expanded += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.starts_with("${")) {
      const auto end = text.find('}');
      if (end == text.npos) return wrong("${ without its }");
      auto value = value_of(text.substr(2, end - 2), env);
      if (!value) return value.error();
      expanded += *value;
      text.remove_prefix(end + 1);
    } else if (!text.empty()) {
      expanded += '$';
      text.remove_prefix(text.starts_with("$$") ? 2 : 1);
    }
  }
  return expanded;
}

std::vector<std::string> names_taken(std::string_view text) {
  std::vector<std::string> names;
  const aws::environment note = [&names](std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
    return std::optional<std::string>("");
  };
  const auto expanded = expand(text, note);
  return expanded.has_value() ? names : std::vector<std::string>();
}

}  // namespace lifehook::worker
