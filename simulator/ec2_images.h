#pragma once

#include "simulator/ec2.h"
#include "simulator/ec2_instances.h"

#include <set>

namespace lifehook::simulator {

struct image_order {
  std::string instance, name, description;
  bool no_reboot = false;
  tag_map tags, snapshot_tags;
};

// Images and their snapshots: an image is pending for a time, then available or failed; its snapshot outlives it until
// somebody deletes it. A name belongs to one image until that is deregistered.
class ec2_images {
 public:
  ec2_images(clock& time, ec2_instances& instances, random_source& random)
      : clock_(time), instances_(instances), random_(random) {}

  or_fault<std::string> create(image_order order);  // its id
  // The snapshots deleted with it.
  or_fault<std::vector<std::string>> deregister(std::string_view id, bool with_snapshots);
  or_fault<> delete_snapshot(const std::string& id);
  void fail_next(std::string instance) { failing_.insert(std::move(instance)); }

  const std::vector<image_record>& seen() const { return seen_; }
  const std::map<std::string, snapshot_record, std::less<>>& snapshots() const { return snapshots_; }
  std::map<std::string, const image_record*, std::less<>> listed() const;  // registered, and long enough there
  const image_record* find(std::string_view id) const;                     // of the listed

  duration image_time = std::chrono::minutes(3), listing_delay{0};

 private:
  or_fault<> check(const image_order& order) const;
  bool is_listed(const image_record& each) const;
  const image_record* user_of(std::string_view snapshot) const;
  void settle(std::size_t place, bool fails);

  clock& clock_;
  ec2_instances& instances_;
  random_source& random_;
  std::vector<image_record> seen_;
  std::map<std::string, std::size_t, std::less<>> by_id_;
  std::map<std::string, std::size_t, std::less<>> by_name_;  // of registered ones
  std::map<std::string, snapshot_record, std::less<>> snapshots_;
  std::map<std::size_t, alarm> pending_;
  std::set<std::string, std::less<>> failing_;  // instances
};

}  // namespace lifehook::simulator
