#pragma once

#include "aws/client.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::aws {

using tag_map = std::map<std::string, std::string>;

struct ec2_instance {
  std::string id;
  std::string state;  // pending, running, shutting-down, terminated, stopping, stopped
  tag_map tags;
};

struct ec2_image {
  std::string id;
  std::string name;
  std::string state;  // pending, available, failed, error, invalid, deregistered, transient, disabled
  std::string reason;
  time_point created;
  tag_map tags;
  std::vector<std::string> snapshots;  // ids
};

struct image_request {
  std::string instance;
  std::string name;           // 3..128 of AWS's characters; unique among the account's images of the region
  std::string description{};  // at most 255
  bool reboot = false;        // AWS's own default is to reboot
  tag_map tags{};             // of the image and of its snapshots
};

// What a task's network interface tells of its task's network.
struct network_interface {
  std::string subnet;
  std::string private_address;
  std::vector<std::string> security_groups;  // ids
  bool has_public_address = false;
};

// What AWS plans to do with an instance's host, or has done within the last week.
struct scheduled_event {
  std::string code;        // instance-reboot, system-reboot, system-maintenance, instance-retirement, instance-stop
  bool completed = false;  // nothing more will come of it: its description begins with "[Completed]" or "[Canceled]"
  std::optional<time_point> not_before;
};

// Of an instance: EC2 ends it, or has ended it.
constexpr bool has_ended(std::string_view state) { return state == "shutting-down" || state == "terminated"; }

// Whether AWS refused a name because an image has it already: the same request made twice, or somebody else's image.
bool is_image_name_taken(const error& why);
// Whether AWS says that the instance cannot be imaged because it has ended, or is ending.
bool is_too_late_to_image(const error& why);

// Amazon EC2, only the calls the worker makes. What is asked for by id is asked by filter where AWS has one: an unknown
// id is left out of the answer, it is no error. Pages are followed.
class ec2 {
 public:
  explicit ec2(client& with) : client_(with) {}

  duration clock_ahead() const { return client_.clock_ahead(); }  // AWS's of ours, see client

  task<result<std::vector<ec2_instance>>> instances(std::vector<std::string> ids);  // at most 200
  // The image's id. Asked twice, the second answer is is_image_name_taken.
  task<result<std::string>> create_image(image_request what);
  // Images are looked for among the account's own only.
  task<result<std::vector<ec2_image>>> images(std::vector<std::string> ids);          // at most 200
  task<result<std::vector<ec2_image>>> images_named(std::vector<std::string> names);  // at most 200
  task<result<std::vector<ec2_image>>> images_tagged(tag_map tags);  // with all these tags; none for no tags
  // With the image its snapshots, whoever's they are, where so asked; AWS keeps one that it may not delete. False: it
  // was not there.
  task<result<bool>> deregister_image(std::string id, bool with_snapshots);
  // Those of the snapshots that are the account's own and carry the tag.
  task<result<std::vector<std::string>>> snapshots_tagged(std::vector<std::string> ids, std::string key,
                                                          std::string value);
  task<result<>> delete_snapshot(std::string id);  // success when it is not there
  task<result<std::optional<network_interface>>> interface_of(std::string id);
  // By DescribeInstanceStatus: of the instance, whatever its state; an unknown instance has none.
  task<result<std::vector<scheduled_event>>> scheduled_events(std::string instance);

 private:
  client& client_;
};

}  // namespace lifehook::aws
