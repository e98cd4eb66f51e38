#include "aws/service_places.h"

#include "aws/canonical.h"
#include "aws/endpoint.h"

#include <utility>

namespace lifehook::aws {

namespace {

constexpr std::size_t most_in_flight = 256;  // below the 1024 file descriptors a container gets by default

}  // namespace

service_place::service_place(clock& time, const service& what, std::string in, const client::settings& with)
    : of(what),
      region(std::move(in)),
      url(endpoint_url(what, region, with.env)),
      host(split_url(url).host),
      gate(most_in_flight),
      turns(time, with.allowed) {}

service_place& service_places::of(const service& what, const std::string& region) {
  const auto& in = region.empty() ? with_.region : region;
  for (const auto& known : places_)
    if (known->of.name == what.name && known->region == in) return *known;
  return *places_.emplace_back(std::make_unique<service_place>(clock_, what, in, with_));
}

void service_places::share_anew() {
  for (auto& each : places_) each->turns.share_anew();
}

std::vector<overload> service_places::overloaded() const {
  std::vector<overload> all;
  for (const auto& each : places_) {
    auto found = each->turns.overloaded();
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

std::vector<throttling> service_places::throttled_so_far() const {
  std::vector<throttling> all;
  for (const auto& each : places_) {
    auto found = each->turns.throttled_so_far();
    for (auto& one : found) one.region = each->region;
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

std::vector<queued_calls> service_places::queued() const {
  std::vector<queued_calls> all;
  for (const auto& each : places_) {
    for (auto one : each->turns.queued()) {
      one.region = each->region;
      all.push_back(one);
    }
  }
  return all;
}

}  // namespace lifehook::aws
