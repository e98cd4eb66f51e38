#include "worker/config_reader.h"

#include "base/number.h"
#include "base/time_text.h"
#include "worker/config_expand.h"
#include "worker/config_nearest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace lifehook::worker {

namespace {

constexpr std::size_t longest_text = 1024;

std::string_view shape_of(const yaml_node& node) {
  switch (node.is) {
    case yaml_node::shape::nothing: return "nothing";
    case yaml_node::shape::scalar: return "one value";
    case yaml_node::shape::list: return "a list";
    case yaml_node::shape::map: return "a map";
  }
  return "nothing";
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string child(const std::string& path, std::string_view key) {
  std::string name(key.substr(0, 60));
  std::replace_if(name.begin(), name.end(), is_control, '?');
  return path.empty() ? name : path + "." + name;
}

bool breaks_script(char c) { return is_control(c) && c != '\n' && c != '\t'; }

// Empty: it can be taken, or is empty.
std::string wrong_with(std::string_view text, text_shape of) {
  const bool is_script = of == text_shape::lines;
  const auto most = is_script ? longest_script : longest_text;
  if (text.size() > most) return fmt::format("; it has {} bytes, at most {} are taken", text.size(), most);
  if (std::none_of(text.begin(), text.end(), is_script ? breaks_script : is_control)) return {};
  return is_script ? "; it has control characters other than line breaks and tabs"
                   : "; it has line breaks or other control characters";
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

written written_map::operator[](std::string_view key) const {
  for (const auto& [name, value] : keys_)
    if (name == key) return value;
  return {child(around_.path, key), around_.value_mark(), nullptr};
}

written_map config_reader::any_keys_of(const written& map, std::string_view such) {
  written_map keys(map);
  if (!map) return keys;
  if (map.node->is != yaml_node::shape::map) {
    complain(map, fmt::format("expected keys with values{}, got {}", such, shape_of(*map.node)));
    return keys;
  }
  for (const auto& entry : map.node->map) {
    written value{child(map.path, entry.key), entry.where, &entry.value};
    if (const auto first = keys[entry.key])
      complain(entry.where, value.path, fmt::format("written twice; first at line {}", first.where.line));
    else
      keys.add(entry.key, std::move(value));
  }
  return keys;
}

written_map config_reader::keys_of(const written& map, std::span<const std::string_view> known) {
  auto keys =
      any_keys_of(map, known.empty() ? std::string()
                                     : fmt::format(", such as {{{}: ...}} (known: {})", known.front(), joined(known)));
  for (const auto& [key, value] : keys.all())
    if (std::find(known.begin(), known.end(), key) == known.end())
      complain(value.where, value.path, "unknown key" + hint(key, known));
  return keys;
}

std::vector<written> config_reader::entries_of(const written& list) {
  std::vector<written> entries;
  if (!list) return entries;
  if (list.node->is != yaml_node::shape::list) {
    complain(list,
             fmt::format("expected a list, each entry behind \"- \" or between [ and ], got {}", shape_of(*list.node)));
    return entries;
  }
  for (std::size_t i = 0; i < list.node->list.size(); ++i) {
    const auto& node = list.node->list[i];
    entries.push_back({fmt::format("{}[{}]", list.path, i), node.where, &node});
  }
  if (entries.empty()) complain(list, "expected a list with at least one entry, got an empty one");
  return entries;
}

written config_reader::required(const written_map& of, std::string_view key, std::string_view expected) {
  auto value = of[key];
  const bool is_map = of.around() && of.around().node->is == yaml_node::shape::map;
  if (!value && is_map) complain(value, fmt::format("missing; expected {}", expected));
  return value;
}

std::optional<std::string> config_reader::scalar(const written& at, std::string_view expected) {
  if (!at) return std::nullopt;
  if (at.node->is != yaml_node::shape::scalar) {
    complain(at, fmt::format("expected {}, got {}", expected, shape_of(*at.node)));
    return std::nullopt;
  }
  auto expanded = expand(at.node->text, env_);
  if (expanded) return *std::move(expanded);
  complain(at, expanded.error().what());
  return std::nullopt;
}

std::optional<std::string> config_reader::text(const written& at, std::string_view expected, text_shape of) {
  auto value = scalar(at, expected);
  if (!value) return std::nullopt;
  const auto wrong = wrong_with(*value, of);
  if (!value->empty() && wrong.empty()) return value;
  complain(at, fmt::format("expected {}, got {}{}", expected, shown(*value), wrong));
  return std::nullopt;
}

std::optional<std::vector<std::string>> config_reader::texts(const written& at, std::string_view expected,
                                                             text_shape of) {
  if (!at) return std::nullopt;
  std::vector<std::string> values;
  const bool one = at.node->is == yaml_node::shape::scalar;
  for (const auto& entry : one ? std::vector<written>{at} : entries_of(at))
    if (auto value = text(entry, expected, of)) values.push_back(*std::move(value));
  if (values.empty()) return std::nullopt;
  return values;
}

std::optional<std::int64_t> config_reader::count(const written& at, std::int64_t least, std::int64_t most) {
  const auto expected = fmt::format("a whole number from {} to {}", least, most);
  const auto value = scalar(at, expected);
  if (!value) return std::nullopt;
  if (const auto number = whole_number(*value, least, most)) return number;
  complain(at, fmt::format("expected {}, got {}", expected, shown(*value)));
  return std::nullopt;
}

std::optional<double> config_reader::number(const written& at, double least, double most) {
  const auto expected = fmt::format("a number from {} to {}", least, most);
  const auto value = scalar(at, expected);
  if (!value) return std::nullopt;
  double number = -1;
  const auto* const end = value->data() + value->size();
  const auto read = std::from_chars(value->data(), end, number, std::chars_format::fixed);
  if (read.ec == std::errc{} && read.ptr == end && number >= least && number <= most) return number;
  complain(at, fmt::format("expected {}, got {}", expected, shown(*value)));
  return std::nullopt;
}

std::optional<duration> config_reader::span(const written& at, duration least, duration most) {
  const auto expected = fmt::format("a duration from {} to {}", to_text(least), to_text(most));
  const auto value = scalar(at, expected);
  if (!value) return std::nullopt;
  const auto read = parse_duration(*value);
  if (read && *read >= least && *read <= most) return read;
  const auto advice = read                 ? std::string()
                      : all_digits(*value) ? fmt::format("; it has no unit, did you mean \"{}s\"?", *value)
                                           : std::string("; write it like 30s, 15m or 1h30m");
  complain(at, fmt::format("expected {}, got {}{}", expected, shown(*value), advice));
  return std::nullopt;
}

std::optional<bool> config_reader::yes_no(const written& at) {
  constexpr std::string_view expected = "true or false";
  const auto value = scalar(at, expected);
  if (!value) return std::nullopt;
  if (*value == "true") return true;
  if (*value == "false") return false;
  complain(at, fmt::format("expected {}, got {}", expected, shown(*value)));
  return std::nullopt;
}

std::optional<std::size_t> config_reader::choice(const written& at, std::span<const std::string_view> choices) {
  const auto expected = "one of " + joined(choices);
  const auto value = scalar(at, expected);
  if (!value) return std::nullopt;
  const auto found = std::find(choices.begin(), choices.end(), *value);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  const auto meant = nearest(*value, choices);
  const auto advice = meant ? fmt::format("; did you mean \"{}\"?", *meant) : std::string();
  complain(at, fmt::format("expected {}, got {}{}", expected, shown(*value), advice));
  return std::nullopt;
}

void config_reader::complain(mark where, const std::string& path, std::string_view what) {
  complaints_.push_back({where, path.empty() ? std::string(what) : fmt::format("{}: {}", path, what)});
}

std::string render(std::span<const complaint> complaints, std::string_view file_name) {
  constexpr std::size_t most = 20;
  std::multimap<mark, std::string_view> in_order;
  for (const auto& [where, what] : complaints) in_order.emplace(where, what);
  std::vector<std::string> lines;
  for (const auto& [where, what] : in_order)
    if (lines.size() < most) lines.push_back(fmt::format("{}:{}:{}: {}", file_name, where.line, where.column, what));
  if (in_order.size() > most) lines.push_back(fmt::format("{}: and {} more", file_name, in_order.size() - most));
  return fmt::format("{}", fmt::join(lines, "\n"));
}

std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t least, std::int64_t most) {
  // A leading zero means eight to YAML's readers and ten to people.
  const bool plain = all_digits(text) && (text.size() == 1 || text.front() != '0');
  const auto number = plain ? parse_number<std::int64_t>(text) : std::nullopt;
  return number && *number >= least && *number <= most ? number : std::nullopt;
}

std::string shown(std::string_view text) {
  constexpr std::size_t most = 60;
  std::string clean(text.substr(0, most));
  std::replace_if(clean.begin(), clean.end(), is_control, '?');
  return fmt::format("\"{}{}\"", clean, text.size() > most ? "..." : "");
}

std::string joined(std::span<const std::string_view> words) { return fmt::format("{}", fmt::join(words, ", ")); }

std::string hint(std::string_view typed, std::span<const std::string_view> known) {
  const auto meant = nearest(typed, known);
  const auto question = meant ? fmt::format("; did you mean \"{}\"?", *meant) : std::string();
  return fmt::format("{} (known: {})", question, joined(known));
}

}  // namespace lifehook::worker
