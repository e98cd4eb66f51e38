#pragma once

#include "simulator/service.h"

#include <memory>
#include <optional>

namespace lifehook::simulator {

// Amazon DynamoDB: tables keyed by one or two attributes, items with conditions, names and values checked by DynamoDB's
// own rules (reserved words, unused placeholders, types, keys, redundant parentheses), updates by SET and REMOVE.
// No indexes, streams, transactions, batches; the parameters from before expressions are refused. Each call takes
// effect at once and whole. Tables created over the wire are CREATING for three seconds. Actions: CreateTable,
// DescribeTable, DeleteTable, ListTables, UpdateTimeToLive, DescribeTimeToLive, GetItem, PutItem, UpdateItem,
// DeleteItem, Query (one partition), Scan.
class dynamodb : public service {
 public:
  static std::unique_ptr<dynamodb> make(clock& time, account owner, std::uint64_t seed);

  // ACTIVE at once, keyed by a text attribute; with a time to live when its attribute is named.
  virtual void create_table(std::string name, std::string key = "key", std::string ttl_attribute = {}) = 0;
  virtual void delete_table(std::string_view name) = 0;  // gone at once
  // {"key":{"S":"a"},...} by key; empty for an unknown table.
  virtual std::vector<boost::json::object> items(std::string_view table) = 0;
  // Expired items are removed that much after their time. Unset they stay readable, as they may on AWS for days.
  virtual void remove_expired(std::optional<duration> after) = 0;
};

}  // namespace lifehook::simulator
