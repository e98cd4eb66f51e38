#include "handlers/lock_line.h"

namespace lifehook::handlers {

lock_line::place::place(lock_line& in, const std::string& key, loop_executor executor)
    : all_(in.lines_),
      line_(all_.try_emplace(key).first),
      mine_(line_->second.insert(line_->second.end(), this)),
      woken_(std::move(executor)) {}

lock_line::place::~place() {
  auto& line = line_->second;
  line.erase(mine_);
  if (line.empty())
    all_.erase(line_);
  else
    line.front()->woken_.wake_all();
}

task<result<>> lock_line::place::until_first() {
  while (!is_first()) co_await woken_.wait();
  co_return result<>();
}

}  // namespace lifehook::handlers
