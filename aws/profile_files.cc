#include "aws/profile_files.h"

#include "aws/text_file.h"

#include <fmt/format.h>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/trim.hpp>

#include <optional>

namespace lifehook::aws {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_blank(char c) { return blanks.find(c) != blanks.npos; }

// A comment begins a line, or follows white space: a secret may hold a '#'.
std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] == '#' || text[i] == ';') && (i == 0 || is_blank(text[i - 1]))) return text.substr(0, i);
  return text;
}

std::string_view unquoted(std::string_view name) {
  const bool quoted = name.size() > 1 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front();
  return quoted ? name.substr(1, name.size() - 2) : name;
}

// The profile a section describes; nullopt for sections of another kind.
std::optional<std::string_view> profile_of(std::string_view section, profile_syntax syntax) {
  constexpr std::string_view keyword = "profile";
  if (section.starts_with(keyword) && section.size() > keyword.size() && is_blank(section[keyword.size()]))
    return unquoted(trimmed(section.substr(keyword.size())));
  if (syntax == profile_syntax::credentials || section == "default") return section;
  return std::nullopt;
}

class profile_parser {
 public:
  explicit profile_parser(profile_syntax syntax) : syntax_(syntax) {}

  result<> line(std::string_view text) {
    ++number_;
    const bool indented = !text.empty() && is_blank(text.front());
    text = trimmed(without_comment(text));
    if (text.empty()) return {};
    if (indented && in_section_) return continue_value(text);
    if (text.front() == '[') return open_section(text);
    return add_setting(text);
  }
  profiles take() { return std::move(found_); }

 private:
  error wrong(std::string_view why) const { return {errc::malformed, fmt::format("line {}: {}", number_, why), {}}; }

  result<> open_section(std::string_view text) {
    if (text.back() != ']') return wrong("a section must end with ]");
    const auto name = profile_of(trimmed(text.substr(1, text.size() - 2)), syntax_);
    in_section_ = true;
    value_ = nullptr;
    current_ = name ? &found_[std::string(*name)] : nullptr;
    return {};
  }

  result<> add_setting(std::string_view text) {
    const auto equals = text.find('=');
    if (!in_section_) return wrong("a setting before the first section");
    if (equals == text.npos || trimmed(text.substr(0, equals)).empty()) return wrong("expected NAME = VALUE");
    if (!current_) return {};
    auto name = boost::algorithm::to_lower_copy(std::string(trimmed(text.substr(0, equals))), std::locale::classic());
    value_ = &((*current_)[std::move(name)] = trimmed(text.substr(equals + 1)));
    return {};
  }

  result<> continue_value(std::string_view text) {
    if (value_)
      value_->append("\n").append(text);
    else if (current_)
      return add_setting(text);
    return {};
  }

  profile_syntax syntax_;
  std::size_t number_ = 0;
  bool in_section_ = false;
  profiles found_;
  profile* current_ = nullptr;    // nullptr in sections passed over
  std::string* value_ = nullptr;  // what an indented line continues
};

std::string expanded(std::string path, const environment& env) {
  if (path == "~" || path.starts_with("~/")) path.replace(0, 1, env("HOME").value_or(""));
  return path;
}

result<profiles> read_one(const environment& env, std::string_view variable, std::string usual, profile_syntax syntax) {
  const auto path = expanded(env(variable).value_or(std::move(usual)), env);
  const auto text = read_text_file(path);
  if (!text && text.error().code() == errc::not_found) return profiles{};
  if (!text) return text.error();
  auto found = parse_profiles(*text, syntax);
  if (!found) return error{errc::denied, path + ": " + found.error().what()};
  return found;
}

}  // namespace

result<profiles> parse_profiles(std::string_view text, profile_syntax syntax) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  profile_parser parser(syntax);
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (auto read = parser.line(text.substr(0, end)); !read) return std::move(read).error();
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
  }
  return parser.take();
}

std::string profile_name(const environment& env) {
  for (const auto* variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})
    if (auto name = env(variable); name && !name->empty()) return *std::move(name);
  return "default";
}

result<profiles> read_profiles(const environment& env) {
  auto found = read_one(env, "AWS_CONFIG_FILE", "~/.aws/config", profile_syntax::config);
  if (!found) return found;
  auto secrets = read_one(env, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", profile_syntax::credentials);
  if (!secrets) return secrets;
  for (auto& [name, settings] : *secrets)
    for (auto& [key, value] : settings) (*found)[name][key] = std::move(value);
  for (const auto& [name, settings] : *secrets) found->try_emplace(name);
  return found;
}

std::string_view setting(const profile& of, std::string_view name) {
  const auto found = of.find(name);
  return found == of.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace lifehook::aws
