#include "aws/curl_transport.h"

#include "aws/curl_loop.h"
#include "aws/curl_transfer.h"
#include "base/version.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdint>
#include <new>
#include <optional>
#include <vector>

namespace lifehook::aws {

using boost::system::error_code;
using send_handler = asio::async_result<asio::use_awaitable_t<>, void(error_code, result<http_response>)>::handler_type;

namespace {

constexpr std::size_t idle_transfers = 32;  // kept for reuse, and as many more as are under way

struct share_cleanup {
  void operator()(CURLSH* shared) const { curl_share_cleanup(shared); }
};
using share = std::unique_ptr<CURLSH, share_cleanup>;

// TLS sessions serve every handle, so that a fresh connection is resumed and not negotiated from nothing.
share open_share() {
  share opened(curl_share_init());
  if (!opened) throw std::bad_alloc();
  curl_share_setopt(opened.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  return opened;
}

// One request under way, or a transfer at rest in the pool.
struct flight {
  flight(const curl_settings& with, CURLSH* shared) : transfer(with, shared) {
    curl_easy_setopt(transfer.handle(), CURLOPT_PRIVATE, this);
  }

  curl_transfer transfer;
  std::optional<send_handler> waiting;
  std::uint64_t number = 0;  // of the request: a late cancellation must not hit the next one
  std::size_t place = 0;     // among those under way
  curl_loop::deadlines::iterator deadline;
};

using flight_pointer = std::shared_ptr<flight>;

class flights : public std::enable_shared_from_this<flights> {
 public:
  flights(asio::any_io_executor executor, curl_settings with)
      : settings_(std::move(with)),
        shared_(open_share()),
        loop_(std::make_shared<curl_loop>(std::move(executor), settings_.cached_connections,
                                          settings_.connections_per_host,
                                          [this](CURL* transfer, CURLcode how) { land(flight_of(transfer), how); })) {}

  result<flight_pointer> board(http_request request);
  void start(const flight_pointer& which, send_handler waiting);
  void abort_all();

 private:
  flight_pointer flight_of(CURL* transfer) const;
  void cancel_by_slot(const flight_pointer& which);
  void land(const flight_pointer& which, CURLcode how);
  void abort(const flight_pointer& which);
  void leave(const flight_pointer& which);
  void resume(flight& which, error_code aborted, result<http_response> outcome);

  curl_settings settings_;
  share shared_;
  std::vector<flight_pointer> under_way_;
  std::vector<flight_pointer> idle_;
  std::shared_ptr<curl_loop> loop_;
  std::uint64_t started_ = 0;
};

result<flight_pointer> flights::board(http_request request) {
  flight_pointer boarded;
  if (idle_.empty()) {
    boarded = std::make_shared<flight>(settings_, shared_.get());
    loop_->adopt(boarded->transfer.handle());
  } else {
    boarded = std::move(idle_.back());
    idle_.pop_back();
  }
  if (auto prepared = boarded->transfer.prepare(std::move(request)); !prepared) return std::move(prepared).error();
  return boarded;
}

void flights::start(const flight_pointer& which, send_handler waiting) {
  which->number = ++started_;
  which->waiting.emplace(std::move(waiting));
  cancel_by_slot(which);
  which->place = under_way_.size();
  under_way_.push_back(which);
  const auto added = loop_->add(which->transfer.handle(), which->transfer.limit());
  if (added) {
    which->deadline = *added;
    return;
  }
  leave(which);
  resume(*which, {}, added.error());
}

void flights::cancel_by_slot(const flight_pointer& which) {
  auto slot = asio::get_associated_cancellation_slot(*which->waiting);
  if (!slot.is_connected()) return;
  slot.assign([weak = weak_from_this(), aimed = std::weak_ptr(which), number = which->number](asio::cancellation_type) {
    const auto self = weak.lock();
    const auto found = aimed.lock();
    if (self && found && found->waiting && found->number == number) self->abort(found);
  });
}

flight_pointer flights::flight_of(CURL* transfer) const {
  flight* found = nullptr;
  curl_easy_getinfo(transfer, CURLINFO_PRIVATE, &found);
  return under_way_[found->place];
}

void flights::land(const flight_pointer& which, CURLcode how) {
  loop_->remove(which->transfer.handle(), which->deadline);
  leave(which);
  auto outcome = which->transfer.outcome(how);
  resume(*which, {}, std::move(outcome));
  idle_.push_back(which);
  idle_.resize(std::min(idle_.size(), idle_transfers + under_way_.size()));
}

void flights::abort(const flight_pointer& which) {
  loop_->remove(which->transfer.handle(), which->deadline);
  leave(which);
  resume(*which, asio::error::operation_aborted, error{errc::cancelled, "the request was given up"});
}

void flights::leave(const flight_pointer& which) {
  const auto place = which->place;
  under_way_.back()->place = place;
  std::swap(under_way_[place], under_way_.back());
  under_way_.pop_back();
}

// Posted, so that nobody's code runs inside of curl's loop over what has ended.
void flights::resume(flight& which, error_code aborted, result<http_response> outcome) {
  auto handler = std::move(*which.waiting);
  which.waiting.reset();
  const auto executor = asio::get_associated_executor(handler, loop_->executor());
  asio::post(executor, [handler = std::move(handler), aborted, outcome = std::move(outcome)]() mutable {
    std::move(handler)(aborted, std::move(outcome));
  });
}

void flights::abort_all() {
  while (!under_way_.empty()) abort(flight_pointer(under_way_.back()));
}

class curl_transport final : public http_transport {
 public:
  curl_transport(asio::any_io_executor executor, curl_settings with)
      : flights_(std::make_shared<flights>(std::move(executor), std::move(with))) {}
  ~curl_transport() override { flights_->abort_all(); }

  task<result<http_response>> send(http_request request) override {
    const auto all = flights_;  // first, so last to go: the transport may end before this does
    auto boarded = all->board(std::move(request));
    if (!boarded) co_return std::move(boarded).error();
    auto start = [all, which = *boarded](send_handler waiting) { all->start(which, std::move(waiting)); };
    auto answer = asio::async_initiate<const asio::use_awaitable_t<>&, void(error_code, result<http_response>)>(
        std::move(start), asio::use_awaitable);
    co_return co_await std::move(answer);
  }

 private:
  std::shared_ptr<flights> flights_;
};

std::string either_case(const environment& env, std::string_view lower, std::string_view upper) {
  if (auto value = env(lower); value && !value->empty()) return *std::move(value);
  return env(upper).value_or("");
}

}  // namespace

curl_settings curl_settings_from(const environment& env) {
  curl_settings with;
  with.ca_file = env("AWS_CA_BUNDLE").value_or("");
  with.proxy = either_case(env, "https_proxy", "HTTPS_PROXY");
  with.http_proxy = either_case(env, "http_proxy", "HTTP_PROXY");
  with.no_proxy = either_case(env, "no_proxy", "NO_PROXY");
  with.user_agent = std::string("lifehook/").append(program_version());
  return with;
}

std::unique_ptr<http_transport> make_curl_transport(asio::any_io_executor executor, curl_settings with) {
  return std::make_unique<curl_transport>(std::move(executor), std::move(with));
}

}  // namespace lifehook::aws
