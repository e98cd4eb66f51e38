#include "base/time_text.h"

#include <gtest/gtest.h>

namespace lifehook {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr time_point noon = std::chrono::sys_days(std::chrono::year(2026) / 3 / 12) + 13h + 19min + 3s;

TEST(rfc3339, is_written_in_utc_with_milliseconds) {
  EXPECT_EQ(to_rfc3339(noon + 123456us), "2026-03-12T13:19:03.123Z");
  EXPECT_EQ(to_rfc3339(noon), "2026-03-12T13:19:03.000Z");
  EXPECT_EQ(to_rfc3339(time_point{} - 1ms), "1969-12-31T23:59:59.999Z");
}

TEST(rfc3339, reads_what_it_writes) { EXPECT_EQ(parse_rfc3339(to_rfc3339(noon + 7ms)), noon + 7ms); }

TEST(rfc3339, reads_any_fraction_as_far_as_microseconds) {
  EXPECT_EQ(parse_rfc3339("2026-03-12T13:19:03Z"), noon);
  EXPECT_EQ(parse_rfc3339("2026-03-12T13:19:03.5Z"), noon + 500ms);
  EXPECT_EQ(parse_rfc3339("2026-03-12T13:19:03.123456789Z"), noon + 123456us);
}

TEST(rfc3339, reads_offsets) {
  EXPECT_EQ(parse_rfc3339("2026-03-12T15:19:03+02:00"), noon);
  EXPECT_EQ(parse_rfc3339("2026-03-12T08:49:03-04:30"), noon);
  EXPECT_EQ(parse_rfc3339("2026-03-12t13:19:03z"), noon);
}

TEST(rfc3339, reads_the_29th_of_february_in_leap_years_only) {
  EXPECT_EQ(to_rfc3339(parse_rfc3339("2028-02-29T00:00:00Z").value()), "2028-02-29T00:00:00.000Z");
  EXPECT_FALSE(parse_rfc3339("2026-02-29T00:00:00Z"));
}

TEST(rfc3339, refuses_everything_else) {
  for (const auto* text :
       {"", "2026-03-12", "2026-03-12T13:19:03", "2026-03-12T13:19Z", "2026-13-12T13:19:03Z", "2026-00-12T13:19:03Z",
        "2026-03-12T24:19:03Z", "2026-03-12T13:60:03Z", "2026-03-12T13:19:61Z", "2026-03-12T13:19:03.Z",
        "2026-03-12T13:19:03Zx", " 2026-03-12T13:19:03Z", "2026-03-12T13:19:03+0200", "2026-03-12T13:19:03+24:00",
        "26-03-12T13:19:03Z", "2026/03/12T13:19:03Z", "2026-03-12T-1:19:03Z", "yesterday"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(http_date, reads_the_form_of_date_headers) {
  EXPECT_EQ(parse_http_date("Thu, 12 Mar 2026 13:19:03 GMT"), noon);
  EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), time_point{});
}

TEST(http_date, refuses_everything_else) {
  for (const auto* text :
       {"", "Thu, 12 Mar 2026 13:19:03", "Thu, 12 Mar 2026 13:19:03 CET", "Thu, 12 Mrz 2026 13:19:03 GMT",
        "Thu, 31 Feb 2026 13:19:03 GMT", "Thursday 12-Mar-26 13:19:03 GMT", "Thu, 12 Mar 2026 25:19:03 GMT",
        "Thu, 1 Mar 2026 13:19:03 GMT", "2026-03-12T13:19:03Z"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

TEST(duration_text, reads_every_unit) {
  EXPECT_EQ(parse_duration("2d"), days(2));
  EXPECT_EQ(parse_duration("48h"), 48h);
  EXPECT_EQ(parse_duration("15m"), 15min);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(duration_text, reads_several_units_the_largest_first) {
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("1d2h3m4s5ms"), days(1) + 2h + 3min + 4s + 5ms);
  EXPECT_FALSE(parse_duration("30m1h"));
  EXPECT_FALSE(parse_duration("1s1ms1s"));
  EXPECT_FALSE(parse_duration("1h1h"));
}

TEST(duration_text, refuses_a_count_without_a_unit_and_a_unit_without_a_count) {
  for (const auto* text : {"", "60", "0", "1h30", "h", "mh", "1h m"}) EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(duration_text, refuses_signs_fractions_spaces_and_other_units) {
  for (const auto* text : {"-5s", "+5s", "1.5h", "1 h", " 1h", "1h ", "5S", "5sec", "5us", "1w", "1e3s", "0x10s"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(duration_text, refuses_more_than_ten_years_without_overflowing) {
  EXPECT_EQ(parse_duration("3650d"), days(3650));
  for (const auto* text : {"3651d", "3650d1ms", "9223372036854775807h", "9223372036854775808s",
                           "99999999999999999999999s", "315360000001ms"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(duration_text, is_written_as_people_write_it) {
  EXPECT_EQ(to_text(0s), "0s");
  EXPECT_EQ(to_text(250ms), "250ms");
  EXPECT_EQ(to_text(2500ms), "2.5s");
  EXPECT_EQ(to_text(60s), "1m");
  EXPECT_EQ(to_text(90min), "1h30m");
  EXPECT_EQ(to_text(1h + 1s), "1h1s");
  EXPECT_EQ(to_text(days(2)), "48h");
  EXPECT_EQ(to_text(-90s), "-1m30s");
}

}  // namespace
}  // namespace lifehook
