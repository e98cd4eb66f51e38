#include "aws/credential_cache.h"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

constexpr duration soon = 15min;
constexpr duration between_tries = 5s;         // keys AWS refuses must not hammer it
constexpr duration between_early_tries = 45s;  // credentials may be given for less than the time above
constexpr duration left_to_renewal = 30s;      // a source that does not answer takes as long: no heartbeat has that

error no_others() {
  return {
      errc::denied, "AWS refuses the keys in use, and where they come from has no others to give in their place", {}};
}

}  // namespace

bool credential_cache::is_valid() const {
  return current_ && (!current_->expires || *current_->expires > clock_.wall_now());
}

// The end may have been extended since: the keys alone say whether these are the ones.
bool credential_cache::is_current(const credentials& keys) const {
  return current_ && current_->access_key_id == keys.access_key_id && current_->session_token == keys.session_token;
}

bool credential_cache::is_usable() const { return is_valid() && !refused_; }

// AWS refuses keys for a moment at times, and with a code it also has for other refusals. While their source gives none
// in their place it is asked about them again.
bool credential_cache::is_all_there_is() const { return is_valid() && refused_ && failure_; }

bool credential_cache::ends_soon() const { return current_->expires && *current_->expires - clock_.wall_now() < soon; }

bool credential_cache::may_try(duration since_last) const {
  if (refreshing_) return false;
  return !last_try_ || clock_.uptime() - *last_try_ >= since_last;
}

result<credentials> credential_cache::what_there_is() const {
  if (is_usable() || is_all_there_is()) return *current_;
  if (failure_) return *failure_;
  if (current_) return *current_;  // refused a moment ago: AWS decides once more
  return error{errc::denied, "no credentials yet"};
}

task<result<credentials>> credential_cache::get() {
  while (!is_usable()) {
    if (refreshing_ && !is_all_there_is()) {
      co_await refreshed_->wait();
      continue;
    }
    if (may_try(is_all_there_is() ? left_to_renewal : between_tries)) co_await refresh();
    break;
  }
  co_return what_there_is();
}

task<result<credentials>> credential_cache::renew() {
  const bool is_due = is_usable() ? ends_soon() && may_try(between_early_tries) : may_try(between_tries);
  if (is_due) co_await refresh();
  auto found = co_await get();
  if (is_all_there_is()) co_return *failure_;  // what somebody should see to
  co_return found;
}

// The caller may be cancelled in the midst of it: one of those who wait then takes over.
task<> credential_cache::refresh() {
  struct turn {
    explicit turn(credential_cache& c) : cache(c) { cache.refreshing_ = true; }
    ~turn() {
      cache.refreshing_ = false;
      cache.refreshed_->wake_all();
    }
    credential_cache& cache;
  };
  if (!refreshed_) refreshed_.emplace(co_await asio::this_coro::executor);
  const turn mine(*this);
  auto fetched = co_await source_->fetch();
  last_try_ = clock_.uptime();
  if (!fetched) {
    failure_ = std::move(fetched).error();
    co_return;
  }
  refused_ = refused_ && is_current(*fetched);
  failure_ = refused_ ? std::optional(no_others()) : std::nullopt;
  current_ = std::make_shared<const credentials>(*std::move(fetched));
}

void credential_cache::invalidate(const credentials& refused) {
  if (!is_current(refused) || std::exchange(refused_, true)) return;
  failure_.reset();  // of an early refresh: what their source says now is not known
}

void credential_cache::accepted(const credentials& keys) {
  if (!refused_ || !is_current(keys)) return;
  refused_ = false;
  failure_.reset();
}

std::optional<time_point> credential_cache::expires() const { return current_ ? current_->expires : std::nullopt; }

}  // namespace lifehook::aws
