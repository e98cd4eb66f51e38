#pragma once

#include "base/backoff.h"
#include "simulator/dynamodb_table.h"

namespace lifehook::simulator {

// The tables of an account behind DynamoDB's wire.
class dynamodb_model {
 public:
  dynamodb_model(clock& time, account owner, std::uint64_t seed);

  dynamodb_table& create(dynamodb_table made, duration creating);  // replaces none of that name
  void remove(dynamodb_table& which, duration deleting);
  // By name or arn, in whatever state; null: unknown.
  dynamodb_table* find(std::string_view reference);
  // ResourceNotFoundException unless it is ACTIVE: what calls on items need.
  or_fault<dynamodb_table*> active(std::string_view reference);
  std::string_view status(const dynamodb_table& of) const;  // CREATING, ACTIVE, DELETING
  std::vector<std::string> names();

  void remove_expired(std::optional<duration> after) { expired_after_ = after; }
  time_point now() const { return clock_.now(); }

 private:
  clock& clock_;
  account owner_;
  random_source random_;
  std::map<std::string, dynamodb_table, std::less<>> tables_;
  std::optional<duration> expired_after_;
};

}  // namespace lifehook::simulator
