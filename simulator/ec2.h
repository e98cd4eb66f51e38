#pragma once

#include "simulator/fleet.h"
#include "simulator/network_interfaces.h"
#include "simulator/service.h"
#include "simulator/sqs.h"

#include <memory>
#include <optional>

namespace lifehook::simulator {

// An image, its whole story, kept after its end. Its one snapshot lives on its own.
struct image_record {
  std::string id, name, description, instance, snapshot;
  std::string state;   // pending, available, failed, deregistered
  std::string reason;  // of a failed one
  bool reboots = false;
  std::map<std::string, std::string> tags;
  time_point requested;
  std::optional<time_point> settled, deregistered;  // settled: available or failed
};

struct snapshot_record {
  std::string id, image, volume, state;  // pending, completed, error
  std::string description;
  std::map<std::string, std::string> tags;
  time_point began;
};

// Amazon EC2: instances as the fleet launches and ends them (visible for an hour after their end) and standalone ones,
// tags, images that take time and have one snapshot each, network interfaces, spot interruptions and rebalance
// recommendations, scheduled reboots, state changes to EventBridge. A queue that autoscaling::bridge names gets
// warnings, recommendations and AWS Health's announcements of reboots too. Actions: DescribeInstances,
// DescribeInstanceStatus, RunInstances, TerminateInstances, CreateImage, DescribeImages, DeregisterImage,
// DescribeSnapshots, DeleteSnapshot, CreateTags, DescribeNetworkInterfaces.
class ec2 : public service, public network_interfaces {
 public:
  static std::unique_ptr<ec2> make(clock& time, account owner, sqs& queues, fleet& instances, std::uint64_t seed);

  // Set-up and sight for C++ callers. An instance or image that is not known throws std::invalid_argument.
  virtual std::string launch(std::string id = {}, std::map<std::string, std::string> tags = {}) = 0;  // in no group
  virtual void terminate(std::string_view instance) = 0;           // by hand: its group notices later
  virtual std::string state(std::string_view instance) const = 0;  // "running"; empty: unknown
  virtual std::map<std::string, std::string> tags(std::string_view resource) const = 0;
  virtual void tag(std::string_view resource, std::string key, std::string value) = 0;

  virtual const std::vector<image_record>& images() const = 0;  // deregistered ones included, oldest first
  virtual std::vector<snapshot_record> snapshots() const = 0;   // those that exist
  virtual void set_image_time(duration until_available) = 0;    // 3 min
  virtual void set_listing_delay(duration until_listed) = 0;    // of new images; none
  virtual void fail_next_image(std::string instance) = 0;       // the next image of it fails, at its time
  virtual std::size_t interfaces() const = 0;

  virtual void warn_spot(std::string_view instance) = 0;  // it is reclaimed two minutes later
  virtual void recommend_rebalance(std::string_view instance) = 0;
  // Maintenance: announced now, at `start` the instance reboots, after `takes` its ECS agent is connected again and the
  // event's description begins with "[Completed]". Returns the event's id.
  virtual std::string schedule_reboot(std::string_view instance, time_point start, duration takes) = 0;
  virtual void bridge_state_changes(std::string queue_arn) = 0;
};

}  // namespace lifehook::simulator
