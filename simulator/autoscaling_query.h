#pragma once

#include "simulator/service.h"

#include <optional>

namespace lifehook::simulator {

// The parameters of a Query request by wire name ("Filters.member.1.Values.member.2"), read as their model says.
class query_parameters {
 public:
  explicit query_parameters(const std::map<std::string, std::string>& from) : from_(from) {}

  std::string text(const std::string& name) const;  // empty when absent
  std::optional<std::string> given(const std::string& name) const;
  or_fault<std::optional<int>> number(const std::string& name) const;
  bool flag(const std::string& name, bool otherwise = false) const;
  std::vector<std::string> list(const std::string& name) const;        // name.member.N, from 1
  std::vector<std::string> structures(const std::string& name) const;  // "name.member.N." of each there is
  or_fault<std::string> required(const std::string& name) const;

 private:
  const std::map<std::string, std::string>& from_;
};

// A slice of a listing: what follows the key in NextToken, at most `size`.
struct page_request {
  std::string after;  // key of the last one seen; empty: from the start
  std::size_t size = 0;
};
or_fault<page_request> read_page(const query_parameters& from, std::size_t otherwise, std::size_t most);
std::string next_token(std::string_view last_key);

}  // namespace lifehook::simulator
