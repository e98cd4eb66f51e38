#include "aws/http_exchange.h"

#include "aws/curl_target.h"
#include "aws/http_request_text.h"

#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

constexpr int most_reads = 16;  // in one go: a megabyte

}  // namespace

result<> http_exchange::prepare(http_request request) {
  if (request.url != routed_) {
    route_ = route_of(request.url, with_.settings);
    routed_ = request.url;
  }
  request_ = std::move(request);
  auto text = request_text(request_, route_, with_.settings.user_agent);
  if (!text) return std::move(text).error();
  text_ = *std::move(text);
  return {};
}

void http_exchange::start() {
  began_ = connection_pool::steady::now();
  begin_over(request_.fresh_connection ? nullptr : with_.pool.take(route_));
  if (rested_)
    send();
  else
    open();
}

void http_exchange::begin_over(std::unique_ptr<curl_connection> connection) {
  ++turn_;
  sent_ = 0;
  answer_.expect(request_.method == "HEAD", request_.max_body);
  rested_ = connection != nullptr;
  connection_ = std::move(connection);
}

void http_exchange::open() {
  connection_ = std::make_unique<curl_connection>(with_.loop, with_.settings, with_.shared, route_);
  auto begun = connection_->connect([weak = weak_from_this(), turn = turn_](CURLcode how) {
    if (const auto self = weak.lock(); self && self->turn_ == turn) self->connected(how);
  });
  if (!begun) end(std::move(begun).error());
}

void http_exchange::connected(CURLcode how) {
  if (how == CURLE_OK) return send();
  fail(how == CURLE_OPERATION_TIMEDOUT ? errc::timeout : errc::unreachable, connection_->why(how));
}

void http_exchange::go_on() {
  if (sent_ < text_.size())
    send();
  else
    receive();
}

void http_exchange::send() {
  while (sent_ < text_.size()) {
    const auto [bytes, how] = connection_->send(std::string_view(text_).substr(sent_));
    if (how == CURLE_AGAIN) return wait(loop_descriptor::wait_write);
    if (how != CURLE_OK) return receive();  // who hangs up in the midst of a request may have said why
    sent_ += bytes;
  }
  wait(loop_descriptor::wait_read);
}

void http_exchange::receive() {
  for (int reads = 0; reads < most_reads; ++reads) {
    const auto [bytes, how] = connection_->receive(with_.room);
    if (how == CURLE_AGAIN && sent_ == text_.size()) return wait(loop_descriptor::wait_read);
    if (how != CURLE_OK || bytes == 0) return broken_off(how);
    switch (answer_.read({with_.room.data(), bytes})) {
      case http_answer::state::incomplete: break;
      case http_answer::state::complete: return complete();
      case http_answer::state::broken: return fail(answer_.meaning(), answer_.why());
    }
  }
  let_others();
}

void http_exchange::wait(loop_descriptor::wait_type what) {
  connection_->wait(what, [weak = weak_from_this(), turn = turn_](boost::system::error_code) {
    if (const auto self = weak.lock(); self && self->turn_ == turn) self->go_on();
  });
}

// Not by a wait: what is still to be read may be in TLS's hands already.
void http_exchange::let_others() {
  asio::post(with_.loop->executor(), [weak = weak_from_this(), turn = turn_] {
    if (const auto self = weak.lock(); self && self->turn_ == turn) self->receive();
  });
}

void http_exchange::broken_off(CURLcode how) {
  if (rested_ && !answer_.has_begun() && (request_.resend || sent_ == 0)) {
    begin_over(nullptr);
    return open();
  }
  if (how != CURLE_OK) return fail(errc::unreachable, connection_->why(how));
  if (answer_.hang_up() == http_answer::state::complete) return complete();
  fail(answer_.meaning(), answer_.why());
}

void http_exchange::complete() {
  if (sent_ == text_.size() && answer_.may_stay_connected()) with_.pool.put(std::move(connection_));
  end(answer_.take());
}

void http_exchange::fail(errc code, std::string_view why) { end(error{code, shown().append(why), {}}); }

void http_exchange::end(result<http_response> outcome) {
  give_up();
  ended_(std::move(outcome));
}

void http_exchange::give_up() {
  ++turn_;
  connection_.reset();
  answer_.forget();
  request_ = {};
  text_.clear();
}

error http_exchange::too_late() {
  const auto limit = std::max(std::chrono::ceil<std::chrono::milliseconds>(request_.timeout), 1ms);
  error late{errc::timeout, shown().append(fmt::format("no answer within {} ms", limit.count())), {}};
  if (rested_ && !answer_.has_begun()) with_.pool.drop(route_, began_);
  give_up();
  return late;
}

std::string http_exchange::shown() const {
  const auto proxy = shown_proxy(request_.url, with_.settings);
  return fmt::format("{} {}{}{}: ", request_.method, shown_target(request_.url),
                     proxy.empty() ? "" : " through the proxy ", proxy);
}

}  // namespace lifehook::aws
