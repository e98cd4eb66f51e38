#include "simulator/query_xml.h"

#include "base/time_text.h"

namespace lifehook::simulator {
namespace {

void append_escaped(std::string& to, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': to += "&amp;"; break;
      case '<': to += "&lt;"; break;
      case '>': to += "&gt;"; break;
      case '"': to += "&quot;"; break;
      case '\r': to += "&#xD;"; break;  // an XML reader would otherwise turn it into a line feed
      default: to += c;
    }
  }
}

}  // namespace

query_xml& query_xml::open(std::string_view name) {
  written_.append("<").append(name).append(">");
  return *this;
}

query_xml& query_xml::close(std::string_view name) {
  written_.append("</").append(name).append(">");
  return *this;
}

query_xml& query_xml::text(std::string_view name, std::string_view value) {
  open(name);
  append_escaped(written_, value);
  return close(name);
}

query_xml& query_xml::time(std::string_view name, time_point value) { return text(name, to_rfc3339(value)); }

}  // namespace lifehook::simulator
