#include "aws/curl_loop.h"

#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <stdexcept>
#include <utility>

namespace lifehook::aws {

using boost::system::error_code;

namespace {

constexpr long any_number = 1L << 20;  // of connections: whoever makes them counts them
constexpr std::chrono::milliseconds slow_look{100};

CURLM* open_multi() {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* const multi = global == CURLE_OK ? curl_multi_init() : nullptr;
  if (!multi) throw std::runtime_error("libcurl does not start");
  return multi;
}

}  // namespace

// The descriptor stays curl's, so it is always released, never closed here.
struct curl_loop::watched_socket {
  watched_socket(const loop_executor& executor, curl_socket_t n) : descriptor(executor, n), number(n) {}
  ~watched_socket() { drop(); }
  watched_socket(const watched_socket&) = delete;
  watched_socket& operator=(const watched_socket&) = delete;

  void drop() {
    wanted = 0;
    if (descriptor.is_open()) descriptor.release();
  }

  loop_descriptor descriptor;
  curl_socket_t number;
  int wanted = 0;   // CURL_POLL_IN | CURL_POLL_OUT
  int waiting = 0;  // the same bits, where a wait is under way
};

curl_loop::curl_loop(clock& time, loop_executor executor)
    : executor_(std::move(executor)), multi_(open_multi()), wake_(time), slow_(time) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &curl_loop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &curl_loop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, any_number);
}

curl_loop::~curl_loop() { curl_multi_cleanup(multi_); }

// Driven by a post, never from here: what ends at once must not end before its caller knows that it began.
result<> curl_loop::add(CURL* handle, connected_call done) {
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &curl_loop::on_open);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, &curl_loop::on_close);
  curl_easy_setopt(handle, CURLOPT_CLOSESOCKETDATA, this);
  const auto added = curl_multi_add_handle(multi_, handle);
  if (added != CURLM_OK) return error{errc::internal, curl_multi_strerror(added), {}};
  connecting_.emplace(handle, std::move(done));
  kick();
  if (connecting_.size() == 1) look_later();
  return {};
}

void curl_loop::remove(CURL* handle) {
  connecting_.erase(handle);
  curl_multi_remove_handle(multi_, handle);
  if (connecting_.empty()) slow_.unset();
}

void curl_loop::close() {
  closed_ = true;
  wake_.unset();
  slow_.unset();
}

std::shared_ptr<curl_loop::watched_socket>& curl_loop::place_of(curl_socket_t number) {
  const auto place = static_cast<std::size_t>(number);
  if (sockets_.size() <= place) sockets_.resize(place + 16);
  return sockets_[place];
}

// Waits under way may hold it a little longer.
int curl_loop::forget(curl_socket_t number) {
  auto& place = place_of(number);
  const int wanted = place ? place->wanted : 0;
  if (place) place->drop();
  place.reset();
  return wanted;
}

void curl_loop::watch_for(curl_socket_t number, int wanted) {
  auto& place = place_of(number);
  if (!place) place = std::make_shared<watched_socket>(executor_, number);
  place->wanted = wanted;
  watch(place);
}

std::shared_ptr<loop_descriptor> curl_loop::descriptor(curl_socket_t number) {
  if (number < 0) return nullptr;
  try {
    watch_for(number, 0);
    const auto& place = place_of(number);
    return {place, &place->descriptor};
  } catch (const boost::system::system_error&) {  // the reactor is full
    return nullptr;
  }
}

// A socket that has not connected yet is closed by curl (7.88 to 8.2) without a word. When its number comes again, what
// was known of it is void but for what curl waits for: that it does not say twice.
curl_socket_t curl_loop::on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept {
  const int number = ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
  if (number < 0) return CURL_SOCKET_BAD;
  try {
    auto* const loop = static_cast<curl_loop*>(self);
    if (const int wanted = loop->forget(number); wanted != 0) loop->watch_for(number, wanted);
    return number;
  } catch (...) {  // the reactor is full: to curl, a socket that cannot be had
    ::close(number);
    return CURL_SOCKET_BAD;
  }
}

int curl_loop::on_close(void* self, curl_socket_t number) noexcept {
  static_cast<curl_loop*>(self)->forget(number);
  return ::close(number);
}

int curl_loop::on_socket(CURL*, curl_socket_t number, int wanted, void* self, void*) noexcept {
  auto* const loop = static_cast<curl_loop*>(self);
  try {
    if (wanted == CURL_POLL_REMOVE)
      loop->forget(number);
    else
      loop->watch_for(number, wanted);
    return 0;
  } catch (...) {  // curl fails the transfer
    return -1;
  }
}

int curl_loop::on_timer(CURLM*, long wait_ms, void* self) noexcept {
  auto* const loop = static_cast<curl_loop*>(self);
  if (loop->closed_) return 0;
  try {
    if (wait_ms < 0)
      loop->wake_.unset();
    else if (wait_ms == 0)
      loop->kick();
    else
      loop->wait_at_most(wait_ms);
    return 0;
  } catch (...) {
    return -1;
  }
}

void curl_loop::watch(const std::shared_ptr<watched_socket>& which) {
  const auto wait_for = [&](int direction, loop_descriptor::wait_type what) {
    if ((which->wanted & direction) == 0 || (which->waiting & direction) != 0) return;
    which->waiting |= direction;
    which->descriptor.async_wait(what, [weak = weak_from_this(), which, direction](error_code failed) {
      which->waiting &= ~direction;
      if (const auto self = weak.lock()) self->ready(which, failed, direction);
    });
  };
  wait_for(CURL_POLL_IN, loop_descriptor::wait_read);
  wait_for(CURL_POLL_OUT, loop_descriptor::wait_write);
}

void curl_loop::ready(const std::shared_ptr<watched_socket>& which, error_code failed, int direction) {
  if ((which->wanted & direction) == 0) return;
  const int event = direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
  drive(which->number, failed ? CURL_CSELECT_ERR : event);
  if (which->descriptor.is_open()) watch(which);
}

void curl_loop::kick() {
  if (std::exchange(kicked_, true)) return;
  asio::post(executor_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->kicked_ = false;
    self->drive(CURL_SOCKET_TIMEOUT, 0);
  });
}

void curl_loop::wait_at_most(long wait_ms) {
  wake_.set(std::chrono::milliseconds(wait_ms), [this] { drive(CURL_SOCKET_TIMEOUT, 0); });
}

void curl_loop::drive(curl_socket_t number, int events) {
  if (closed_) return;
  int running = 0;
  curl_multi_socket_action(multi_, number, events, &running);
  tell_connected();
}

void curl_loop::tell_connected() {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
    auto connected = connecting_.extract(message->easy_handle);  // its call may remove the handle, and the message
    if (message->msg == CURLMSG_DONE && connected) connected.mapped()(message->data.result);
  }
  if (connecting_.empty()) slow_.unset();
}

// When an address of a name does not answer, libcurl 7.88 goes on with the next one only when it has another reason to
// look, which may be that the time is over (curl issue 11920); and woken a moment early, for its clock is another one,
// it does nothing and does not ask again. So it is told to look.
void curl_loop::look_later() {
  slow_.set(slow_look, [this] {
    int running = 0;
    curl_multi_perform(multi_, &running);
    tell_connected();
    if (!connecting_.empty()) look_later();
  });
}

}  // namespace lifehook::aws
