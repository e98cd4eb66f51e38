#pragma once

#include "aws/http_transport.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace lifehook::aws {

// The bytes of one answer become a response, as they come: lengths, chunks, or everything until the other side hangs
// up. "100 Continue" and its like are passed over. Meant to be used again and again. Bytes are parsed by Beast.
class http_answer {
 public:
  enum class state { incomplete, complete, broken };

  http_answer();
  ~http_answer();
  http_answer(const http_answer&) = delete;
  http_answer& operator=(const http_answer&) = delete;

  // To HEAD no body is expected, whatever its headers say.
  void expect(bool head_only, std::size_t max_body);
  state read(std::string_view bytes);
  state hang_up();  // the other side has closed

  bool has_begun() const { return begun_; }  // a byte of it has come
  bool may_stay_connected() const;           // of a complete one: the connection can carry the next request
  http_response take();                      // of a complete one, once
  void forget();                             // what has come of it
  std::string why() const;                   // it is broken: a clause
  errc meaning() const;                      // of that: unreachable, or too_large

 private:
  class parser;

  state note(state now) { return state_ = now; }
  state parse(std::string_view bytes);
  state break_off(std::string why, errc meaning = errc::unreachable);
  state too_long(errc meaning);

  std::unique_ptr<parser> parser_;
  std::string pending_;  // not understood yet: the first half of a line
  std::string why_;
  errc meaning_ = errc::unreachable;
  std::size_t max_body_ = 0;
  state state_ = state::incomplete;
  bool head_only_ = false;
  bool begun_ = false;
  bool surplus_ = false;  // more bytes than the answer has: who knows what they are
};

}  // namespace lifehook::aws
