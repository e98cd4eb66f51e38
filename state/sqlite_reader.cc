#include "state/sqlite_reader.h"

#include "state/sqlite_records.h"

#include <optional>
#include <utility>

namespace lifehook::state {

namespace {

error refused() { return {errc::rejected, "a dry run changes no state"}; }

class sqlite_reader final : public store {
 public:
  sqlite_reader(clock& time, std::string path) : clock_(time), path_(std::move(path)) {}

  task<result<history>> turns(std::string service) override {
    auto file = open();
    if (!file) co_return std::move(file).error();
    if (!*file) co_return history();
    co_return records::turns_of(**file, service);
  }

  task<result<std::optional<std::string>>> note(std::string key) override {
    auto file = open();
    if (!file) co_return std::move(file).error();
    if (!*file) co_return std::nullopt;
    co_return records::note_in_force(**file, key, clock_.wall_now());
  }

  task<result<>> probe() override {
    auto file = open();
    if (!file) co_return std::move(file).error();
    co_return result<>();
  }

  task<result<history>> record_launch(std::string, std::string, time_point) override { co_return refused(); }
  task<result<std::string>> note_once(std::string, std::string, duration) override { co_return refused(); }
  task<result<>> write_note(std::string, std::string, duration) override { co_return refused(); }
  task<result<bool>> write_spare_note(std::string, std::string, duration) override { co_return refused(); }
  task<result<bool>> lock(std::string, std::string, duration) override { co_return refused(); }
  task<result<>> unlock(std::string, std::string) override { co_return refused(); }

  std::string_view backend() const override { return "sqlite"; }

 private:
  // Once it runs an outage whatever keeps it, as in sqlite_store.
  result<std::optional<sqlite_file>> open() const {
    auto opened = sqlite_file::open_to_read(path_, records::our_layout);
    if (opened.has_error() && opened.error().code() == errc::rejected) return opened.error().with(errc::denied);
    return opened;
  }

  clock& clock_;
  std::string path_;
};

}  // namespace

result<std::unique_ptr<store>> open_sqlite_reader(clock& time, const std::string& path) {
  const auto file = sqlite_file::open_to_read(path, records::our_layout);
  if (file.has_error() && file.error().code() != errc::unreachable) return file.error();
  return std::unique_ptr<store>(new sqlite_reader(time, path));
}

}  // namespace lifehook::state
