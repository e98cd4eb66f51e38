#include "state/sqlite_file.h"

#include "aws/percent.h"
#include "base/number.h"

#include <sqlite3.h>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace lifehook::state {

namespace {

constexpr int patience_running_ms = 200;  // with another process: the loop is held up
constexpr std::string_view start_again = ": move it away with its -wal and -shm files, and start again";

errc meaning_of(int code) {
  switch (code & 0xff) {
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_SCHEMA:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return errc::denied;
    case SQLITE_MISUSE:
    case SQLITE_RANGE: return errc::internal;
    default: return errc::unreachable;
  }
}

bool is_full(int of_system) { return of_system == ENOSPC || of_system == EDQUOT; }
bool is_damage(int code) { return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB; }

error about(const std::string& path, errc code, std::string_view what) {
  return {code, std::string("state file ").append(path).append(": ").append(what)};
}

error not_allowed(const std::string& path, std::string_view reason) {
  return about(path, errc::denied,
               std::string(reason).append(": let this process read and write the file and its folder"));
}

// An absolute path has no other meaning to SQLite: ":memory:", an URI and nothing at all do.
result<std::string> usable_path(const std::string& path) {
  if (path.empty()) return error{errc::rejected, "state file: no path"};
  std::error_code failed;
  const auto whole = std::filesystem::absolute(path, failed);
  if (failed) return about(path, errc::denied, failed.message());
  const auto folder = whole.parent_path();
  if (!std::filesystem::is_directory(folder, failed))
    return about(path, errc::denied, "there is no folder " + folder.string() + ": create it or mount the volume there");
  if (auto is_file = sqlite_file::check_path(path); !is_file) return is_file.error();
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return not_allowed(path, std::strerror(errno));
  return whole.string();
}

// While nobody has it open there is no log beside it, and SQLite would make one, of a dry run's owner: it is told that
// nobody writes then.
std::string read_only(const std::filesystem::path& file) {
  std::error_code unknown;
  std::string uri("file:");
  aws::append_encoded(uri, file.native(), "/");
  return uri.append(std::filesystem::exists(file.native() + "-wal", unknown) ? "?mode=ro" : "?mode=ro&immutable=1");
}

int bind(sqlite3_stmt* to, int place, const sqlite_value& value) {
  if (const auto* const number = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(to, place, *number);
  const auto text = std::get<std::string_view>(value);
  const char* const start = text.data() != nullptr ? text.data() : "";
  return sqlite3_bind_text64(to, place, start, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

std::string first_column(sqlite3_stmt* of) {
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(of, 0));
  return {bytes != nullptr ? bytes : "", static_cast<std::size_t>(sqlite3_column_bytes(of, 0))};
}

// A statement in use: nothing of it stays locked or bound when its run ends.
class run_of {
 public:
  explicit run_of(sqlite3_stmt* what) : what_(what) {}
  ~run_of() {
    sqlite3_reset(what_);
    sqlite3_clear_bindings(what_);
  }
  run_of(const run_of&) = delete;
  run_of& operator=(const run_of&) = delete;

  // SQLITE_ROW or SQLITE_DONE when all is well. A change is made only when its last row has been taken.
  int to_end(std::optional<std::string>& first) const {
    int code = sqlite3_step(what_);
    if (code == SQLITE_ROW) first = first_column(what_);
    while (code == SQLITE_ROW) code = sqlite3_step(what_);
    return code;
  }

 private:
  sqlite3_stmt* what_;
};

}  // namespace

void sqlite_file::close_file::operator()(sqlite3* of) const { sqlite3_close_v2(of); }
void sqlite_file::end_statement::operator()(sqlite3_stmt* of) const { sqlite3_finalize(of); }

result<> sqlite_file::check_path(const std::string& path) {
  std::error_code unknown;
  const auto there = std::filesystem::status(path, unknown);
  if (std::filesystem::is_directory(there) || path.ends_with('/'))
    return about(path, errc::denied, "is a folder: name a file in it");
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there))
    return about(path, errc::denied, "is a device or a pipe, which keeps nothing: name a file on a volume");
  return {};
}

result<sqlite_file> sqlite_file::open(const std::string& path, const layout& as, std::chrono::milliseconds patience) {
  const auto usable = usable_path(path);
  if (!usable) return usable.error();
  sqlite3* opened = nullptr;
  constexpr int how = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(usable->c_str(), &opened, how, nullptr);
  sqlite_file file(path, connection(opened));
  if (code != SQLITE_OK && is_full(sqlite3_system_errno(opened)))
    return about(path, errc::unreachable, file.reason(code));
  if (code != SQLITE_OK) return not_allowed(path, file.reason(code));
  if (sqlite3_db_readonly(opened, "main") == 1) return not_allowed(path, "read-only");
  sqlite3_busy_timeout(opened, static_cast<int>(patience.count()));
  if (auto ready = file.set_up(as); !ready) return ready.error();
  sqlite3_busy_timeout(opened, patience_running_ms);
  return file;
}

result<std::optional<sqlite_file>> sqlite_file::open_to_read(const std::string& path, const layout& as) {
  if (const auto is_file = check_path(path); !is_file) return is_file.error();
  std::error_code failed;
  const auto whole = std::filesystem::absolute(path, failed);
  if (failed) return about(path, errc::denied, failed.message());
  sqlite3* opened = nullptr;
  constexpr int how = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(read_only(whole).c_str(), &opened, how, nullptr);
  sqlite_file file(path, connection(opened));
  if (code != SQLITE_OK) return about(path, errc::denied, file.reason(code) + ": let this process read it");
  sqlite3_busy_timeout(opened, patience_running_ms);
  const auto empty = file.look(as);
  if (!empty) return empty.error();
  if (*empty) return std::nullopt;
  return file;
}

result<> sqlite_file::set_up(const layout& as) {
  // Looked at before anything is changed: what is not ours stays as it is.
  const auto empty = look(as);
  if (!empty) return empty.error();
  for (const auto* const setting :
       {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA max_page_count = 262144"})
    if (auto set = execute(setting); !set) return set;
  if (*empty)
    if (auto made = atomically([&] { return make(as); }); !made) return made;
  return check_pages();
}

// The whole file is read once: a damaged page is better found now than in the middle of a night.
result<> sqlite_file::check_pages() {
  const auto found = run("PRAGMA quick_check(1)");
  if (found.has_error()) return found.error();
  if (*found && **found != "ok")
    return about(path_, errc::rejected, "damaged (" + **found + ")" + std::string(start_again));
  return {};
}

// Another process may have made it since it was looked at.
result<> sqlite_file::make(const layout& as) {
  const auto empty = is_empty(as);
  if (!empty) return empty.error();
  if (!*empty) return {};
  return execute(std::string(as.schema)
                     .append("; PRAGMA application_id = ")
                     .append(std::to_string(as.made_by))
                     .append("; PRAGMA user_version = ")
                     .append(std::to_string(as.version)));
}

// In one read: another process may be making it just then.
result<bool> sqlite_file::look(const layout& as) {
  if (const auto begun = run("BEGIN"); !begun) return begun.error();
  auto empty = is_empty(as);
  undo();
  return empty;
}

result<bool> sqlite_file::is_empty(const layout& as) {
  const auto made_by = number("PRAGMA application_id");
  if (!made_by) {
    const bool is_other = made_by.error().code() == errc::denied;
    return is_other ? made_by.error().with(errc::rejected) : made_by.error();
  }
  const auto version = number("PRAGMA user_version");
  if (!version) return version.error();
  const auto tables = number("SELECT count(*) FROM sqlite_master");
  if (!tables) return tables.error();
  if (*made_by == 0 && *version == 0 && *tables == 0) return true;
  if (*made_by != as.made_by) return about(path_, errc::rejected, "a database of another program: name another file");
  if (*version > as.version)
    return about(path_, errc::rejected,
                 "written by a newer version (schema " + std::to_string(*version) + ", this one knows " +
                     std::to_string(as.version) + "): run that version, or name another file");
  return false;
}

result<std::int64_t> sqlite_file::number(std::string_view sql) {
  const auto text = run(sql);
  if (!text) return text.error();
  return parse_number<std::int64_t>(text->value_or("")).value_or(0);
}

result<> sqlite_file::execute(const std::string& sql) {
  const int code = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code);
  return {};
}

result<std::optional<std::string>> sqlite_file::run(std::string_view sql, std::initializer_list<sqlite_value> with) {
  const auto ready = prepared(sql);
  if (!ready) return ready.error();
  const run_of running(*ready);
  int place = 0;
  for (const auto& each : with)
    if (const int code = bind(*ready, ++place, each); code != SQLITE_OK) return failure(code);
  std::optional<std::string> first;
  if (const int code = running.to_end(first); code != SQLITE_DONE) return failure(code);
  return first;
}

std::int64_t sqlite_file::changed_rows() const { return sqlite3_changes64(connection_.get()); }

result<sqlite3_stmt*> sqlite_file::prepared(std::string_view sql) {
  if (const auto known = statements_.find(sql); known != statements_.end()) return known->second.get();
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (code != SQLITE_OK) return failure(code);
  statements_.emplace(sql, statement(made));
  return made;
}

result<> sqlite_file::begin() {
  int moved = 0;
  sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved != 0) return about(path_, errc::unreachable, "moved or deleted while in use: put it back, or start again");
  if (const auto begun = run("BEGIN IMMEDIATE"); !begun) return begun.error();
  return {};
}

result<> sqlite_file::commit() {
  if (const auto ended = run("COMMIT"); !ended) return ended.error();
  return {};
}

// Some failures have ended the transaction themselves.
void sqlite_file::undo() {
  if (sqlite3_get_autocommit(connection_.get()) == 0)
    sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::string sqlite_file::reason(int code) const {
  std::string why(sqlite3_errstr(code));
  // What the failed call of SQLite itself has to say is more than its code's name.
  if (sqlite3_extended_errcode(connection_.get()) == code) why = sqlite3_errmsg(connection_.get());
  const int of_system = sqlite3_system_errno(connection_.get());
  const bool is_of_system =
      (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_FULL;
  if (is_of_system && of_system != 0) why.append(" (").append(std::strerror(of_system)).append(")");
  return why;
}

error sqlite_file::failure(int code) const {
  auto what = reason(code);
  if (is_damage(code)) what.append(start_again);
  return about(path_, meaning_of(code), what);
}

}  // namespace lifehook::state
