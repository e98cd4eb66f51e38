#pragma once

#include "aws/elbv2.h"
#include "aws/lanes.h"
#include "base/clock.h"
#include "base/task_group.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

// "arn:aws:elasticloadbalancing:...:targetgroup/name/0123456789abcdef"
bool is_target_group_arn(std::string_view text);

// Targets of ELBv2 target groups. Those who ask of one target group at once share one DescribeTargetHealth, and what is
// deregistered from it at once leaves as one DeregisterTargets: the account has 10 ELB calls a second for everything
// it runs; who is in haste goes before the others. not_found: there is no such target group.
class target_catalog {
 public:
  target_catalog(clock& time, aws::by_haste<aws::elbv2> with, task_group& tasks);
  ~target_catalog();

  // Registrations of an instance or an IP address, one for each port; empty: none.
  task<result<std::vector<aws::target_health>>> find(std::string target_group, std::string id,
                                                     aws::haste how = aws::haste::usual);
  // As they were listed for whoever asked within the last minute, less what has left since; empty: none, or not
  // listed. For who must be quick, and looks afterwards.
  std::vector<aws::target_health> remembered(const std::string& target_group, const std::string& id) const;
  task<result<>> deregister(std::string target_group, std::vector<aws::target> targets,
                            aws::haste how = aws::haste::usual);

 private:
  using registrations = std::vector<aws::target_health>;
  struct desk;
  desk& of(const std::string& target_group);
  task<result<std::vector<result<registrations>>>> list(std::string target_group, std::vector<std::string> ids,
                                                        aws::haste how);
  task<result<std::vector<result<bool>>>> leave(std::string target_group, std::vector<std::vector<aws::target>> leaving,
                                                aws::haste how);
  void forget_old();

  clock& clock_;
  aws::by_haste<aws::elbv2> elbv2_;
  task_group& tasks_;
  std::map<std::string, std::unique_ptr<desk>> desks_;
};

}  // namespace lifehook::handlers
