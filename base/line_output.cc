#include "base/line_output.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace lifehook {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_pending = 1U << 20;
constexpr duration last_patience = 500ms;

bool has_a_reader(int descriptor) {
  struct stat what{};
  return fstat(descriptor, &what) == 0 && (S_ISFIFO(what.st_mode) || S_ISSOCK(what.st_mode));
}

// A pipe with room takes PIPE_BUF bytes at once.
bool has_room(int descriptor, int patience_ms) {
  pollfd asked{descriptor, POLLOUT, 0};
  return poll(&asked, 1, patience_ms) == 1;
}

}  // namespace

line_output::line_output(int descriptor) : descriptor_(descriptor), may_block_(has_a_reader(descriptor)) {}

line_output::~line_output() { flush(last_patience); }

void line_output::write(std::string_view line) {
  drain(0);
  catch_up();
  const bool behind = untold_ > 0 && !refuses_;
  if (behind || pending_.size() + line.size() + 1 > most_pending) return drop(1);
  pending_.append(line).push_back('\n');
  drain(0);
  catch_up();
}

void line_output::flush(duration longest) {
  drain(static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(longest).count()));
}

void line_output::drop(std::uint64_t lines) {
  dropped_ += lines;
  untold_ += lines;
}

// Not at the first byte of room: a reader that is slow would be told with every other line.
void line_output::catch_up() {
  if (untold_ == 0 || refuses_ || pending_.size() > most_pending / 2) return;
  const auto lost = std::exchange(untold_, 0U);
  if (tell_) tell_(lost);
}

void line_output::took(std::size_t bytes) {
  if (bytes == 0) return;
  refuses_ = false;
  mid_line_ = pending_[bytes - 1] != '\n';
  pending_.erase(0, bytes);
}

// The rest of a line begun is kept: the next line that finds room must not be written into it.
void line_output::refused() {
  refuses_ = true;
  const auto kept = mid_line_ ? pending_.find('\n') + 1 : 0;
  const auto lost = std::count(pending_.begin() + static_cast<std::ptrdiff_t>(kept), pending_.end(), '\n');
  pending_.resize(kept);
  drop(static_cast<std::uint64_t>(lost));
}

bool line_output::drain(int patience_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  std::size_t written = 0;
  bool refuses = false;
  while (written < pending_.size()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    if (may_block_ && !has_room(descriptor_, static_cast<int>(std::max<decltype(left)>(left, 0)))) break;
    const auto count = std::min<std::size_t>(pending_.size() - written, PIPE_BUF);
    const auto done = ::write(descriptor_, pending_.data() + written, count);
    if (done > 0) written += static_cast<std::size_t>(done);
    if (done > 0 || errno == EINTR) continue;
    refuses = errno != EAGAIN;
    break;
  }
  took(written);
  if (refuses) refused();
  return pending_.empty();
}

}  // namespace lifehook
