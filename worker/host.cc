#include "worker/host.h"

#include "aws/endpoint.h"
#include "state/sqlite_file.h"
#include "state/sqlite_reader.h"
#include "state/sqlite_store.h"
#include "worker/commit.h"

#include <random>

namespace lifehook::worker {

result<config> load_for_work(const std::filesystem::path& file) {
  const auto env = aws::process_environment();
  auto loaded = load_config(file, env);
  if (loaded.has_error()) return loaded;
  if (loaded->state.backend == state_backend::sqlite)
    if (auto usable = state::sqlite_file::check_path(loaded->state.path); usable.has_error())
      return std::move(usable).error().in("state.path");
  if (auto checked = aws::check_environment(env); checked.has_error()) return std::move(checked).error();
  if (loaded->region) return loaded;
  if (auto region = aws::configured_region(env); region.has_error()) return std::move(region).error();
  return loaded;
}

config without_new_file(config of) {
  if (of.state.backend != state_backend::sqlite) return of;
  std::error_code unknown;  // what is not known is for whoever opens the file to say
  const auto file = std::filesystem::absolute(of.state.path, unknown);
  const bool has_place = std::filesystem::is_directory(file.parent_path(), unknown);
  if (has_place && !std::filesystem::exists(file, unknown) && !unknown) of.state = {};
  return of;
}

host::host(loop_executor executor, const config& of, log_sink sink)
    : env_(aws::process_environment()),
      time_(make_real_clock(executor)),
      random_(std::random_device{}()),
      wire_(aws::make_curl_transport(*time_, executor, aws::curl_settings_from(env_))),
      log_(*time_, of.level, of.format, std::move(sink)) {}

task<result<std::string>> host::region(const config& of) {
  if (of.region) co_return *of.region;
  co_return co_await aws::find_region(*wire_, env_);
}

result<surroundings> host::make_surroundings(const config& of, const std::string& region, bool dry_run) {
  keys_ = aws::make_default_credentials(*time_, *wire_, env_, region, random_);
  surroundings with{*time_, *wire_, *keys_, env_, random_, counts_, log_};
  with.commit = program_commit();
  if (of.state.backend != state_backend::sqlite) return with;
  auto opened =
      dry_run ? state::open_sqlite_reader(*time_, of.state.path) : state::open_sqlite_store(*time_, of.state.path);
  if (opened.has_error()) return std::move(opened).error().in("state.path");
  with.file_state = std::move(*opened);
  return with;
}

}  // namespace lifehook::worker
