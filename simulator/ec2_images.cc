#include "simulator/ec2_images.h"

#include "simulator/identity.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::simulator {
namespace {

bool may_stand_in_name(char c) {
  constexpr std::string_view marks = "()[] ./-'@_";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

bool is_name(std::string_view text) {
  return text.size() >= 3 && text.size() <= 128 && std::ranges::all_of(text, may_stand_in_name);
}

}  // namespace

or_fault<> ec2_images::check(const image_order& order) const {
  if (!is_name(order.name))
    return fault{400, "InvalidAMIName.Malformed",
                 "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', "
                 "'.', '-', '/' and '_'"};
  const auto* of = instances_.find(order.instance);
  if (!of) return no_such(instance_kind, order.instance);
  if (const auto taken = by_name_.find(order.name); taken != by_name_.end())
    return fault{400, "InvalidAMIName.Duplicate",
                 fmt::format("AMI name {} is already in use by AMI {}", order.name, seen_[taken->second].id)};
  if (of->state != "running" && of->state != "stopped")
    return fault{400, "IncorrectInstanceState",
                 fmt::format("The instance '{}' is not in a state from which an image can be created.", of->id)};
  if (order.description.size() > 255)
    return fault{400, "InvalidParameterValue", "Description length exceeds maximum of 255 characters"};
  return {};
}

or_fault<std::string> ec2_images::create(image_order order) {
  if (auto allowed = check(order); !allowed) return allowed.error();
  image_record image;
  image.id = "ami-0" + make_hex(random_, 16);
  image.snapshot = "snap-0" + make_hex(random_, 16);
  image.name = std::move(order.name);
  image.description = std::move(order.description);
  image.instance = order.instance;
  image.state = "pending";
  image.reboots = !order.no_reboot && instances_.find(order.instance)->state == "running";
  image.tags = std::move(order.tags);
  image.requested = clock_.now();
  snapshots_.emplace(image.snapshot,
                     snapshot_record{image.snapshot, image.id, "vol-0" + make_hex(random_, 16), "pending",
                                     fmt::format("Created by CreateImage({}) for {}", image.instance, image.id),
                                     std::move(order.snapshot_tags), image.requested});
  const auto place = seen_.size();
  by_id_.emplace(image.id, place);
  by_name_.emplace(image.name, place);
  seen_.push_back(image);
  const bool fails = failing_.erase(order.instance) > 0;
  pending_.try_emplace(place, clock_).first->second.set(image_time, [this, place, fails] { settle(place, fails); });
  if (image.reboots) instances_.reboot(order.instance);
  return image.id;
}

void ec2_images::settle(std::size_t place, bool fails) {
  auto& image = seen_[place];
  image.settled = clock_.now();
  if (!image.deregistered) image.state = fails ? "failed" : "available";
  if (fails) image.reason = "Server.InternalError: Internal error during image creation";
  if (const auto of = snapshots_.find(image.snapshot); of != snapshots_.end())
    of->second.state = fails ? "error" : "completed";
  pending_.erase(place);
}

bool ec2_images::is_listed(const image_record& each) const {
  return !each.deregistered && each.requested + listing_delay <= clock_.now();
}

std::map<std::string, const image_record*, std::less<>> ec2_images::listed() const {
  std::map<std::string, const image_record*, std::less<>> found;
  for (const auto& [name, place] : by_name_)
    if (is_listed(seen_[place])) found.emplace(seen_[place].id, &seen_[place]);
  return found;
}

const image_record* ec2_images::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() || !is_listed(seen_[found->second]) ? nullptr : &seen_[found->second];
}

or_fault<std::vector<std::string>> ec2_images::deregister(std::string_view id, bool with_snapshots) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return no_such(image_kind, id);
  auto& image = seen_[found->second];
  if (image.deregistered)
    return fault{400, "InvalidAMIID.Unavailable", fmt::format("The image ID '{}' is no longer available", id)};
  image.state = "deregistered";
  image.deregistered = clock_.now();
  by_name_.erase(image.name);
  std::vector<std::string> deleted;
  if (with_snapshots && snapshots_.erase(image.snapshot) > 0) deleted.push_back(image.snapshot);
  return deleted;
}

const image_record* ec2_images::user_of(std::string_view snapshot) const {
  for (const auto& [name, place] : by_name_)
    if (seen_[place].snapshot == snapshot) return &seen_[place];
  return nullptr;
}

or_fault<> ec2_images::delete_snapshot(const std::string& id) {
  const auto found = snapshots_.find(id);
  if (found == snapshots_.end()) return no_such(snapshot_kind, id);
  if (const auto* image = user_of(id))
    return fault{400, "InvalidSnapshot.InUse", fmt::format("The snapshot {} is currently in use by {}", id, image->id)};
  snapshots_.erase(found);
  return {};
}

}  // namespace lifehook::simulator
