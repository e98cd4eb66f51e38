#include "tests/simulator/fleet_scene.h"

#include <gmock/gmock.h>

#include <set>

namespace lifehook::simulator {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

using parameters = std::map<std::string, std::string>;

// The ids an answer lists.
std::set<std::string> ids_in(std::string_view xml) {
  std::set<std::string> ids;
  for (auto at = xml.find("<instanceId>"); at != std::string_view::npos; at = xml.find("<instanceId>", at + 1))
    ids.insert(element(xml.substr(at), "instanceId"));
  return ids;
}

struct ec2_listings : fleet_scene {
  ec2_listings() {
    for (int i = 0; i < 12; ++i)
      all.insert(machines->launch("", {{"Shelf", std::to_string(i % 3)}, {i % 2 ? "Odd" : "Even", "yes"}}));
  }
  std::set<std::string> found(parameters asked) {
    return ids_in(ec2_query("DescribeInstances", std::move(asked)).value().xml);
  }
  std::string refused(parameters asked) { return ec2_query("DescribeInstances", std::move(asked)).error().code; }

  std::set<std::string> all;
};

TEST_F(ec2_listings, hold_everything_when_nothing_narrows_them) { EXPECT_EQ(found({}), all); }

TEST_F(ec2_listings, are_narrowed_by_all_filters_at_once_each_by_any_of_its_values) {
  EXPECT_THAT(found({{"Filter.1.Name", "tag:Shelf"}, {"Filter.1.Value.1", "0"}, {"Filter.1.Value.2", "2"}}), SizeIs(8));
  EXPECT_THAT(found({{"Filter.1.Name", "tag:Shelf"},
                     {"Filter.1.Value.1", "0"},
                     {"Filter.2.Name", "tag-key"},
                     {"Filter.2.Value.1", "Odd"}}),
              SizeIs(2));
}

TEST_F(ec2_listings, are_narrowed_by_patterns) {
  EXPECT_EQ(found({{"Filter.1.Name", "instance-id"}, {"Filter.1.Value.1", "i-0*"}}), all);
  EXPECT_THAT(found({{"Filter.1.Name", "tag-key"}, {"Filter.1.Value.1", "E?en"}}), SizeIs(6));
}

TEST_F(ec2_listings, are_narrowed_by_state) {
  const auto gone = *all.begin();
  machines->terminate(gone);

  EXPECT_THAT(found({{"Filter.1.Name", "instance-state-name"}, {"Filter.1.Value.1", "running"}}), SizeIs(11));
  EXPECT_THAT(found({{"Filter.1.Name", "instance-state-name"}, {"Filter.1.Value.1", "shutting-down"}}),
              UnorderedElementsAre(gone));
}

TEST_F(ec2_listings, leave_out_an_id_that_a_filter_names_and_none_has) {
  EXPECT_THAT(found({{"Filter.1.Name", "instance-id"}, {"Filter.1.Value.1", "i-00000000000000000"}}), IsEmpty());
}

TEST_F(ec2_listings, refuse_an_id_asked_for_outright_that_none_has) {
  EXPECT_THAT(found({{"InstanceId.1", *all.begin()}}), UnorderedElementsAre(*all.begin()));
  EXPECT_EQ(refused({{"InstanceId.1", *all.begin()}, {"InstanceId.2", "i-00000000000000000"}}),
            "InvalidInstanceID.NotFound");
  EXPECT_EQ(refused({{"InstanceId.1", "box"}}), "InvalidInstanceID.Malformed");
}

TEST_F(ec2_listings, refuse_filters_they_do_not_know_or_that_say_nothing) {
  EXPECT_EQ(refused({{"Filter.1.Name", "colour"}, {"Filter.1.Value.1", "red"}}), "InvalidParameterValue");
  EXPECT_EQ(refused({{"Filter.1.Name", "instance-id"}}), "InvalidParameterValue");
  parameters many{{"Filter.1.Name", "instance-id"}};
  for (int i = 1; i <= 201; ++i) many["Filter.1.Value." + std::to_string(i)] = "i-" + std::to_string(i);
  EXPECT_EQ(refused(many), "FilterLimitExceeded");
}

TEST_F(ec2_listings, come_in_pages_that_hold_each_record_once) {
  std::set<std::string> seen;
  std::size_t told = 0;
  int pages = 0;
  std::string token;
  do {
    parameters asked{{"MaxResults", "5"}};
    if (!token.empty()) asked["NextToken"] = token;
    const auto xml = ec2_query("DescribeInstances", asked).value().xml;
    const auto page = ids_in(xml);
    told += page.size();
    seen.insert(page.begin(), page.end());
    token = element(xml, "nextToken");
    ++pages;
  } while (!token.empty() && pages < 10);

  EXPECT_EQ(pages, 3);
  EXPECT_EQ(told, 12U);
  EXPECT_EQ(seen, all);
}

TEST_F(ec2_listings, have_no_token_when_the_last_page_is_just_full) {
  const auto xml =
      ec2_query("DescribeInstances", {{"MaxResults", "6"}, {"Filter.1.Name", "tag-key"}, {"Filter.1.Value.1", "Odd"}})
          .value()
          .xml;

  EXPECT_THAT(ids_in(xml), SizeIs(6));
  EXPECT_EQ(element(xml, "nextToken"), "");
}

TEST_F(ec2_listings, refuse_pages_of_the_wrong_size_or_together_with_ids) {
  EXPECT_EQ(refused({{"MaxResults", "4"}}), "InvalidParameterValue");
  EXPECT_EQ(refused({{"MaxResults", "1001"}}), "InvalidParameterValue");
  EXPECT_EQ(refused({{"MaxResults", "5"}, {"InstanceId.1", *all.begin()}}), "InvalidParameterCombination");
  EXPECT_EQ(refused({{"NextToken", "nonsense"}}), "InvalidParameterValue");
}

}  // namespace
}  // namespace lifehook::simulator
