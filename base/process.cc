#include "base/process.h"

#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lifehook {

namespace {

struct process_stat {
  double user_ticks = 0, system_ticks = 0, threads = 0, start_ticks = 0, virtual_bytes = 0, resident_pages = 0;
};

// The fields of /proc/self/stat after the command name, numbered as in proc(5): 3 is the first.
std::optional<process_stat> read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(text.substr(name_end + 1));
  const std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
  if (fields.size() < 22) return std::nullopt;
  const auto field = [&fields](std::size_t number) { return std::stod(fields[number - 3]); };
  return process_stat{field(14), field(15), field(20), field(22), field(23), field(24)};
}

std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  return std::nullopt;
}

std::optional<double> open_descriptors() {
  std::error_code failed;
  std::filesystem::directory_iterator entries("/proc/self/fd", failed);
  if (failed) return std::nullopt;
  return static_cast<double>(std::distance(begin(entries), end(entries)));
}

}  // namespace

std::vector<process_reading> read_process() {
  std::vector<process_reading> readings;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  if (const auto stat = read_stat()) {
    readings.push_back({"process_cpu_seconds_total", "User and system CPU time spent.",
                        (stat->user_ticks + stat->system_ticks) / ticks, true});
    readings.push_back({"process_virtual_memory_bytes", "Virtual memory size.", stat->virtual_bytes});
    readings.push_back({"process_resident_memory_bytes", "Resident memory size.", stat->resident_pages * page});
    readings.push_back({"process_threads", "Threads of the process.", stat->threads});
    if (const auto boot = boot_time())
      readings.push_back(
          {"process_start_time_seconds", "Start of the process, unix seconds.", *boot + stat->start_ticks / ticks});
  }
  if (const auto open = open_descriptors()) readings.push_back({"process_open_fds", "Open file descriptors.", *open});
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    readings.push_back(
        {"process_max_fds", "Most file descriptors that may be open.", static_cast<double>(limit.rlim_cur)});
  return readings;
}

// An open takes the lowest free number: those below are open by then.
void keep_standard_descriptors() {
  for (const int each : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(each, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
}

void take_all_descriptors() {
  rlimit granted{};
  if (::getrlimit(RLIMIT_NOFILE, &granted) != 0) return;
  granted.rlim_cur = granted.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &granted);
}

namespace {

// Whole pages of a segment: the rest of its first and last page may lie in a neighbour's.
void forget(std::uintptr_t begin, std::uintptr_t end) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  begin = (begin + page - 1) / page * page;
  end = end / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

bool is_of_kernel(const dl_phdr_info& object) { return std::string_view(object.dlpi_name).starts_with("linux-"); }

int forget_unwritten(dl_phdr_info* object, std::size_t, void*) {
  if (is_of_kernel(*object)) return 0;
  for (const auto& segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
    const auto begin = object->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) == 0) forget(begin, begin + segment.p_filesz);
  }
  return 0;
}

}  // namespace

void use_one_arena() { ::mallopt(M_ARENA_MAX, 1); }

void give_back_freed() { ::malloc_trim(0); }

// Of what is mapped only what nothing can have written to, relocations included: what is dropped of that is what the
// file still holds.
void give_back_memory() {
  give_back_freed();
  dl_iterate_phdr(&forget_unwritten, nullptr);
}

}  // namespace lifehook
