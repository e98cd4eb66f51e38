#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::worker {

// A place in a file, both counted from 1.
struct mark {
  unsigned line = 1;
  unsigned column = 1;
  auto operator<=>(const mark&) const = default;
};

// Something wrong with the file, and where.
struct complaint {
  mark where;
  std::string what;
};

struct yaml_entry;

// A YAML node as written: a scalar is its text, whatever it looks like (010 stays "010", yes stays "yes"); a map keeps
// its entries in order, repeated keys too, so that its reader can refuse them by name.
struct yaml_node {
  enum class shape { nothing, scalar, list, map };
  shape is = shape::nothing;
  mark where;
  std::string text;
  std::vector<yaml_node> list;
  std::vector<yaml_entry> map;
};

struct yaml_entry {
  std::string key;
  mark where;
  yaml_node value;
};

struct yaml_document {
  yaml_node root;                     // nothing when the file is empty
  std::vector<complaint> complaints;  // when there are any, root is not to be used
};

// Reads one YAML document of at most 1 MiB, 32 levels and 20000 nodes. Refused: syntax errors, what is not UTF-8, a
// second document, anchors and aliases, tags, keys that are not plain text. Never throws.
yaml_document read_yaml(std::string_view text);

}  // namespace lifehook::worker
