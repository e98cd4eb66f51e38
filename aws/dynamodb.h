#pragma once

#include "aws/client.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace lifehook::aws {

// An attribute's value: {"S": ..} or {"N": ..}; other types are left out of what is read.
using attribute = std::variant<std::string, std::int64_t>;
using attributes = std::map<std::string, attribute>;

struct condition {
  std::string expression;                      // "attribute_not_exists(#k) OR #t < :now"; empty: none
  std::map<std::string, std::string> names{};  // "#k" to attribute name: reserved words need it
  attributes values{};                         // ":now"
};

// Whether a conditional write found its condition unmet: the normal answer of a lost race, errc::rejected. After a lost
// answer it may be our own write that it met: look at what is stored.
bool is_condition_unmet(const error& why);

// Amazon DynamoDB, only the calls the worker makes; one table, keyed by the text attribute `key`. denied: no such table
// (or not yet ACTIVE), or one with another key.
class dynamodb {
 public:
  dynamodb(client& with, std::string table) : client_(with), table_(std::move(table)) {}

  static constexpr std::string_view key = "key";
  const std::string& table() const { return table_; }
  duration clock_ahead() const { return client_.clock_ahead(); }  // AWS's of ours, see client

  task<result<std::optional<attributes>>> get(std::string of);  // consistent; nullopt: none
  task<result<>> put(attributes whole, condition when = {});
  task<result<>> remove(std::string of, condition when = {});

 private:
  client& client_;
  std::string table_;
};

}  // namespace lifehook::aws
