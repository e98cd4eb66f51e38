#pragma once

#include "simulator/dynamodb_value.h"

#include <set>
#include <variant>

namespace lifehook::simulator {

// The way to an attribute or into a document: names and places in lists, placeholders already resolved.
using document_path = std::vector<std::variant<std::string, std::size_t>>;

std::string to_text(const document_path& path);  // "[a, b, [0]]"
const boost::json::value* find(const boost::json::object& item, const document_path& path);

// ExpressionAttributeNames and ExpressionAttributeValues of a request, and which of them its expressions have used.
class placeholders {
 public:
  static or_fault<placeholders> read(const boost::json::object& asked);

  const std::string* name(const std::string& placeholder);          // "#k"; null: not defined
  const boost::json::value* value(const std::string& placeholder);  // ":v"; null: not defined
  or_fault<> all_used() const;                                      // DynamoDB refuses what nothing uses

 private:
  std::map<std::string, std::string> names_;
  std::map<std::string, boost::json::value> values_;
  std::set<std::string> unused_names_, unused_values_;
};

// Reads one expression from left to right. The first failure counts and ends the reading: whatever is read after it is
// empty, so that grammars need to look for it only once, at their end.
class expression_reader {
 public:
  // `kind` as requests name it: "ConditionExpression".
  expression_reader(std::string_view kind, std::string_view text, placeholders& known);

  bool at_end() const { return next_ == tokens_.size(); }
  bool is(std::string_view what) const;  // a symbol, or a keyword in any case
  bool take(std::string_view what);      // passes over it if it is next
  void expect(std::string_view what);
  bool starts_value() const;     // ":v"
  bool starts_function() const;  // a word and "("
  std::string word();
  document_path path();
  boost::json::value value();

  void fail(std::string_view why);  // "Invalid ConditionExpression: {why}"
  void fail_here();                 // syntax error at the next token
  const std::optional<fault>& failed() const { return failed_; }

 private:
  void split(std::string_view text);
  std::string name();
  std::string near() const;

  std::string kind_;
  placeholders& known_;
  std::vector<std::string> tokens_;
  std::size_t next_ = 0;
  std::optional<fault> failed_;
};

}  // namespace lifehook::simulator
