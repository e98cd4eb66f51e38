#pragma once

#include <map>
#include <string>
#include <string_view>

namespace lifehook::simulator {

inline constexpr std::string_view on_demand = "FARGATE";
inline constexpr std::string_view spot = "FARGATE_SPOT";

inline bool is_fargate(std::string_view capacity_provider) {
  return capacity_provider == on_demand || capacity_provider == spot;
}

// What DescribeTasks shows of a platform version that was asked for.
inline std::string platform_of(std::string_view asked) {
  return std::string(asked.empty() || asked == "LATEST" ? "1.4.0" : asked);
}

// Fargate's capacity: without end, but for the next few placements it is made to refuse.
class fargate_capacity {
 public:
  void refuse(std::string provider, int times) { refused_.insert_or_assign(std::move(provider), times); }
  bool take(std::string_view provider) {
    const auto left = refused_.find(provider);
    if (left == refused_.end() || left->second <= 0) return true;
    --left->second;
    return false;
  }

 private:
  std::map<std::string, int, std::less<>> refused_;  // by capacity provider
};

inline constexpr std::string_view no_capacity =
    "Capacity is unavailable at this time. Please try again later or in a different availability zone";

}  // namespace lifehook::simulator
