#include "aws/connection_pool.h"

#include <algorithm>
#include <utility>

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

constexpr auto longest_rest = 50s;

}  // namespace

std::unique_ptr<curl_connection> connection_pool::take(const http_route& route) {
  close_old(steady::now());
  for (auto i = resting_.size(); i-- > 0;) {
    if (resting_[i].connection->route() != route) continue;
    auto taken = std::move(resting_[i].connection);
    resting_.erase(resting_.begin() + static_cast<std::ptrdiff_t>(i));
    if (taken->is_quiet()) return taken;
  }
  return nullptr;
}

void connection_pool::put(std::unique_ptr<curl_connection> one) {
  const auto now = steady::now();
  resting_.push_back({std::move(one), now});
  close_old(now);
}

void connection_pool::drop(const http_route& route, steady::time_point when) {
  std::erase_if(resting_, [&](const auto& each) { return each.since < when && each.connection->route() == route; });
}

void connection_pool::close_old(steady::time_point now) {
  const auto too_many = resting_.size() > most_ ? resting_.size() - most_ : 0;
  const auto first_kept = std::find_if(resting_.begin() + static_cast<std::ptrdiff_t>(too_many), resting_.end(),
                                       [now](const auto& each) { return now - each.since < longest_rest; });
  resting_.erase(resting_.begin(), first_kept);
}

}  // namespace lifehook::aws
