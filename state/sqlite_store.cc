#include "state/sqlite_store.h"

#include "state/bounds.h"
#include "state/sqlite_records.h"

#include <chrono>
#include <optional>
#include <utility>

namespace lifehook::state {

namespace {

using records::stored;

constexpr unsigned changes_between_sweeps = 256;

// How long another process that has the file locked is waited for: with nothing else to do yet, and with the loop held
// up.
constexpr std::chrono::milliseconds patience_starting{5'000};
constexpr std::chrono::milliseconds patience_running{200};

result<> without_row(const result<std::optional<std::string>>& ran) {
  if (!ran) return ran.error();
  return {};
}

class sqlite_store final : public store {
 public:
  sqlite_store(clock& time, std::string path, std::optional<sqlite_file> file)
      : clock_(time), path_(std::move(path)), file_(std::move(file)) {}

  task<result<history>> turns(std::string service) override {
    if (auto ready = open(); !ready) co_return ready.error();
    co_return recorded(service);
  }

  task<result<history>> record_launch(std::string service, std::string scaling_group, time_point when) override {
    if (auto fits = check_bounds(service, scaling_group); !fits) co_return fits.error();
    co_return change([&] { return add_launch(service, scaling_group, when); });
  }

  task<result<std::optional<std::string>>> note(std::string key) override {
    if (auto ready = open(); !ready) co_return ready.error();
    co_return note_in_force(key);
  }

  task<result<std::string>> note_once(std::string key, std::string text, duration lasting) override {
    if (auto fits = check_bounds(key, text); !fits) co_return fits.error();
    co_return change([&] { return first_note(key, text, lasting); });
  }

  task<result<>> write_note(std::string key, std::string text, duration lasting) override {
    if (auto fits = check_bounds(key, text); !fits) co_return fits.error();
    co_return change([&] { return put_note(key, text, lasting); });
  }

  // A file has room for all.
  task<result<bool>> write_spare_note(std::string key, std::string text, duration lasting) override {
    if (auto written = co_await write_note(std::move(key), std::move(text), lasting); !written)
      co_return std::move(written).error();
    co_return false;
  }

  task<result<bool>> lock(std::string key, std::string owner, duration lasting) override {
    if (auto fits = check_bounds(key, owner); !fits) co_return fits.error();
    co_return change([&] { return take_lock(key, owner, lasting); });
  }

  task<result<>> unlock(std::string key, std::string owner) override {
    co_return change(
        [&] { return without_row(file_->run("DELETE FROM locks WHERE key = ? AND owner = ?", {key, owner})); });
  }

  // A change is made, and leaves nothing: a full disk lets one begin, and be read, but not be kept.
  task<result<>> probe() override {
    co_return change([&]() -> result<> {
      constexpr std::string_view nobody = "";  // no service, group or key is empty
      if (auto put = without_row(file_->run("INSERT INTO turns VALUES (?, ?)", {nobody, nobody})); !put) return put;
      return without_row(file_->run("DELETE FROM turns WHERE service = ?", {nobody}));
    });
  }

  std::string_view backend() const override { return "sqlite"; }

 private:
  // What was not to be had at the start is tried again; by now it is an outage whatever keeps it.
  result<> open() {
    if (file_) return {};
    auto opened = sqlite_file::open(path_, records::our_layout, patience_running);
    if (!opened) {
      const auto& why = opened.error();
      return why.code() == errc::rejected ? why.with(errc::denied) : why;
    }
    file_.emplace(*std::move(opened));
    return {};
  }

  template <class Work>
  auto change(Work work) -> decltype(work()) {
    if (auto ready = open(); !ready) return ready.error();
    return file_->atomically([&]() -> decltype(work()) {
      if (changes_++ % changes_between_sweeps == 0)
        if (auto swept = sweep(); !swept) return swept.error();
      return work();
    });
  }

  // A bounded part at a time: a change stays short after a long absence.
  result<> sweep() {
    const auto now = stored(clock_.wall_now());
    for (const auto* const sql : {"DELETE FROM notes WHERE key IN (SELECT key FROM notes WHERE until <= ? LIMIT 1024)",
                                  "DELETE FROM locks WHERE key IN (SELECT key FROM locks WHERE until <= ? LIMIT 1024)"})
      if (auto swept = without_row(file_->run(sql, {now})); !swept) return swept;
    return {};
  }

  result<history> recorded(const std::string& service) { return records::turns_of(*file_, service); }

  result<history> add_launch(const std::string& service, const std::string& scaling_group, time_point when) {
    auto before = recorded(service);
    if (!before) return before;
    auto turns = with_launch(*before, scaling_group, when);
    if (turns == *before) return turns;
    const auto text = to_text(turns);
    constexpr auto sql = "INSERT INTO turns VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text";
    if (auto kept = without_row(file_->run(sql, {service, text})); !kept) return kept.error();
    return turns;
  }

  result<std::optional<std::string>> note_in_force(const std::string& key) {
    return records::note_in_force(*file_, key, clock_.wall_now());
  }

  result<std::string> first_note(const std::string& key, const std::string& text, duration lasting) {
    auto first = note_in_force(key);
    if (!first) return first.error();
    if (*first) return **std::move(first);
    if (auto left = put_note(key, text, lasting); !left) return left.error();
    return text;
  }

  result<> put_note(const std::string& key, const std::string& text, duration lasting) {
    constexpr auto sql =
        "INSERT INTO notes VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text, until = excluded.until";
    return without_row(file_->run(sql, {key, text, stored(clock_.wall_now() + lasting)}));
  }

  result<bool> take_lock(const std::string& key, const std::string& owner, duration lasting) {
    constexpr auto sql =
        "INSERT INTO locks VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET owner = excluded.owner, until = "
        "excluded.until "
        "WHERE locks.owner = excluded.owner OR locks.until <= ?4";
    const auto now = clock_.wall_now();
    if (const auto ran = file_->run(sql, {key, owner, stored(now + lasting), stored(now)}); !ran) return ran.error();
    if (file_->changed_rows() > 0) return true;
    if (auto bound = bind_lock(key, now + lasting); !bound) return bound.error();
    return false;
  }

  // All ask for the same time: one that ends later was taken before the clock was set back, and would be kept for as
  // long by an owner that died.
  result<> bind_lock(const std::string& key, time_point latest) {
    return without_row(file_->run("UPDATE locks SET until = ?2 WHERE key = ?1 AND until > ?2", {key, stored(latest)}));
  }

  clock& clock_;
  std::string path_;
  std::optional<sqlite_file> file_;  // nullopt: an outage has kept it from being opened so far
  unsigned changes_ = 0;
};

}  // namespace

result<std::unique_ptr<store>> open_sqlite_store(clock& time, const std::string& path) {
  auto file = sqlite_file::open(path, records::our_layout, patience_starting);
  if (file) return std::unique_ptr<store>(new sqlite_store(time, path, *std::move(file)));
  if (file.error().code() != errc::unreachable) return file.error();
  return std::unique_ptr<store>(new sqlite_store(time, path, std::nullopt));
}

}  // namespace lifehook::state
