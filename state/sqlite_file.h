#pragma once

#include "base/error.h"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

struct sqlite3;
struct sqlite3_stmt;

namespace lifehook::state {

using sqlite_value = std::variant<std::string_view, std::int64_t>;

// One SQLite file, at most 1 GiB, synced to the disk at every commit (WAL, synchronous=FULL). Every call blocks: for
// another process's transaction at most 200 ms, opening as long as it is told. Errors name the file and the reason;
// unreachable: locked, full, read-only, moved away; denied: damaged, or not as this program made it.
class sqlite_file {
 public:
  // What this program's file is: marked as its own (application_id), of a version (user_version), made by `schema`.
  struct layout {
    std::int32_t made_by;
    std::int32_t version;
    const char* schema;
  };
  // denied: what stands at the path is no file, or the path names a folder. Touches nothing; that there is no file, or
  // not even its folder, is for `open` to say.
  static result<> check_path(const std::string& path);
  // Opens the file, or makes it. denied: the folder or the file cannot be used as it stands; rejected: it is not a
  // database, another program's, or of a newer version; the text says what to do. unreachable: the disk is full, or
  // another process has kept the file locked for all of `patience`.
  static result<sqlite_file> open(const std::string& path, const layout& as, std::chrono::milliseconds patience);

  // Opens it for a short look beside whoever has it open: nothing is made, changed or locked for others. nullopt:
  // nothing has been made in it yet. Errors as of `open`.
  static result<std::optional<sqlite_file>> open_to_read(const std::string& path, const layout& as);

  // Runs one statement with its parameters in order: the first column of the first row as text; nullopt: no row.
  // Statements are prepared once and kept: `sql` is one of a few.
  result<std::optional<std::string>> run(std::string_view sql, std::initializer_list<sqlite_value> with = {});
  std::int64_t changed_rows() const;  // by the last statement that changes rows

  // Runs `work`, which returns a result<>, as one transaction that sees no other's changes: all of it or nothing.
  template <class Work>
  auto atomically(Work work) -> decltype(work()) {
    if (auto begun = begin(); !begun) return begun.error();
    auto done = work();
    if (done.has_error()) {
      undo();
      return done;
    }
    if (auto ended = commit(); !ended) {
      undo();
      return ended.error();
    }
    return done;
  }

 private:
  struct close_file {
    void operator()(sqlite3* of) const;
  };
  struct end_statement {
    void operator()(sqlite3_stmt* of) const;
  };
  using connection = std::unique_ptr<sqlite3, close_file>;
  using statement = std::unique_ptr<sqlite3_stmt, end_statement>;

  sqlite_file(std::string path, connection to) : path_(std::move(path)), connection_(std::move(to)) {}
  result<> set_up(const layout& as);
  result<> make(const layout& as);
  result<> check_pages();
  result<bool> look(const layout& as);
  result<bool> is_empty(const layout& as);
  result<std::int64_t> number(std::string_view sql);
  result<> execute(const std::string& sql);
  result<sqlite3_stmt*> prepared(std::string_view sql);
  result<> begin();
  result<> commit();
  void undo();
  std::string reason(int code) const;
  error failure(int code) const;

  std::string path_;
  connection connection_;
  std::map<std::string, statement, std::less<>> statements_;  // end before the connection does
};

}  // namespace lifehook::state
