#pragma once

#include "tests/simulation/worded_scenario.h"

#include <deque>
#include <map>
#include <random>
#include <set>

namespace lifehook::test {

// A worker's way to AWS. Cut, nothing arrives and no answer comes back: the worker is partitioned, or as good as dead.
class cuttable_line final : public aws::http_transport {
 public:
  cuttable_line(clock& time, aws::http_transport& behind) : clock_(time), behind_(behind) {}

  task<result<aws::http_response>> send(aws::http_request request) override;

  bool is_cut = false;
  std::uint64_t calls = 0;

 private:
  clock& clock_;
  aws::http_transport& behind_;
};

// A fleet to which everything happens at once, by its seed: replicas are replaced, killed and partitioned, their clocks
// are off, AWS fails in every way it can, messages come twice and by two ways, instances end by scale-in, spot (some of
// them terminated as well), health check and volume, with one or two hooks on each and maybe a warm pool.
class storm_fleet : public worded_scenario {
 public:
  explicit storm_fleet(std::uint64_t seed);
  ~storm_fleet();

  void rage(duration span);
  bool quiet();  // all that was begun has ended, and every message is gone
  std::size_t in_hand();
  std::size_t words(std::string_view event);
  std::set<std::string> tokens_told();         // of hooks whose end some worker has told, their first characters
  std::uint64_t most_calls_in(duration span);  // of a worker that lives
  bool stop_all();                             // whether all that live ended in order
  bool had_a_reason(const simulator::lifecycle_record& of) const;  // to run out: its worker was cut off, or died
  std::size_t lost_without_reason();  // tasks, on instances whose hooks could have been kept
  bool comes_twice() const { return duplicates_ > 0; }

 private:
  struct machine {
    std::unique_ptr<cuttable_line> line;
    std::unique_ptr<aws::http_transport> wire;
    replica* worker;
    bool is_dead = false;
    std::optional<time_point> healed_at{};
  };

  template <class T>
  T pick(std::initializer_list<T> of) {
    return *(of.begin() + static_cast<std::ptrdiff_t>(random_() % of.size()));
  }
  bool chance(double share) { return std::uniform_real_distribution<double>(0, 1)(random_) < share; }
  void change_group(const std::string& operation, aws::query_parameters with);
  void begin_worker();
  bool stop_machine(machine& of);
  void heal(bool all = false);
  void befall_an_instance();
  void befall_a_worker();
  void befall_aws();
  void fault(simulator::fault_kind kind, const std::string& service, const std::string& action, duration lasting,
             double share = 1.0, duration delay = {});

  std::mt19937_64 random_;
  std::chrono::seconds shortest_;
  double duplicates_ = 0;
  std::deque<machine> machines_;
  std::vector<simulator::fault_rule> faults_;
  std::vector<std::pair<time_point, time_point>> cuts_;
  std::set<std::string> warned_;  // spot instances, whose end no hook holds up
};

}  // namespace lifehook::test
