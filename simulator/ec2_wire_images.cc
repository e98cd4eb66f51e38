#include "simulator/ec2_listing.h"
#include "simulator/ec2_wire.h"

namespace lifehook::simulator {
namespace {

using texts = std::vector<std::string>;

constexpr std::array<ec2_field<image_record>, 4> image_fields{
    {{"image-id", [](const image_record& each) { return texts{each.id}; }},
     {"name", [](const image_record& each) { return texts{each.name}; }},
     {"state", [](const image_record& each) { return texts{each.state}; }},
     {"block-device-mapping.snapshot-id", [](const image_record& each) { return texts{each.snapshot}; }}}};

constexpr std::array<ec2_field<snapshot_record>, 4> snapshot_fields{
    {{"snapshot-id", [](const snapshot_record& each) { return texts{each.id}; }},
     {"status", [](const snapshot_record& each) { return texts{each.state}; }},
     {"volume-id", [](const snapshot_record& each) { return texts{each.volume}; }},
     {"description", [](const snapshot_record& each) { return texts{each.description}; }}}};

void write_image(query_xml& to, const image_record& each, const account& owner) {
  to.text("imageId", each.id).text("imageLocation", owner.id + "/" + each.name).text("imageState", each.state);
  to.text("imageOwnerId", owner.id).time("creationDate", each.requested).flag("isPublic", false);
  to.text("architecture", "x86_64").text("imageType", "machine").text("name", each.name);
  to.text("description", each.description).text("rootDeviceType", "ebs").text("rootDeviceName", "/dev/xvda");
  to.text("virtualizationType", "hvm").text("hypervisor", "xen").text("sourceInstanceId", each.instance);
  if (!each.reason.empty())
    to.open("stateReason")
        .text("code", each.reason.substr(0, each.reason.find(':')))
        .text("message", each.reason)
        .close("stateReason");
  to.items("blockDeviceMapping", texts{each.snapshot}, [](query_xml& xml, const std::string& snapshot) {
    xml.text("deviceName", "/dev/xvda").open("ebs").text("snapshotId", snapshot).number("volumeSize", 8);
    xml.text("volumeType", "gp3").flag("deleteOnTermination", true).flag("encrypted", false).close("ebs");
  });
  write_tags(to, each.tags);
}

void write_snapshot(query_xml& to, const snapshot_record& each, const account& owner) {
  to.text("snapshotId", each.id).text("volumeId", each.volume).text("status", each.state);
  to.time("startTime", each.began).text("progress", each.state == "completed" ? "100%" : "0%");
  to.text("ownerId", owner.id).number("volumeSize", 8).text("description", each.description);
  to.flag("encrypted", false).text("storageTier", "standard");
  write_tags(to, each.tags);
}

or_fault<image_order> read_order(const query_parameters& asked) {
  constexpr std::array<std::string_view, 2> types{"image", "snapshot"};
  image_order order;
  const auto instance = asked.required("InstanceId");
  const auto name = asked.required("Name");
  if (!instance) return instance.error();
  if (!name) return name.error();
  auto tags = read_tag_specification(asked, "image", types);
  if (!tags) return tags.error();
  auto snapshot_tags = read_tag_specification(asked, "snapshot", types);
  if (!snapshot_tags) return snapshot_tags.error();
  return image_order{
      *instance, *name, asked.text("Description"), asked.flag("NoReboot"), *std::move(tags), *std::move(snapshot_tags)};
}

}  // namespace

answered create_image(ec2_model& model, const query_parameters& asked) {
  auto order = read_order(asked);
  if (!order) return order.error();
  const auto id = model.images.create(*std::move(order));
  if (!id) return id.error();
  query_xml written;
  written.text("imageId", *id);
  return ec2_answer(std::move(written));
}

answered describe_images(ec2_model& model, const query_parameters& asked) {
  const auto& owner = model.instances.owner();
  auto all = model.images.listed();
  if (!asks_for_own(asked, owner)) all.clear();
  const auto page = read_listing(asked, "ImageId", image_kind, all, image_fields);
  if (!page) return page.error();
  query_xml written;
  written.items("imagesSet", page->records,
                [&owner](query_xml& to, const image_record* each) { write_image(to, *each, owner); });
  return ec2_answer(std::move(written), page->next_token);
}

answered deregister_image(ec2_model& model, const query_parameters& asked) {
  const auto id = asked.required("ImageId");
  if (!id) return id.error();
  const auto deleted = model.images.deregister(*id, asked.flag("DeleteAssociatedSnapshots"));
  if (!deleted) return deleted.error();
  query_xml written;
  written.flag("return", true);
  if (!deleted->empty())
    written.items("deleteSnapshotResultSet", *deleted, [](query_xml& to, const std::string& snapshot) {
      to.text("snapshotId", snapshot).text("returnCode", "success");
    });
  return ec2_answer(std::move(written));
}

answered describe_snapshots(ec2_model& model, const query_parameters& asked) {
  const auto& owner = model.instances.owner();
  std::map<std::string, const snapshot_record*, std::less<>> all;
  if (asks_for_own(asked, owner))
    for (const auto& [id, each] : model.images.snapshots()) all.emplace(id, &each);
  const auto page = read_listing(asked, "SnapshotId", snapshot_kind, all, snapshot_fields);
  if (!page) return page.error();
  query_xml written;
  written.items("snapshotSet", page->records,
                [&owner](query_xml& to, const snapshot_record* each) { write_snapshot(to, *each, owner); });
  return ec2_answer(std::move(written), page->next_token);
}

answered delete_snapshot(ec2_model& model, const query_parameters& asked) {
  const auto id = asked.required("SnapshotId");
  if (!id) return id.error();
  if (auto done = model.images.delete_snapshot(*id); !done) return done.error();
  return ec2_done();
}

}  // namespace lifehook::simulator
