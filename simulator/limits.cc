#include "simulator/limits.h"

#include <algorithm>
#include <array>
#include <vector>

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
constexpr rate ssm_read{"ssm read", 40, 40};
constexpr rate ssm_change{"ssm change", 10, 10};
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

// Each action of EC2 has a bucket of its own.
constexpr rate ec2_read{"", 100, 20};
constexpr rate ec2_read_all{" of all", 50, 10};
constexpr rate ec2_change{"", 50, 5};
constexpr rate ec2_tags{"", 100, 10};
constexpr rate ec2_end{"", 100, 5};
constexpr rate ec2_run{"", 5, 2};

constexpr rate elb_all{"elb", 40, 10};
constexpr rate elb_read{"elb read", 40, 10};
constexpr rate elb_targets{"elb targets", 20, 4};
constexpr rate elb_change{"elb change", 20, 3};

bool is_one_of(std::string_view action, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, action) != names.end();
}

const rate& ec2_rate(std::string_view action, bool narrowed) {
  if (action.starts_with("Describe")) return narrowed ? ec2_read : ec2_read_all;
  if (is_one_of(action, {"CreateTags", "DeleteTags"})) return ec2_tags;
  if (is_one_of(action, {"DeregisterImage", "DeleteSnapshot", "TerminateInstances"})) return ec2_end;
  return action == "RunInstances" ? ec2_run : ec2_change;
}

const rate& elb_rate(std::string_view action) {
  if (action.starts_with("Describe")) return elb_read;
  return is_one_of(action, {"RegisterTargets", "DeregisterTargets"}) ? elb_targets : elb_change;
}

const rate* rate_of(std::string_view service, std::string_view action) {
  if (service == "autoscaling") return &autoscaling_all;
  if (service == "sts") return &sts_all;
  if (service == "ssm") return action == "SendCommand" || action == "CancelCommand" ? &ssm_change : &ssm_read;
  if (service != "ecs") return nullptr;
  const auto row = std::ranges::find(ecs_rows, action, &ecs_row::action);
  return row == ecs_rows.end() ? nullptr : row->kept;
}

struct counted {
  std::string bucket;
  const rate* kept;
};

std::vector<counted> counted_in(std::string_view service, std::string_view action, bool narrowed) {
  if (service == "ec2") {
    const auto& kept = ec2_rate(action, narrowed);
    return {{"ec2 " + std::string(action) + std::string(kept.name), &kept}};
  }
  if (service == "elasticloadbalancing") {
    const auto& kept = elb_rate(action);
    return {{std::string(elb_all.name), &elb_all}, {std::string(kept.name), &kept}};
  }
  const auto* kept = rate_of(service, action);
  return kept ? std::vector{counted{std::string(kept->name), kept}} : std::vector<counted>();
}

}  // namespace

limits::bucket& limits::filled(const std::string& name, double size, double per_second, time_point now) {
  auto& held = buckets_.try_emplace(name, bucket{size, now}).first->second;
  const auto passed = std::chrono::duration<double>(now - held.filled).count();
  held.tokens = std::min(size, held.tokens + std::max(0.0, passed) * per_second);
  held.filled = now;
  return held;
}

bool limits::admit(std::string_view service, std::string_view action, time_point now, bool narrowed) {
  std::vector<bucket*> taken;
  for (const auto& each : counted_in(service, action, narrowed))
    taken.push_back(&filled(each.bucket, each.kept->size, each.kept->per_second, now));
  if (std::ranges::any_of(taken, [](const bucket* each) { return each->tokens < 1; })) return false;
  for (auto* each : taken) each->tokens -= 1;
  return true;
}

}  // namespace lifehook::simulator
