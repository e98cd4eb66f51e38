#pragma once

#include "simulator/dynamodb_value.h"

#include <compare>

namespace lifehook::simulator {

struct key_attribute {
  std::string name;
  std::string type;  // S, N, B
};

// An item's key in bytes that sort as DynamoDB sorts.
struct item_key {
  std::string partition, sort;
  auto operator<=>(const item_key&) const = default;
};

// A table: items by their key. What is written to it has been read by read_item.
class dynamodb_table {
 public:
  dynamodb_table(std::string name, key_attribute partition, std::optional<key_attribute> sort);

  // The key of a whole item, and of a Key that must hold nothing else. ValidationException with DynamoDB's text.
  or_fault<item_key> key_in(const boost::json::object& item) const;
  or_fault<item_key> key_of(const boost::json::object& key) const;
  boost::json::object key_part(const boost::json::object& item) const;
  bool is_key(std::string_view attribute) const;

  const boost::json::object* find(const item_key& key) const;
  void put(item_key key, boost::json::object item);
  void erase(const item_key& key) { items_.erase(key); }
  const std::map<item_key, boost::json::object>& items() const { return items_; }
  // Removes items whose time, in the TTL attribute, lies before `dead`: as on AWS not what is more than five years old.
  void remove_expired(time_point dead);

  const std::string& name() const { return name_; }
  const key_attribute& partition() const { return partition_; }
  const std::optional<key_attribute>& sort() const { return sort_; }

  std::string arn, id;
  time_point created;
  time_point active_from;             // CREATING before
  std::optional<time_point> gone_at;  // DELETING until
  std::string ttl_attribute;          // empty: no time to live

 private:
  std::string name_;
  key_attribute partition_;
  std::optional<key_attribute> sort_;
  std::map<item_key, boost::json::object> items_;
};

}  // namespace lifehook::simulator
