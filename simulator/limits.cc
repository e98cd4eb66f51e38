#include "simulator/limits.h"

#include <algorithm>
#include <array>

namespace lifehook::simulator {
namespace {

struct rate {
  std::string_view name;
  double size;
  double per_second;
};

constexpr rate ecs_read{"ecs cluster read", 100, 20};
constexpr rate ecs_change{"ecs cluster change", 100, 40};
constexpr rate ecs_clusters{"ecs clusters", 50, 20};
constexpr rate ecs_service_read{"ecs service read", 100, 20};
constexpr rate ecs_service_change{"ecs service change", 50, 5};
constexpr rate autoscaling_all{"autoscaling", 100, 10};
constexpr rate sts_all{"sts", 600, 600};

struct ecs_row {
  std::string_view action;
  const rate* kept;
};
constexpr std::array<ecs_row, 18> ecs_rows{{{"DescribeContainerInstances", &ecs_read},
                                            {"DescribeTasks", &ecs_read},
                                            {"ListContainerInstances", &ecs_read},
                                            {"ListTasks", &ecs_read},
                                            {"GetTaskProtection", &ecs_read},
                                            {"UpdateContainerInstancesState", &ecs_change},
                                            {"RegisterContainerInstance", &ecs_change},
                                            {"DeregisterContainerInstance", &ecs_change},
                                            {"RunTask", &ecs_change},
                                            {"StartTask", &ecs_change},
                                            {"StopTask", &ecs_change},
                                            {"UpdateTaskProtection", &ecs_change},
                                            {"DescribeClusters", &ecs_clusters},
                                            {"ListClusters", &ecs_clusters},
                                            {"DescribeServices", &ecs_service_read},
                                            {"ListServices", &ecs_service_read},
                                            {"CreateService", &ecs_service_change},
                                            {"UpdateService", &ecs_service_change}}};

const rate* rate_of(std::string_view service, std::string_view action) {
  if (service == "autoscaling") return &autoscaling_all;
  if (service == "sts") return &sts_all;
  if (service != "ecs") return nullptr;
  const auto row = std::ranges::find(ecs_rows, action, &ecs_row::action);
  return row == ecs_rows.end() ? nullptr : row->kept;
}

}  // namespace

bool limits::admit(std::string_view service, std::string_view action, time_point now) {
  const auto* kept = rate_of(service, action);
  if (!kept) return true;
  auto& held = buckets_.try_emplace(kept->name, bucket{kept->size, now}).first->second;
  const auto passed = std::chrono::duration<double>(now - held.filled).count();
  held.tokens = std::min(kept->size, held.tokens + std::max(0.0, passed) * kept->per_second);
  held.filled = now;
  if (held.tokens < 1) return false;
  held.tokens -= 1;
  return true;
}

}  // namespace lifehook::simulator
