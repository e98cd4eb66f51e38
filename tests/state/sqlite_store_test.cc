#include "state/sqlite_store.h"

#include "state/sqlite_file.h"
#include "state/sqlite_reader.h"
#include "tests/state/temporary_folder.h"
#include "tests/support/full_disk.h"
#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>

namespace lifehook::state {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Optional;

// Another program's hand on the file, or a person's.
class sqlite_shell {
 public:
  explicit sqlite_shell(const std::string& path) { sqlite3_open(path.c_str(), &to_); }
  ~sqlite_shell() { sqlite3_close(to_); }
  sqlite_shell(const sqlite_shell&) = delete;
  sqlite_shell& operator=(const sqlite_shell&) = delete;

  // The first column of the last row.
  std::string run(const std::string& sql) {
    std::string last;
    const auto take = [](void* into, int, char** values, char**) {
      *static_cast<std::string*>(into) = values[0] != nullptr ? values[0] : "";
      return 0;
    };
    if (sqlite3_exec(to_, sql.c_str(), take, &last, nullptr) != SQLITE_OK) return sqlite3_errmsg(to_);
    return last;
  }

 private:
  sqlite3* to_ = nullptr;
};

// Runs something in a process of its own, beside this one, which hears what it returned.
class child_process {
 public:
  explicit child_process(const std::function<std::string()>& work) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return;
    child_ = ::fork();
    if (child_ == 0) {
      const auto told = told_by(work);
      ::_exit(::write(ends[1], told.data(), told.size()) == static_cast<ssize_t>(told.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    hears_ = ends[0];
  }
  ~child_process() {
    ::close(hears_);
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  std::string told() {
    std::string all(4096, '\0');
    all.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(hears_, all.data(), all.size()), 0)));
    return all;
  }

 private:
  // What it throws must not carry the child on into the parent's tests.
  static std::string told_by(const std::function<std::string()>& work) {
    try {
      return work();
    } catch (const std::exception& thrown) {
      return thrown.what();
    }
  }

  pid_t child_ = -1;
  int hears_ = -1;
};

std::string told_by_an_ordinary_user(const std::function<std::string()>& work) {
  constexpr uid_t nobody = 65534;
  return child_process([&]() -> std::string {
           const bool is_ordinary =
               ::geteuid() != 0 || (::setgroups(0, nullptr) == 0 && ::setgid(nobody) == 0 && ::setuid(nobody) == 0);
           return is_ordinary ? work() : "still root";
         })
      .told();
}

struct sqlite_store_test : testing::Test {
  std::unique_ptr<store> open() { return open_sqlite_store(time.clock, path).value(); }
  error refused() { return refused(path); }
  error refused(const std::string& at) {
    const auto opened = open_sqlite_store(time.clock, at);
    return opened.has_error() ? opened.error() : error(errc::internal, "was opened");
  }
  template <class T>
  T wait(task<T> work) {
    return time.wait_for(std::move(work));
  }

  temporary_folder folder;
  std::string path = folder.file("state.db");
  test::virtual_time time;
};

TEST_F(sqlite_store_test, what_was_kept_is_there_when_opened_again) {
  const auto now = time.clock.now();
  {
    const auto before = open();
    wait(before->write_note("raise#i-1", "3", 1h)).value();
    wait(before->record_launch("web", "web-v1", now)).value();
    wait(before->lock("web-fleet", "me", 1min)).value();
  }

  const auto after = open();

  EXPECT_THAT(wait(after->note("raise#i-1")).value(), Optional(std::string("3")));
  EXPECT_EQ(wait(after->turns("web")).value(), (history{{"web-v1", now, now}}));
  EXPECT_FALSE(wait(after->lock("web-fleet", "you", 1min)).value());
}

TEST_F(sqlite_store_test, keeps_its_promises_to_the_disk) {
  const auto kept = open();
  wait(kept->write_note("raise#i-1", "3", 1h)).value();

  EXPECT_EQ(sqlite_shell(path).run("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(sqlite_shell(path).run("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(sqlite_shell(path).run("PRAGMA user_version"), "1");
}

// A child acknowledges each change on a pipe after it was made, and is killed in the middle of the next.
TEST_F(sqlite_store_test, everything_acknowledged_survives_a_kill) {
  for (int round = 0; round < 3; ++round) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto writing = open();
      for (int i = 0;; ++i) {
        wait(writing->write_note(std::to_string(round) + "#" + std::to_string(i), std::string(500, 'x'), 1h)).value();
        wait(writing->record_launch("web", "v" + std::to_string(i), time.clock.now() + i * 1s)).value();
        if (::write(ends[1], &i, sizeof i) != sizeof i) ::_exit(1);
      }
    }
    ::close(ends[1]);
    int acknowledged = -1;
    while (acknowledged < 15 + 7 * round) ASSERT_EQ(::read(ends[0], &acknowledged, sizeof acknowledged), sizeof(int));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(ends[0], &acknowledged, sizeof acknowledged) > 0) {
    }
    ::close(ends[0]);

    const auto after = open();

    for (int i = 0; i <= acknowledged; ++i)
      ASSERT_TRUE(wait(after->note(std::to_string(round) + "#" + std::to_string(i))).value().has_value()) << i;
    const auto newest = wait(after->turns("web")).value().front().newest;
    EXPECT_GE(newest, time.clock.now() + acknowledged * 1s);
    EXPECT_EQ(sqlite_shell(path).run("PRAGMA integrity_check"), "ok");
  }
}

TEST_F(sqlite_store_test, two_processes_that_begin_at_once_on_a_new_file_both_have_it) {
  for (int round = 0; round < 60; ++round) {
    const auto fresh = folder.file("new" + std::to_string(round) + ".db");
    const auto have_it = [&] {
      const auto opened = open_sqlite_store(time.clock, fresh);
      return opened ? std::string("has it") : opened.error().what();
    };
    child_process child(have_it);

    EXPECT_EQ(have_it(), "has it");
    EXPECT_EQ(child.told(), "has it");
  }
}

// As a deploy has it for a moment: the old worker and the new one.
TEST_F(sqlite_store_test, two_processes_agree_on_every_first_note_and_lose_no_launch) {
  const auto leave_all = [this](char mine) {
    const auto kept = open();
    std::string firsts;
    for (int tries = 0; tries < 4000 && firsts.size() < 40; ++tries) {
      const auto number = firsts.size();
      const auto noted = wait(kept->note_once("raise#" + std::to_string(number), std::string(1, mine), 1h));
      const auto recorded = wait(kept->record_launch("service " + std::to_string(number), std::string(1, mine),
                                                     time.clock.now() + (mine - 'a') * 1s));
      if (noted && recorded) firsts += *noted;  // else the other one was slow: once more
    }
    return firsts;
  };

  child_process child([&] { return leave_all('a'); });
  const auto ours = leave_all('b');
  const auto theirs = child.told();

  EXPECT_EQ(theirs.size(), 40U);
  EXPECT_EQ(ours, theirs);
  const auto after = open();
  for (std::size_t i = 0; i < ours.size(); ++i)
    EXPECT_EQ(wait(after->turns("service " + std::to_string(i))).value().size(), 2U) << i;
}

TEST_F(sqlite_store_test, a_file_that_is_no_database_is_refused_and_left_as_it_is) {
  folder.write("state.db", std::string(5000, '#'));

  const auto why = refused();

  EXPECT_EQ(why.code(), errc::rejected);
  EXPECT_THAT(why.what(), AllOf(HasSubstr(path), HasSubstr("not a database"), HasSubstr("move it away")));
  EXPECT_EQ(std::filesystem::file_size(path), 5000U);
}

TEST_F(sqlite_store_test, a_damaged_file_is_refused) {
  {
    const auto kept = open();
    for (int i = 0; i < 30; ++i)
      wait(kept->write_note("raise#" + std::to_string(i), std::string(3000, 'x'), 1h)).value();
  }
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(5 * 4096) << std::string(8192, '#');

  const auto why = refused();

  EXPECT_EQ(why.code(), errc::rejected);
  EXPECT_THAT(why.what(), AllOf(HasSubstr(path), HasSubstr("damaged"), HasSubstr("move it away")));
}

TEST_F(sqlite_store_test, damage_met_while_in_use_is_an_outage) {
  const auto kept = open();
  for (int i = 0; i < 30; ++i) wait(kept->write_note("raise#" + std::to_string(i), std::string(3000, 'x'), 1h)).value();
  sqlite_shell(path).run("PRAGMA wal_checkpoint(TRUNCATE)");
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(4096) << std::string(30 * 4096, '#');
  sqlite_shell(path).run("PRAGMA user_version = 1");  // a change elsewhere makes the pages be read again

  const auto read = wait(kept->note("raise#1"));

  ASSERT_TRUE(read.has_error());
  EXPECT_TRUE(is_outage(read.error().code())) << read.error().what();
}

TEST_F(sqlite_store_test, a_file_of_a_newer_version_is_refused_and_left_as_it_is) {
  open();
  sqlite_shell(path).run("PRAGMA user_version = 2");

  const auto why = refused();

  EXPECT_EQ(why.code(), errc::rejected);
  EXPECT_THAT(why.what(), AllOf(HasSubstr(path), HasSubstr("newer version"), HasSubstr("schema 2")));
  EXPECT_EQ(sqlite_shell(path).run("PRAGMA user_version"), "2");
}

TEST_F(sqlite_store_test, another_programs_database_is_refused_and_left_as_it_is) {
  sqlite_shell(path).run("CREATE TABLE orders (id)");

  const auto why = refused();

  EXPECT_EQ(why.code(), errc::rejected);
  EXPECT_THAT(why.what(), AllOf(HasSubstr(path), HasSubstr("another program")));
  EXPECT_EQ(sqlite_shell(path).run("SELECT group_concat(name) FROM sqlite_master"), "orders");
  EXPECT_EQ(sqlite_shell(path).run("PRAGMA journal_mode"), "delete");
}

TEST_F(sqlite_store_test, an_empty_file_is_made_a_store) {
  folder.write("state.db", "");

  EXPECT_TRUE(wait(open()->write_note("raise#i-1", "3", 1h)).has_value());
}

TEST_F(sqlite_store_test, a_folder_that_does_not_exist_is_named) {
  const auto why = refused(folder.file("absent/state.db"));

  EXPECT_EQ(why.code(), errc::denied);
  EXPECT_THAT(why.what(), AllOf(HasSubstr("there is no folder " + folder.file("absent")), HasSubstr("mount")));
}

TEST_F(sqlite_store_test, a_folder_in_the_place_of_the_file_is_named) {
  const auto why = refused(folder.path().string());

  EXPECT_EQ(why.code(), errc::denied);
  EXPECT_THAT(why.what(), HasSubstr("is a folder"));
}

TEST_F(sqlite_store_test, what_keeps_nothing_is_no_outage_but_refused) {
  const auto why = refused("/dev/null");

  EXPECT_EQ(why.code(), errc::denied);
  EXPECT_THAT(why.what(), AllOf(HasSubstr("state file /dev/null"), HasSubstr("name a file on a volume")));
}

TEST_F(sqlite_store_test, a_path_is_checked_before_there_is_anything_to_open) {
  EXPECT_TRUE(sqlite_file::check_path(folder.file("state.db")).has_value());
  EXPECT_TRUE(sqlite_file::check_path(folder.file("absent/state.db")).has_value()) << "it may be mounted where it runs";
  EXPECT_FALSE(sqlite_file::check_path(folder.file("absent/")).has_value());
  EXPECT_FALSE(sqlite_file::check_path(folder.path().string()).has_value());
  EXPECT_FALSE(std::filesystem::exists(folder.file("state.db")));
}

TEST_F(sqlite_store_test, no_path_and_a_path_of_memory_are_not_taken_as_sqlite_takes_them) {
  EXPECT_EQ(refused("").code(), errc::rejected);

  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const auto opened = open_sqlite_store(time.clock, ":memory:");
  std::filesystem::current_path(before);

  EXPECT_TRUE(opened.has_value());
  EXPECT_TRUE(std::filesystem::exists(folder.file(":memory:")));
}

TEST_F(sqlite_store_test, a_file_that_may_not_be_written_is_refused) {
  open();
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  std::filesystem::permissions(path, std::filesystem::perms::others_read | std::filesystem::perms::owner_read);

  const auto told =
      told_by_an_ordinary_user([this] { return std::string(name(refused().code())) + " " + refused().what(); });

  EXPECT_THAT(told, AllOf(HasSubstr("denied"), HasSubstr(path), HasSubstr("let this process read and write")));
}

TEST_F(sqlite_store_test, a_folder_that_may_not_be_written_is_refused) {
  open();
  std::filesystem::permissions(path, std::filesystem::perms::all);
  std::filesystem::permissions(folder.path(),
                               std::filesystem::perms::others_read | std::filesystem::perms::others_exec |
                                   std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);

  const auto told =
      told_by_an_ordinary_user([this] { return std::string(name(refused().code())) + " " + refused().what(); });

  EXPECT_THAT(told, AllOf(HasSubstr("denied"), HasSubstr("Permission denied"), HasSubstr("let this process")));
}

TEST_F(sqlite_store_test, a_lock_of_one_who_died_outlasts_no_clock_that_is_set_back) {
  const auto kept = open();
  ASSERT_TRUE(wait(kept->lock("web-fleet", "dead", 30s)).value());

  time.clock.set(time.clock.now() - 1h);

  EXPECT_FALSE(wait(kept->lock("web-fleet", "me", 30s)).value()) << "its owner may be at work";
  time.run_for(20s);
  EXPECT_FALSE(wait(kept->lock("web-fleet", "me", 30s)).value());
  time.run_for(10s);
  EXPECT_TRUE(wait(kept->lock("web-fleet", "me", 30s)).value());
}

TEST_F(sqlite_store_test, a_locked_file_is_an_outage_that_ends_with_the_lock) {
  const auto kept = open();
  sqlite_shell other(path);
  other.run("BEGIN IMMEDIATE");

  const auto refused = wait(kept->write_note("raise#i-1", "3", 1h));
  const auto probed = wait(kept->probe());
  other.run("ROLLBACK");

  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code(), errc::unreachable);
  EXPECT_THAT(refused.error().what(), AllOf(HasSubstr(path), HasSubstr("locked")));
  ASSERT_TRUE(probed.has_error());
  EXPECT_EQ(probed.error().code(), errc::unreachable);
  EXPECT_TRUE(wait(kept->write_note("raise#i-1", "3", 1h)).has_value());
  EXPECT_TRUE(wait(kept->probe()).has_value());
}

TEST_F(sqlite_store_test, a_file_locked_by_another_worker_is_opened_all_the_same) {
  open();
  sqlite_shell other(path);
  other.run("BEGIN IMMEDIATE");

  EXPECT_TRUE(open_sqlite_store(time.clock, path).has_value());
}

TEST_F(sqlite_store_test, a_locked_file_is_read_all_the_same) {
  const auto kept = open();
  wait(kept->write_note("raise#i-1", "3", 1h)).value();
  sqlite_shell other(path);
  other.run("BEGIN IMMEDIATE");

  EXPECT_THAT(wait(kept->note("raise#i-1")).value(), Optional(std::string("3")));
}

TEST_F(sqlite_store_test, a_full_disk_is_an_outage_that_ends_with_it_and_changes_nothing) {
  const auto kept = open();
  wait(kept->write_note("raise#i-1", "before", 1h)).value();

  {
    const test::full_disk now(4096);
    const auto refused = wait(kept->write_note("raise#i-1", std::string(16 * 1024, 'x'), 1h));
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code(), errc::unreachable);
    EXPECT_THAT(refused.error().what(), HasSubstr(path));
    EXPECT_TRUE(wait(kept->record_launch("web", "web-v1", time.clock.now())).has_error());
  }

  EXPECT_THAT(wait(kept->note("raise#i-1")).value(), Optional(std::string("before")));
  EXPECT_TRUE(wait(kept->turns("web")).value().empty());
  EXPECT_TRUE(wait(kept->write_note("raise#i-1", "after", 1h)).has_value());
}

TEST_F(sqlite_store_test, a_full_disk_is_found_by_the_probe_as_long_as_it_is_full) {
  const auto kept = open();
  EXPECT_TRUE(wait(kept->probe()).has_value());

  {
    const test::full_disk now(4096);
    const auto probed = wait(kept->probe());
    ASSERT_TRUE(probed.has_error());
    EXPECT_EQ(probed.error().code(), errc::unreachable);
    EXPECT_THAT(probed.error().what(), HasSubstr(path));
  }

  EXPECT_TRUE(wait(kept->probe()).has_value());
}

// Of a new file, and of one whose making was cut short.
TEST_F(sqlite_store_test, a_disk_that_is_full_at_the_start_is_an_outage_that_ends_with_it) {
  for (const rlim_t room : {0U, 4096U, 8192U}) {
    path = folder.file(std::to_string(room) + ".db");
    std::unique_ptr<store> kept;
    {
      const test::full_disk now(room);
      auto opened = open_sqlite_store(time.clock, path);
      ASSERT_TRUE(opened.has_value()) << opened.error().what();
      kept = *std::move(opened);
      const auto refused = wait(kept->note("raise#i-1"));
      ASSERT_TRUE(refused.has_error()) << room;
      EXPECT_EQ(refused.error().code(), errc::unreachable);
      EXPECT_THAT(refused.error().what(), HasSubstr(path));
      EXPECT_TRUE(wait(kept->turns("web")).has_error());
      EXPECT_TRUE(wait(kept->write_note("raise#i-1", "3", 1h)).has_error());
      EXPECT_TRUE(wait(kept->probe()).has_error());
    }

    EXPECT_TRUE(wait(kept->probe()).has_value()) << room;
    EXPECT_TRUE(wait(kept->write_note("raise#i-1", "3", 1h)).has_value());
    EXPECT_EQ(sqlite_shell(path).run("PRAGMA integrity_check"), "ok");
    EXPECT_THAT(wait(open()->note("raise#i-1")).value(), Optional(std::string("3")));
  }
}

TEST_F(sqlite_store_test, what_makes_a_file_unusable_before_it_could_be_opened_is_an_outage_then) {
  std::unique_ptr<store> kept;
  {
    const test::full_disk now(0);
    kept = open();
  }
  folder.write("state.db", std::string(5000, '#'));

  const auto refused = wait(kept->write_note("raise#i-1", "3", 1h));

  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code(), errc::denied);
  EXPECT_THAT(refused.error().what(), HasSubstr("not a database"));
}

TEST_F(sqlite_store_test, a_probe_leaves_nothing) {
  const auto kept = open();

  ASSERT_TRUE(wait(kept->probe()).has_value());

  EXPECT_EQ(sqlite_shell(path).run("SELECT count(*) FROM turns"), "0");
}

TEST_F(sqlite_store_test, a_file_deleted_while_in_use_is_an_outage_and_never_written_in_vain) {
  const auto kept = open();
  std::filesystem::remove(path);

  const auto refused = wait(kept->write_note("raise#i-1", "3", 1h));

  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code(), errc::unreachable);
  EXPECT_THAT(refused.error().what(), AllOf(HasSubstr(path), HasSubstr("deleted")));
  EXPECT_TRUE(wait(kept->probe()).has_error());
}

TEST_F(sqlite_store_test, turns_that_cannot_be_read_are_an_outage_that_names_them) {
  const auto kept = open();
  wait(kept->record_launch("web", "web-v1", time.clock.now())).value();
  sqlite_shell(path).run("UPDATE turns SET text = 'scrawl'");

  const auto read = wait(kept->turns("web"));
  const auto recorded = wait(kept->record_launch("web", "web-v2", time.clock.now()));

  ASSERT_TRUE(read.has_error());
  EXPECT_EQ(read.error().code(), errc::denied);
  EXPECT_THAT(read.error().what(), AllOf(HasSubstr("web"), HasSubstr("cannot be read")));
  EXPECT_TRUE(recorded.has_error());
  EXPECT_EQ(sqlite_shell(path).run("SELECT text FROM turns"), "scrawl");
}

TEST_F(sqlite_store_test, what_has_expired_is_swept_when_opened_and_now_and_then) {
  const auto fill = [this] {
    const auto ended = std::to_string((time.clock.now() - 1s).time_since_epoch().count());
    sqlite_shell(path).run("INSERT INTO notes VALUES ('raise#1', '3', " + ended + "), ('raise#2', '3', " + ended + ")");
    sqlite_shell(path).run("INSERT INTO locks VALUES ('web-fleet', 'me', " + ended + ")");
  };
  const auto left = [this] {
    return sqlite_shell(path).run("SELECT (SELECT count(*) FROM notes) || ' ' || (SELECT count(*) FROM locks)");
  };
  open();
  fill();
  const auto kept = open();
  wait(kept->write_note("in force", "3", 1h)).value();
  EXPECT_EQ(left(), "1 0");

  fill();
  EXPECT_EQ(left(), "3 1");
  for (int change = 0; change < 300; ++change) wait(kept->unlock("api-fleet", "me")).value();

  EXPECT_EQ(left(), "1 0");
}

struct sqlite_reader_test : sqlite_store_test {
  std::unique_ptr<store> reader() { return open_sqlite_reader(time.clock, path).value(); }
  // What is in the folder, by name.
  std::map<std::string, std::string> all() {
    std::map<std::string, std::string> files;
    for (const auto& each : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path())) {
      std::ifstream from(each.path(), std::ios::binary);
      files[each.path().filename()] = {std::istreambuf_iterator<char>(from), {}};
    }
    return files;
  }
};

TEST_F(sqlite_reader_test, sees_what_a_worker_has_left_and_changes_nothing) {
  wait(open()->write_note("key", "text", 1h));
  const auto before = all();

  const auto seen = reader();

  EXPECT_THAT(wait(seen->note("key")).value(), Optional(std::string("text")));
  EXPECT_THAT(wait(seen->note("other")).value(), std::nullopt);
  EXPECT_TRUE(wait(seen->probe()));
  EXPECT_EQ(all(), before) << "nor has it made a file beside it";
}

TEST_F(sqlite_reader_test, sees_what_a_worker_beside_it_writes) {
  const auto worker = open();
  const auto seen = reader();
  wait(worker->record_launch("web", "web-blue", time.clock.now()));
  wait(worker->write_note("key", "text", 1h));

  EXPECT_THAT(wait(seen->note("key")).value(), Optional(std::string("text")));
  EXPECT_EQ(wait(seen->turns("web")).value(), wait(worker->turns("web")).value());
  time.run_for(2h);
  EXPECT_THAT(wait(seen->note("key")).value(), std::nullopt) << "it has expired";
}

TEST_F(sqlite_reader_test, sees_what_a_worker_that_was_killed_has_left) {
  child_process([this]() -> std::string {
    const auto worker = open();
    wait(worker->write_note("key", "text", 1h));
    ::_exit(0);
  }).told();
  ASSERT_TRUE(std::filesystem::exists(path + "-wal"));
  const auto before = all();

  EXPECT_THAT(wait(reader()->note("key")).value(), Optional(std::string("text")));

  auto after = all();
  for (const auto* const kept : {"state.db", "state.db-wal"}) EXPECT_EQ(after[kept], before.at(kept)) << kept;
}

TEST_F(sqlite_reader_test, takes_no_lock_and_refuses_every_change) {
  const auto worker = open();
  const auto seen = reader();

  EXPECT_EQ(wait(seen->lock("key", "me", 1h)).error().code(), errc::rejected);
  EXPECT_EQ(wait(seen->write_note("key", "text", 1h)).error().code(), errc::rejected);
  EXPECT_TRUE(wait(worker->lock("key", "worker", 1h)).value());
}

TEST_F(sqlite_reader_test, finds_nothing_where_nothing_has_been_made) {
  std::ofstream(path).flush();

  EXPECT_THAT(wait(reader()->note("key")).value(), std::nullopt);
  EXPECT_EQ(std::filesystem::file_size(path), 0U);
}

TEST_F(sqlite_reader_test, refuses_what_is_not_ours) {
  std::ofstream(path) << std::string(4096, 'x');

  const auto opened = open_sqlite_reader(time.clock, path);

  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().code(), errc::rejected);
  EXPECT_THAT(opened.error().what(), HasSubstr(path));
}

TEST_F(sqlite_reader_test, reads_a_path_that_an_uri_would_take_for_something_else) {
  path = folder.file("a ?mode=rwc#%41.db");
  wait(open()->write_note("key", "text", 1h));

  EXPECT_THAT(wait(reader()->note("key")).value(), Optional(std::string("text")));
}

}  // namespace
}  // namespace lifehook::state
