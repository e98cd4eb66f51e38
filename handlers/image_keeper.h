#pragma once

#include "aws/autoscaling.h"
#include "aws/ec2.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/task_group.h"
#include "handlers/image_retention.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lifehook {
struct metrics;  // base/metrics.h
}

namespace lifehook::handlers {

// What a service keeps of its images.
struct image_rule {
  std::string service;
  std::vector<std::string> match;  // its Auto Scaling groups, globs: what carries the name of others is not its own
  image_retention keeps;
  duration deadline{};  // of the group: the longest that anybody waits for an image
  logger log;
};

// Removes the images, and their snapshots, that a service keeps no longer: beside the hooks, which wait for none of it,
// one look at a time for each service here, shared by all who ask meanwhile. An image whose own event may still wait
// for it stays, and is looked at again when that is over. What AWS refuses or does not answer is said, counted, and
// tried again after the next image, or with the next upkeep. Works in the task group; must outlive it.
class image_keeper {
 public:
  image_keeper(clock& time, aws::autoscaling& scaling, aws::ec2& with, task_group& tasks, metrics& counts);
  ~image_keeper();

  void tidy(image_rule by);
  // Ends what it does at its current wait, but for the removal of an image, which has two seconds to end with that of
  // its snapshots: nobody would find them. Nothing is begun any more.
  void stop();

 private:
  struct shelf;
  using images = std::vector<aws::ec2_image>;

  task<> work_off(shelf& of);
  task<result<>> look(shelf& of, image_rule by);
  task<result<images>> not_waited_for(shelf& of, image_rule by, images candidates);
  task<result<std::map<std::string, std::string>>> states_of(images young);
  task<result<>> remove(shelf& of, image_rule by, aws::ec2_image what);
  task<result<>> delete_snapshots(shelf& of, image_rule by);
  static void settle_leaving(shelf& of, const images& listed);
  void look_again(shelf& of, image_rule by, time_point when);
  void tell(const image_rule& by, const error& why);
  task<> try_once_more(shelf& of);
  static void tell_left(const shelf& of);
  // EC2's clock dates images; ours may be off by years.
  time_point now_by_aws() const { return clock_.now() + ec2_.clock_ahead(); }

  clock& clock_;
  aws::autoscaling& autoscaling_;
  aws::ec2& ec2_;
  task_group& tasks_;
  metrics& counts_;
  std::map<std::string, std::unique_ptr<shelf>> shelves_;  // by service
  bool stopped_ = false;
};

}  // namespace lifehook::handlers
