#pragma once

#include "aws/credential_chain.h"
#include "aws/curl_transport.h"
#include "base/metrics.h"
#include "base/task_group.h"
#include "worker/config.h"
#include "worker/wiring.h"

#include <filesystem>
#include <memory>
#include <string>

namespace lifehook::worker {

// The configuration, with an environment and a path of the state that can be used: what `run`, `handle` and `check`
// begin with. Errors are for people and mean exit code 2.
result<config> load_for_work(const std::filesystem::path& file);

// For a dry run, which makes no file of state, and reads the one that is there: where there is none yet it would be as
// empty as memory is.
config without_new_file(config of);

// The real outside of a worker on this machine: its clock, curl, the default credential chain. One per process.
class host {
 public:
  host(loop_executor executor, const config& of, log_sink sink);

  // The configuration's region, or the environment's; denied when nobody knows.
  task<result<std::string>> region(const config& of);
  // Credentials are made once the region is known: STS is asked there. Where the state is a file it is opened, by a dry
  // run to be read only; an error says what to do.
  result<surroundings> make_surroundings(const config& of, const std::string& region, bool dry_run);

 private:
  aws::environment env_;
  std::unique_ptr<clock> time_;
  random_source random_;
  std::unique_ptr<aws::http_transport> wire_;
  std::unique_ptr<aws::credential_provider> keys_;
  metrics counts_;
  logger log_;
};

}  // namespace lifehook::worker
