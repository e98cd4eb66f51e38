#pragma once

#include "simulator/autoscaling.h"

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace lifehook::simulator {

// The ways an instance goes through a group; each runs the hooks of one transition.
enum class journey { launch, prepare, leave_pool, terminate, return_to_pool, end_warm, replace_root };

struct journey_words {
  std::string_view transition, origin, destination;
  std::string_view state;  // while under way; ":Wait" and ":Proceed" follow
};
const journey_words& words(journey on);
bool takes_time_to_begin(journey on);  // an instance has to boot first

// Where an instance counts: the first three make up the actual capacity, the next two the warm pool.
enum class rank { starting, in_service, leaving, preparing, warm, released };
inline constexpr std::size_t rank_count = 6;

struct scaling_activity {
  std::string id, group, description, cause, status;
  int progress = 0;
  time_point began;
  std::optional<time_point> ended;
};

struct scaling_group;

// An instance of a group, from launch to its end.
struct group_member {
  group_member(clock& time, std::string instance, scaling_group& of, std::uint64_t place_in_line)
      : id(std::move(instance)), group(of), order(place_in_line), next(time) {}

  std::string id;
  scaling_group& group;
  std::uint64_t order;  // by launch: the lowest is the oldest
  std::string state;
  std::string health = "Healthy";
  journey on = journey::launch;
  rank counted = rank::starting;
  bool lost = false;  // the instance has ended by itself
  std::vector<std::string> open_tokens;
  std::shared_ptr<scaling_activity> activity;
  alarm next;  // the next thing that happens to it by itself
};

struct warm_pool {
  int min_size = 0;
  std::optional<int> max_prepared;  // none: up to the group's maximum
  std::string state = "Stopped";
  bool reuse_on_scale_in = false;
};

struct scaling_group {
  group_settings with;
  std::string arn;
  time_point created;
  std::map<std::string, hook_settings, std::less<>> hooks;
  std::optional<warm_pool> pool;
  std::map<std::uint64_t, group_member*> members;
  std::array<std::map<std::uint64_t, group_member*>, rank_count> ranks;
  std::deque<std::shared_ptr<scaling_activity>> activities;  // newest first, bounded

  std::map<std::uint64_t, group_member*>& of(rank counted) { return ranks[static_cast<std::size_t>(counted)]; }
  int size(rank counted) const { return static_cast<int>(ranks[static_cast<std::size_t>(counted)].size()); }
  int capacity() const { return size(rank::starting) + size(rank::in_service) + size(rank::leaving); }
  int warm_capacity() const { return size(rank::preparing) + size(rank::warm); }
  int warm_wanted() const;
};

// All groups and members with their indexes. Members live until `drop`.
class group_registry {
 public:
  scaling_group& add(group_settings with, std::string arn, time_point now);
  scaling_group* find(std::string_view name);
  const scaling_group* find(std::string_view name) const;
  void remove(std::string_view name);
  group_member& add_member(clock& time, std::string id, scaling_group& to, rank counted);
  group_member* member(std::string_view id);
  const group_member* member(std::string_view id) const;
  void count_as(group_member& each, rank counted);
  void drop(group_member& each);

  // By name, for listings.
  std::map<std::string, std::unique_ptr<scaling_group>, std::less<>>& all() { return groups_; }
  const std::map<std::string, std::unique_ptr<group_member>, std::less<>>& members() const { return members_; }

 private:
  std::map<std::string, std::unique_ptr<scaling_group>, std::less<>> groups_;
  std::map<std::string, std::unique_ptr<group_member>, std::less<>> members_;
  std::uint64_t launched_ = 0;
};

fault validation_error(std::string message);
fault no_such_group(std::string_view name);

}  // namespace lifehook::simulator
