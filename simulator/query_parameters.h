#pragma once

#include "simulator/service.h"

#include <optional>

namespace lifehook::simulator {

// How a Query protocol numbers its lists, and words what is missing from a request.
enum class query_style {
  members,  // "InstanceIds.member.1", ValidationError: Auto Scaling, ELB
  flat      // "InstanceId.1", MissingParameter: EC2
};

// The parameters of a Query request by wire name ("Filters.member.1.Values.member.2"), read as their model says.
class query_parameters {
 public:
  explicit query_parameters(const std::map<std::string, std::string>& from, query_style style = query_style::members)
      : from_(from), style_(style) {}

  std::string text(const std::string& name) const;  // empty when absent
  std::optional<std::string> given(const std::string& name) const;
  or_fault<std::optional<int>> number(const std::string& name) const;
  bool flag(const std::string& name, bool otherwise = false) const;
  std::vector<std::string> list(const std::string& name) const;        // name.member.N, from 1
  std::vector<std::string> structures(const std::string& name) const;  // "name.member.N." of each there is
  or_fault<std::string> required(const std::string& name) const;

 private:
  std::string numbered(const std::string& name, std::size_t place) const;

  const std::map<std::string, std::string>& from_;
  query_style style_;
};

// A slice of a listing: what follows the key in NextToken, at most `size`.
struct page_request {
  std::string after;  // key of the last one seen; empty: from the start
  std::size_t size = 0;
};
// What the two parameters of a page are called.
struct page_names {
  std::string size = "MaxRecords", token = "NextToken";
};
or_fault<page_request> read_page(const query_parameters& from, std::size_t otherwise, std::size_t most,
                                 const page_names& named = {});
std::string next_token(std::string_view last_key);
// The key that such a token was made of; empty when there is none.
or_fault<std::string> read_next_token(const query_parameters& from, const std::string& name);

}  // namespace lifehook::simulator
