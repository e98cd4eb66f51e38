#pragma once

#include <boost/json/object.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lifehook::worker {

// What stands for the words in capitals of deploy/iam: REGION, ACCOUNT, CLUSTER... Each may have several values.
using policy_words = std::map<std::string, std::vector<std::string>, std::less<>>;

// An IAM policy put together from those of deploy/iam, which are part of the program. A statement is allowed for each
// of its words' values, in the partition of AWS that REGION is in; one with a word that has none is left out: nothing
// of the kind is configured. Nothing is widened where policies are added up: what differs in its resources and in its
// conditions too stays apart. What is allowed on the same resources under the same conditions becomes one statement.
class policy_document {
 public:
  // `name` of a file in deploy/iam, without its ending; may be added again, with other words.
  void add(std::string_view name, const policy_words& with);
  // JSON, a statement a line.
  std::string text() const;
  // Characters as IAM counts them: without white space.
  std::size_t size() const;

 private:
  struct statement {
    std::string sid;
    std::size_t number = 1;  // of those with this sid
    std::set<std::string> actions{};
    std::set<std::string> resources{};
    std::map<std::pair<std::string, std::string>, std::set<std::string>> conditions{};  // by operator and key
  };
  void add_statement(std::string_view name, const boost::json::object& from, const policy_words& with);
  void add_up(statement one);
  static std::set<std::string> expanded(std::string_view text, const policy_words& with);
  static boost::json::object written(const statement& of);
  std::vector<statement> merged() const;

  std::vector<statement> statements_;
};

}  // namespace lifehook::worker
