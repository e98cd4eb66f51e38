#include "aws/canonical.h"

#include "aws/percent.h"
#include "aws/sigv4.h"

#include <algorithm>
#include <array>

namespace lifehook::aws {

namespace {

constexpr std::size_t room_for_names = 128;  // of signed headers, as a rule

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr unsigned char byte(char c) { return static_cast<unsigned char>(c); }

constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view without_default_port(std::string_view scheme, std::string_view authority) {
  const auto port = scheme == "https" ? std::string_view(":443") : std::string_view(":80");
  if (authority.ends_with(port)) authority.remove_suffix(port.size());
  return authority;
}

// What proxies and transports add or change on the way, and so cannot be signed.
bool is_mutable(std::string_view name) {
  constexpr std::array<std::string_view, 11> names = {
      "authorization", "connection",        "expect",  "host",       "keep-alive",     "te",
      "trailer",       "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id"};
  constexpr std::string_view of_proxies = "proxy-";
  return same_header(name.substr(0, of_proxies.size()), of_proxies) ||
         std::any_of(names.begin(), names.end(), [name](auto each) { return same_header(name, each); });
}

void append_collapsed(std::string& out, std::string_view value) {
  const auto start = out.size();
  while (!value.empty()) {
    const auto word = std::find_if(value.begin(), value.end(), is_space);
    const auto length = static_cast<std::size_t>(word - value.begin());
    if (length > 0) out.append(out.size() > start ? " " : "").append(value.substr(0, length));
    value.remove_prefix(std::min(length + 1, value.size()));
  }
}

// Names in any case: they are told apart without it.
struct signed_header {
  std::string_view name;
  std::string_view value;
};

bool is_before(const signed_header& one, const signed_header& other) {
  return std::lexicographical_compare(one.name.begin(), one.name.end(), other.name.begin(), other.name.end(),
                                      [](char a, char b) { return byte(lower(a)) < byte(lower(b)); });
}

std::vector<signed_header> headers_to_sign(const http_request& request, std::string_view host) {
  std::vector<signed_header> headers;
  headers.reserve(request.headers.size() + 1);
  headers.push_back({"host", host});
  for (const auto& [name, value] : request.headers) {
    if (is_mutable(name)) continue;
    const signed_header one{name, value};
    headers.insert(std::upper_bound(headers.begin(), headers.end(), one, is_before), one);
  }
  return headers;
}

void append_lower(std::string& out, std::string_view text) {
  const auto start = static_cast<std::ptrdiff_t>(out.size());
  out.append(text);
  std::transform(out.begin() + start, out.end(), out.begin() + start, lower);
}

// Repeated headers become one line, their values joined in the order they were given.
std::string append_headers(std::string& out, const std::vector<signed_header>& headers) {
  std::string names;
  names.reserve(room_for_names);
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (i > 0 && same_header(headers[i].name, headers[i - 1].name)) {
      out += ',';
    } else {
      if (i > 0) out += '\n', names += ';';
      const auto name = names.size();
      append_lower(names, headers[i].name);
      out.append(names, name);
      out += ':';
    }
    append_collapsed(out, headers[i].value);
  }
  out += '\n';
  return names;
}

std::string normalized_path(std::string_view path) {
  if (path == "/") return "/";  // of nearly all
  std::vector<std::string_view> kept;
  const bool trailing = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const auto segment : kept) out.append("/").append(segment);
  if (out.empty() || trailing) out += '/';
  return out;
}

void append_query(std::string& out, std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    auto& [name, value] = parameters.emplace_back();
    append_encoded(name, percent_decoded(pair.substr(0, equals)));
    append_encoded(value, percent_decoded(pair.substr(std::min(equals + 1, pair.size()))));
  }
  std::sort(parameters.begin(), parameters.end());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (i > 0) out += '&';
    out.append(parameters[i].first).append("=").append(parameters[i].second);
  }
}

}  // namespace

url_parts split_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  const auto scheme = scheme_end == std::string_view::npos ? std::string_view() : url.substr(0, scheme_end);
  auto rest = scheme_end == std::string_view::npos ? url : url.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto authority_end = std::min(rest.find_first_of("/?"), rest.size());
  const auto question = std::min(rest.find('?'), rest.size());
  url_parts parts;
  const auto authority = rest.substr(0, authority_end);
  parts.host = without_default_port(scheme, authority.substr(authority.rfind('@') + 1));
  parts.path = question > authority_end ? rest.substr(authority_end, question - authority_end) : std::string_view("/");
  parts.query = rest.substr(std::min(question + 1, rest.size()));
  return parts;
}

std::size_t room_for_head(const http_request& request) {
  std::size_t room = 512 + request.url.size();
  for (const auto& [name, value] : request.headers) room += name.size() + value.size() + 4;
  return room;
}

bool same_header(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

canonical_request canonicalize(const http_request& request, std::string_view payload_hash) {
  const auto parts = split_url(request.url);
  canonical_request made;
  auto& text = made.text;
  text.reserve(room_for_head(request));
  text.append(request.method).append("\n");
  append_encoded(text, normalized_path(parts.path), "/");
  text += '\n';
  append_query(text, parts.query);
  text += '\n';
  made.signed_headers = append_headers(text, headers_to_sign(request, parts.host));
  text.append("\n").append(made.signed_headers).append("\n").append(payload_hash);
  return made;
}

}  // namespace lifehook::aws
