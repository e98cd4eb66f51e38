#pragma once

#include "aws/http_transport.h"

#include <boost/asio/buffer.hpp>

#include <string>

namespace lifehook::simulator {

// Takes HTTP/1.1 requests off the bytes of one connection, pipelined ones too: read into room(), say received(), look
// at next(). Head up to 64 KiB, body up to 2 MiB with Content-Length only. Keeps the headers AWS's services look at.
class http_reader {
 public:
  enum class status { needs_more, complete, refused };

  boost::asio::mutable_buffer room();
  void received(std::size_t count) { end_ += count; }
  status next();

  aws::http_request take();                          // after complete: moves on to the next one
  bool keeps_alive() const { return keeps_alive_; }  // of the request last taken
  int refusal() const { return refusal_; }           // after refused: the status to answer with

 private:
  status refuse(int with);
  bool read_head(std::string_view head);
  bool read_request_line(std::string_view line);
  bool read_header(std::string_view line);
  bool read_length(std::string_view value);
  std::string_view unread() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }

  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what is received and not yet taken
  std::size_t searched_ = 0;         // of the unread: holds no end of head
  std::size_t head_size_ = 0;        // 0: not yet read
  std::size_t body_size_ = 0;
  bool has_length_ = false;
  bool keeps_alive_ = true;
  int refusal_ = 0;
  aws::http_request request_;
};

}  // namespace lifehook::simulator
