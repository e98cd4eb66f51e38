#include "aws/curl_transport.h"

#include "aws/http_exchange.h"
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
using send_handler =
    asio::async_result<asio::use_awaitable_t<loop_executor>, void(error_code, result<http_response>)>::handler_type;

namespace {

constexpr std::size_t idle_flights = 32;  // kept for reuse, and as many more as are under way
constexpr std::size_t room = 64 << 10;    // four records of TLS

struct share_cleanup {
  void operator()(CURLSH* shared) const { curl_share_cleanup(shared); }
};
using share = std::unique_ptr<CURLSH, share_cleanup>;

// TLS sessions serve every connection, so that a fresh one is resumed and not negotiated from nothing.
share open_share() {
  share opened(curl_share_init());
  if (!opened) throw std::bad_alloc();
  curl_share_setopt(opened.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  return opened;
}

class flights;

// One request under way with the coroutine that waits for it, or at rest for the next.
struct flight {
  explicit flight(flights& of);

  flights& all;
  std::shared_ptr<http_exchange> exchange;
  std::optional<send_handler> waiting{};
  std::uint64_t number = 0;  // of the request: a late cancellation must not hit the next one
  std::size_t place = 0;     // among those under way
  alarm limit;
};

using flight_pointer = std::shared_ptr<flight>;

class flights : public std::enable_shared_from_this<flights> {
 public:
  flights(clock& time, const loop_executor& executor, curl_settings with)
      : time_(time),
        shared_(open_share()),
        means_{.pool = connection_pool(with.resting_connections),
               .settings = std::move(with),
               .shared = shared_.get(),
               .loop = std::make_shared<curl_loop>(time, executor),
               .room = std::vector<char>(room)} {}

  result<flight_pointer> board(http_request request);
  void start(const flight_pointer& which, send_handler waiting);
  void land(flight& which, result<http_response> outcome);
  void late(flight& which);
  void abort_all();
  exchange_means& means() { return means_; }
  clock& time() { return time_; }

 private:
  void cancel_by_slot(const flight_pointer& which);
  void abort(flight& which);
  flight_pointer leave(flight& which);
  void resume(flight& which, error_code aborted, result<http_response> outcome);

  clock& time_;
  share shared_;
  exchange_means means_;
  std::vector<flight_pointer> under_way_;
  std::vector<flight_pointer> idle_;
  std::uint64_t started_ = 0;
};

flight::flight(flights& of)
    : all(of),
      exchange(std::make_shared<http_exchange>(
          of.means(), [this](result<http_response> outcome) { all.land(*this, std::move(outcome)); })),
      limit(of.time()) {}

result<flight_pointer> flights::board(http_request request) {
  flight_pointer boarded;
  if (idle_.empty()) {
    boarded = std::make_shared<flight>(*this);
  } else {
    boarded = std::move(idle_.back());
    idle_.pop_back();
  }
  if (auto prepared = boarded->exchange->prepare(std::move(request)); !prepared) return std::move(prepared).error();
  return boarded;
}

void flights::start(const flight_pointer& which, send_handler waiting) {
  which->number = ++started_;
  which->waiting.emplace(std::move(waiting));
  cancel_by_slot(which);
  which->place = under_way_.size();
  under_way_.push_back(which);
  which->limit.set(which->exchange->limit(), [flown = which.get()] { flown->all.late(*flown); });
  which->exchange->start();
}

void flights::cancel_by_slot(const flight_pointer& which) {
  auto slot = asio::get_associated_cancellation_slot(*which->waiting);
  if (!slot.is_connected()) return;
  slot.assign([weak = weak_from_this(), aimed = std::weak_ptr(which), number = which->number](asio::cancellation_type) {
    const auto self = weak.lock();
    const auto found = aimed.lock();
    if (self && found && found->waiting && found->number == number) self->abort(*found);
  });
}

void flights::land(flight& which, result<http_response> outcome) {
  auto landed = leave(which);
  resume(which, {}, std::move(outcome));
  idle_.push_back(std::move(landed));
  idle_.resize(std::min(idle_.size(), idle_flights + under_way_.size()));
}

void flights::late(flight& which) { land(which, which.exchange->too_late()); }

void flights::abort(flight& which) {
  const auto kept = leave(which);
  which.exchange->give_up();
  resume(which, asio::error::operation_aborted, error{errc::cancelled, "the request was given up", {}});
}

flight_pointer flights::leave(flight& which) {
  which.limit.unset();
  const auto place = which.place;
  under_way_.back()->place = place;
  std::swap(under_way_[place], under_way_.back());
  auto left = std::move(under_way_.back());
  under_way_.pop_back();
  return left;
}

// Posted, so that nobody's code runs inside of what has just ended.
void flights::resume(flight& which, error_code aborted, result<http_response> outcome) {
  auto handler = std::move(*which.waiting);
  which.waiting.reset();
  const auto executor = asio::get_associated_executor(handler, means_.loop->executor());
  asio::post(executor, [handler = std::move(handler), aborted, outcome = std::move(outcome)]() mutable {
    std::move(handler)(aborted, std::move(outcome));
  });
}

void flights::abort_all() {
  while (!under_way_.empty()) abort(*under_way_.back());
  means_.pool.clear();
  means_.loop->close();
}

class curl_transport final : public http_transport {
 public:
  curl_transport(clock& time, const loop_executor& executor, curl_settings with)
      : flights_(std::make_shared<flights>(time, executor, std::move(with))) {}
  ~curl_transport() override { flights_->abort_all(); }

  task<result<http_response>> send(http_request request) override {
    const auto all = flights_;  // first, so last to go: the transport may end before this does
    auto boarded = all->board(std::move(request));
    if (!boarded) co_return std::move(boarded).error();
    auto start = [all, which = *boarded](send_handler waiting) { all->start(which, std::move(waiting)); };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<loop_executor>&,
                                            void(error_code, result<http_response>)>(std::move(start), use_awaitable);
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

std::unique_ptr<http_transport> make_curl_transport(clock& time, const loop_executor& executor, curl_settings with) {
  return std::make_unique<curl_transport>(time, executor, std::move(with));
}

}  // namespace lifehook::aws
