#pragma once

#include "base/clock.h"

#include <concepts>
#include <string>
#include <string_view>

namespace lifehook::simulator {

// Writes the inside of a Query answer: elements in the order given, text escaped.
class query_xml {
 public:
  query_xml& text(std::string_view name, std::string_view value);
  query_xml& flag(std::string_view name, bool value) { return text(name, value ? "true" : "false"); }
  query_xml& number(std::string_view name, std::integral auto value) { return text(name, std::to_string(value)); }
  query_xml& time(std::string_view name, time_point value);
  query_xml& open(std::string_view name);
  query_xml& close(std::string_view name);

  // <name><member>..</member>..</name>; `write(xml, each)` fills one member. EC2 calls its members "item".
  template <class Range, class Write>
  query_xml& list(std::string_view name, const Range& range, Write write, std::string_view member = "member") {
    open(name);
    for (const auto& each : range) {
      open(member);
      write(*this, each);
      close(member);
    }
    return close(name);
  }
  template <class Range, class Write>
  query_xml& items(std::string_view name, const Range& range, Write write) {
    return list(name, range, std::move(write), "item");
  }
  template <class Range>
  query_xml& texts(std::string_view name, const Range& range) {
    open(name);
    for (const auto& each : range) text("member", each);
    return close(name);
  }

  std::string take() && { return std::move(written_); }

 private:
  std::string written_;
};

}  // namespace lifehook::simulator
