#include "worker/config_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

namespace lifehook::worker {

namespace {

constexpr std::size_t largest_file = 1 << 20;
constexpr std::size_t deepest = 32;
constexpr std::size_t most_nodes = 20'000;

mark mark_of(const YAML::Mark& from) {
  if (from.is_null()) return {};
  return {static_cast<unsigned>(from.line) + 1, static_cast<unsigned>(from.column) + 1};
}

yaml_node node_of(yaml_node::shape shape, const YAML::Mark& where) {
  yaml_node node;
  node.is = shape;
  node.where = mark_of(where);
  return node;
}

[[noreturn]] void give_up(const YAML::Mark& where, const std::string& why) { throw YAML::ParserException(where, why); }

// Builds our own tree from yaml-cpp's events: its Node keeps duplicate keys silently and follows aliases.
class tree_builder final : public YAML::EventHandler {
 public:
  yaml_document finish() && { return std::move(document_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& where, const std::string&) override { refuse(where, "anchors are not allowed"); }

  void OnAlias(const YAML::Mark& where, YAML::anchor_t) override {
    refuse(where, "aliases are not allowed; write the value out");
    add(where, node_of(yaml_node::shape::nothing, where));
  }
  void OnNull(const YAML::Mark& where, YAML::anchor_t) override {
    add(where, node_of(yaml_node::shape::nothing, where));
  }

  void OnScalar(const YAML::Mark& where, const std::string& tag, YAML::anchor_t, const std::string& text) override {
    check_tag(where, tag);
    auto scalar = node_of(yaml_node::shape::scalar, where);
    scalar.text = text;
    add(where, std::move(scalar));
  }
  void OnSequenceStart(const YAML::Mark& where, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(where, tag, yaml_node::shape::list);
  }
  void OnMapStart(const YAML::Mark& where, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(where, tag, yaml_node::shape::map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct open_node {
    yaml_node node;
    std::optional<yaml_entry> entry;  // of a map: its key is read, its value is next
  };

  void refuse(const YAML::Mark& where, std::string what) {
    document_.complaints.push_back({mark_of(where), std::move(what)});
  }

  void check_tag(const YAML::Mark& where, const std::string& tag) {
    // yaml-cpp's own words for "plain" and "quoted"
    if (!tag.empty() && tag != "?" && tag != "!") refuse(where, "tags are not allowed, got " + tag);
  }

  bool at_key() const { return !open_.empty() && open_.back().node.is == yaml_node::shape::map && !open_.back().entry; }

  void open(const YAML::Mark& where, const std::string& tag, yaml_node::shape shape) {
    check_tag(where, tag);
    if (at_key()) give_up(where, "a key must be text");
    if (open_.size() >= deepest) give_up(where, "nested too deep");
    open_.push_back({node_of(shape, where), {}});
  }

  void close() {
    auto done = std::move(open_.back().node);
    open_.pop_back();
    add(YAML::Mark::null_mark(), std::move(done));
  }

  void add(const YAML::Mark& where, yaml_node node) {
    if (++nodes_ > most_nodes) give_up(where, "too much written");
    if (open_.empty()) {
      document_.root = std::move(node);
    } else if (at_key()) {
      if (node.is != yaml_node::shape::scalar) give_up(where, "a key must be text");
      open_.back().entry = yaml_entry{std::move(node.text), node.where, {}};
    } else if (auto& parent = open_.back(); parent.node.is == yaml_node::shape::map) {
      // yaml-cpp marks an absent value where the next token is, which may be lines away.
      if (node.is == yaml_node::shape::nothing) node.where = parent.entry->where;
      parent.entry->value = std::move(node);
      parent.node.map.push_back(*std::exchange(parent.entry, std::nullopt));
    } else {
      parent.node.list.push_back(std::move(node));
    }
  }

  yaml_document document_;
  std::vector<open_node> open_;
  std::size_t nodes_ = 0;
};

// Stands where a second document would be read.
class no_more final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& where) override { give_up(where, "a second document is not allowed"); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

yaml_document refused(mark where, std::string what) {
  yaml_document document;
  document.complaints.push_back({where, std::move(what)});
  return document;
}

// The bytes a UTF-8 character may have, by its first one; only the second's range differs.
struct character {
  unsigned char first_least, first_most, second_least, second_most;
  std::size_t size;
};
constexpr std::array<character, 9> characters = {{{0x00, 0x7f, 0, 0, 1},
                                                  {0xc2, 0xdf, 0x80, 0xbf, 2},
                                                  {0xe0, 0xe0, 0xa0, 0xbf, 3},
                                                  {0xe1, 0xec, 0x80, 0xbf, 3},
                                                  {0xed, 0xed, 0x80, 0x9f, 3},
                                                  {0xee, 0xef, 0x80, 0xbf, 3},
                                                  {0xf0, 0xf0, 0x90, 0xbf, 4},
                                                  {0xf1, 0xf3, 0x80, 0xbf, 4},
                                                  {0xf4, 0xf4, 0x80, 0x8f, 4}}};

bool is_within(char c, unsigned char least, unsigned char most) {
  const auto byte = static_cast<unsigned char>(c);
  return least <= byte && byte <= most;
}

bool begins_with(std::string_view text, const character& form) {
  if (text.size() < form.size || !is_within(text[0], form.first_least, form.first_most)) return false;
  if (form.size > 1 && !is_within(text[1], form.second_least, form.second_most)) return false;
  const auto rest = text.substr(0, form.size).substr(std::min<std::size_t>(2, form.size));
  return std::all_of(rest.begin(), rest.end(), [](char c) { return is_within(c, 0x80, 0xbf); });
}

// Of the character that begins here; 0 when it is not UTF-8.
std::size_t character_size(std::string_view text) {
  const auto found = std::find_if(characters.begin(), characters.end(),
                                  [text](const character& form) { return begins_with(text, form); });
  return found == characters.end() ? 0 : found->size;
}

std::optional<mark> first_that_is_not_utf8(std::string_view text) {
  mark here;
  while (!text.empty()) {
    const auto size = character_size(text);
    if (size == 0) return here;
    here = text[0] == '\n' ? mark{here.line + 1, 1} : mark{here.line, here.column + 1};
    text.remove_prefix(size);
  }
  return std::nullopt;
}

// What is mostly meant where yaml-cpp says this.
constexpr std::string_view quote = "put text that begins with one of * ? & ! % @ ` in quotes: \"*\"";
constexpr std::string_view indent = "the lines of one list or map begin in the same column";
constexpr std::string_view close = "a [, a { or a quote before it is not closed";
const std::array<std::pair<std::string_view, std::string_view>, 12> meanings = {
    {{YAML::ErrorMsg::ALIAS_NOT_FOUND, quote},
     {YAML::ErrorMsg::ANCHOR_NOT_FOUND, quote},
     {YAML::ErrorMsg::UNKNOWN_ANCHOR, quote},
     {YAML::ErrorMsg::CHAR_IN_ALIAS, quote},
     {YAML::ErrorMsg::CHAR_IN_ANCHOR, quote},
     {YAML::ErrorMsg::UNKNOWN_TOKEN, quote},
     {YAML::ErrorMsg::MAP_VALUE, "lines of one map begin in the same column, and a value with \": \" in it has quotes"},
     {YAML::ErrorMsg::END_OF_MAP, indent},
     {YAML::ErrorMsg::END_OF_SEQ, indent},
     {YAML::ErrorMsg::BLOCK_ENTRY,
      "a [ or { before it is not closed, or it is not in the column of the list's other lines"},
     {YAML::ErrorMsg::END_OF_MAP_FLOW, close},
     {YAML::ErrorMsg::END_OF_SEQ_FLOW, close}}};

// Within {} and [] the brace of an unquoted ${NAME} opens a map, and what follows it makes no sense to YAML.
bool follows_a_variable(std::string_view text, const YAML::Mark& where) {
  if (where.is_null() || static_cast<std::size_t>(where.pos) > text.size()) return false;
  return text.substr(0, static_cast<std::size_t>(where.pos) + 1).ends_with("${");
}

std::string advice(std::string_view text, const YAML::Exception& thrown) {
  if (follows_a_variable(text, thrown.mark)) return "; inside {} and [] put quotes round ${NAME}: \"${NAME}\"";
  const auto* const found =
      std::find_if(meanings.begin(), meanings.end(), [&thrown](const auto& each) { return each.first == thrown.msg; });
  return found == meanings.end() ? "" : std::string("; ").append(found->second);
}

std::string_view line_of(std::string_view text, int number) {
  for (; number > 0 && !text.empty(); --number) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find('\n'));
}

// The first tab before what a line says, where YAML takes spaces only: it complains of what follows.
std::optional<mark> indenting_tab(std::string_view text, const YAML::Mark& where) {
  if (where.is_null()) return std::nullopt;
  const auto line = line_of(text, where.line);
  const auto tab = line.substr(0, line.find_first_not_of(" \t-")).find('\t');
  if (tab == line.npos || tab > static_cast<std::size_t>(where.column)) return std::nullopt;
  return mark{static_cast<unsigned>(where.line) + 1, static_cast<unsigned>(tab) + 1};
}

yaml_document not_yaml(std::string_view text, const YAML::Exception& thrown) {
  if (const auto tab = indenting_tab(text, thrown.mark))
    return refused(*tab, "not YAML: a tab cannot indent, write spaces (" + thrown.msg + ")");
  return refused(mark_of(thrown.mark), std::string("not YAML: ").append(thrown.msg).append(advice(text, thrown)));
}

}  // namespace

yaml_document read_yaml(std::string_view text) {
  if (text.size() > largest_file) return refused({}, "the file is larger than 1 MiB");
  if (const auto zero = text.find('\0'); zero != text.npos) return refused({}, "the file is not text");
  if (const auto broken = first_that_is_not_utf8(text)) return refused(*broken, "the file is not UTF-8 text");
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    tree_builder builder;
    no_more end;
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(end);
    return std::move(builder).finish();
  } catch (const YAML::Exception& thrown) {
    return not_yaml(text, thrown);
  }
}

}  // namespace lifehook::worker
