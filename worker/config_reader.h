#pragma once

#include "aws/environment.h"
#include "base/clock.h"
#include "worker/config_yaml.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::worker {

// A place in the configuration: its path as people write it, and what is written there, if anything. Lives as long as
// the document.
struct written {
  std::string path;                 // "groups[0].deadline"
  mark where;                       // of its key; of the map around it when not written
  const yaml_node* node = nullptr;  // nullptr: not written

  explicit operator bool() const { return node != nullptr; }
  mark value_mark() const { return node ? node->where : where; }
};

// The keys of one map, found by name.
class written_map {
 public:
  explicit written_map(written around) : around_(std::move(around)) {}
  void add(std::string key, written value) { keys_.emplace_back(std::move(key), std::move(value)); }

  bool has(std::string_view key) const { return static_cast<bool>((*this)[key]); }
  written operator[](std::string_view key) const;
  const written& around() const { return around_; }
  const std::vector<std::pair<std::string, written>>& all() const { return keys_; }

 private:
  written around_;
  std::vector<std::pair<std::string, written>> keys_;
};

enum class text_shape { line, lines };             // lines: a script's, with line breaks and tabs, up to longest_script
constexpr std::size_t longest_script = 64 * 1024;  // in bytes: SSM takes no larger document, parameters included

// Reads typed values out of a document and collects everything wrong with it. A read gives nothing when nothing is
// written there, and also when what is written is wrong: it has then been complained about, and reading goes on to find
// the rest.
class config_reader {
 public:
  explicit config_reader(const aws::environment& env) : env_(env) {}

  written_map keys_of(const written& map, std::span<const std::string_view> known);
  written_map keys_of(const written& map, std::initializer_list<std::string_view> known) {
    return keys_of(map, std::span(known.begin(), known.size()));
  }
  // Free names: only repeats are refused. `such` as these, where something else is written.
  written_map any_keys_of(const written& map, std::string_view such = {});
  std::vector<written> entries_of(const written& list);
  written required(const written_map& of, std::string_view key, std::string_view expected);

  // `expected` says what belongs there: "the name of a group".
  std::optional<std::string> text(const written& at, std::string_view expected, text_shape of = text_shape::line);
  // A list of texts, or one text in its place; at least one.
  std::optional<std::vector<std::string>> texts(const written& at, std::string_view expected,
                                                text_shape of = text_shape::line);
  std::optional<std::int64_t> count(const written& at, std::int64_t least, std::int64_t most);
  std::optional<double> number(const written& at, double least, double most);  // "1.5"
  std::optional<duration> span(const written& at, duration least, duration most);
  std::optional<bool> yes_no(const written& at);
  std::optional<std::size_t> choice(const written& at, std::span<const std::string_view> choices);  // its index

  void complain(mark where, const std::string& path, std::string_view what);
  void complain(const written& at, std::string_view what) { complain(at.value_mark(), at.path, what); }

  // What is not wrong, but may surprise.
  void remark(const written& at, std::string_view what) { remarks_.push_back(at.path + ": " + std::string(what)); }

  bool content() const { return complaints_.empty(); }
  const std::vector<complaint>& complaints() const { return complaints_; }
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  std::optional<std::string> scalar(const written& at, std::string_view expected);

  const aws::environment& env_;
  std::vector<complaint> complaints_;
  std::vector<std::string> remarks_;
};

// All of them in order of appearance, "file:line:column: what" each on its line, at most 20.
std::string render(std::span<const complaint> complaints, std::string_view file_name);

// Digits alone, without a leading zero, within both; nullopt: anything else.
std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t least, std::int64_t most);

// As it may be shown in a complaint: quoted, shortened, without control characters.
std::string shown(std::string_view text);
// "a, b, c"
std::string joined(std::span<const std::string_view> words);
// `; did you mean "timeout"? (known: a, b)`
std::string hint(std::string_view typed, std::span<const std::string_view> known);

}  // namespace lifehook::worker
