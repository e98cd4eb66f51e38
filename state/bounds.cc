#include "state/bounds.h"

namespace lifehook::state {

namespace {

error too_long(std::string_view what, std::size_t bytes, std::size_t most) {
  return {errc::rejected, std::string(what)
                              .append(" of ")
                              .append(std::to_string(bytes))
                              .append(" bytes: the state keeps at most ")
                              .append(std::to_string(most))};
}

}  // namespace

result<> check_bounds(std::string_view key, std::string_view text) {
  if (key.empty()) return error{errc::rejected, "an empty key: the state needs a name"};
  if (key.size() > most_key_bytes) return too_long("a key", key.size(), most_key_bytes);
  if (text.size() > most_note_bytes) return too_long("a note", text.size(), most_note_bytes);
  return {};
}

}  // namespace lifehook::state
