"""boto3 against EC2 of `lifehook simulate`: every operation it offers, its errors, its waiters and paginators."""

import pytest

import aws
from calls import code_of, error_of, refusal, uncalled
from processes import eventually

AMI = "ami-0123456789abcdef0"


def run(ec2, count=1, **tags):
    specification = [{"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]
    more = {"TagSpecifications": specification} if tags else {}
    started = ec2.run_instances(ImageId=AMI, InstanceType="t3.micro", MinCount=count, MaxCount=count, **more)
    return [each["InstanceId"] for each in started["Instances"]]


def instance(ec2, name):
    (reservation,) = ec2.describe_instances(InstanceIds=[name])["Reservations"]
    return reservation["Instances"][0]


def make_group(c):
    """One instance, with a tag of its group that it gets and one that it does not."""
    tags = [
        {"Key": "Team", "Value": "shop", "PropagateAtLaunch": True},
        {"Key": "Internal", "Value": "yes", "PropagateAtLaunch": False},
    ]
    (name,) = aws.make_group(c.autoscaling, "web", 1, Tags=tags)
    return name


def members(c):
    return aws.members(c.autoscaling, "web")


def test_an_instance_is_run_described_tagged_and_ended(quick):
    ec2 = quick.aws.ec2
    (name,) = run(ec2, Name="box")

    ec2.get_waiter("instance_running").wait(InstanceIds=[name], WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    ec2.create_tags(Resources=[name], Tags=[{"Key": "Team", "Value": "web"}])
    described = instance(ec2, name)
    ended = ec2.terminate_instances(InstanceIds=[name])["TerminatingInstances"]
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[name], WaiterConfig={"Delay": 1, "MaxAttempts": 20})

    assert (described["State"]["Name"], described["InstanceType"], described["ImageId"]) == ("running", "t3.micro", AMI)
    assert described["LaunchTime"].year > 2000
    assert {tag["Key"]: tag["Value"] for tag in described["Tags"]} == {"Name": "box", "Team": "web"}
    assert (ended[0]["PreviousState"]["Name"], ended[0]["CurrentState"]["Name"]) == ("running", "shutting-down")
    assert instance(ec2, name)["StateReason"]["Code"] == "Client.UserInitiatedShutdown"


def test_listings_are_filtered_and_paged(quick):
    ec2 = quick.aws.ec2
    blue, red = run(ec2, count=7, Shelf="blue"), run(ec2, count=2, Shelf="red")

    def names(**asked):
        pages = ec2.get_paginator("describe_instances").paginate(**asked)
        return [each["InstanceId"] for page in pages for held in page["Reservations"] for each in held["Instances"]]

    assert sorted(names(PaginationConfig={"PageSize": 5})) == sorted(blue + red)
    assert sorted(names(Filters=[{"Name": "tag:Shelf", "Values": ["blue"]}])) == sorted(blue)
    assert names(Filters=[{"Name": "tag-key", "Values": ["Sh?lf"]}, {"Name": "instance-id", "Values": red[:1]}]) == red[:1]
    assert names(Filters=[{"Name": "instance-id", "Values": ["i-00000000000000000"]}]) == []


def test_an_instance_of_a_group_has_the_groups_tags_and_is_replaced_when_it_is_ended_by_hand(quick):
    first = make_group(quick.aws)
    tags = {tag["Key"]: tag["Value"] for tag in instance(quick.aws.ec2, first)["Tags"]}

    quick.aws.ec2.terminate_instances(InstanceIds=[first])
    eventually(lambda: [each for each in members(quick.aws) if each != first], 30, what="a replacement")
    eventually(lambda: first not in members(quick.aws), 30, what="the end of the first")

    assert tags == {"Team": "shop", "aws:autoscaling:groupName": "web"}
    activities = quick.aws.autoscaling.describe_scaling_activities(AutoScalingGroupName="web")["Activities"]
    assert any("in response to an EC2 health check indicating it has been terminated" in each["Cause"] for each in activities)


def tag_specification(resource, **tags):
    return {"ResourceType": resource, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def test_an_image_is_made_found_and_deregistered_and_its_snapshot_deleted_after_it(quick):
    ec2 = quick.aws.ec2
    box = make_group(quick.aws)
    asked = dict(
        InstanceId=box,
        Name="lifehook-web-" + box,
        Description="before the end",
        NoReboot=True,
        TagSpecifications=[tag_specification("image", Group="web"), tag_specification("snapshot", Group="web", Kind="root")],
    )

    name = ec2.create_image(**asked)["ImageId"]
    again = error_of(ec2.create_image, **asked)
    ec2.get_waiter("image_available").wait(ImageIds=[name], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    (image,) = ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": [asked["Name"]]}])["Images"]
    snapshot = image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    (found,) = ec2.describe_snapshots(OwnerIds=["self"], Filters=[{"Name": "tag:Kind", "Values": ["root"]}])["Snapshots"]
    in_use = code_of(ec2.delete_snapshot, SnapshotId=snapshot)
    ec2.deregister_image(ImageId=name)
    ec2.delete_snapshot(SnapshotId=snapshot)

    assert (again["Code"], again["Message"]) == (
        "InvalidAMIName.Duplicate",
        f"AMI name {asked['Name']} is already in use by AMI {name}",
    )
    assert (image["ImageId"], image["State"], image["Description"]) == (name, "available", "before the end")
    assert image["Tags"] == [{"Key": "Group", "Value": "web"}]
    assert (found["SnapshotId"], found["State"], found["StartTime"].year > 2000) == (snapshot, "completed", True)
    assert in_use == "InvalidSnapshot.InUse"
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []


def test_errors_of_ec2_have_its_codes(simulator):
    ec2 = simulator.aws.ec2
    (box,) = run(ec2)
    ec2.terminate_instances(InstanceIds=[box])

    assert code_of(ec2.create_image, InstanceId=box, Name="backup") == "IncorrectInstanceState"
    assert code_of(ec2.create_image, InstanceId="i-00000000000000000", Name="backup") == "InvalidInstanceID.NotFound"
    assert code_of(ec2.create_image, InstanceId=box, Name="a:b") == "InvalidAMIName.Malformed"
    assert code_of(ec2.describe_instances, InstanceIds=["box"]) == "InvalidInstanceID.Malformed"
    assert code_of(ec2.describe_images, ImageIds=[AMI]) == "InvalidAMIID.NotFound"
    assert code_of(ec2.deregister_image, ImageId=AMI) == "InvalidAMIID.NotFound"
    assert code_of(ec2.delete_snapshot, SnapshotId="snap-00000000000000000") == "InvalidSnapshot.NotFound"
    assert code_of(ec2.describe_instances, MaxResults=5, InstanceIds=[box]) == "InvalidParameterCombination"
    dry = refusal(ec2.terminate_instances, InstanceIds=[box], DryRun=True).response
    assert (dry["Error"]["Code"], dry["ResponseMetadata"]["HTTPStatusCode"]) == ("DryRunOperation", 412)


@pytest.mark.parametrize(
    "kind, code, status",
    [
        ("throttle", "RequestLimitExceeded", 503),
        ("access_denied", "UnauthorizedOperation", 403),
        ("expired_credentials", "RequestExpired", 400),
        ("server_error", "InternalError", 500),
    ],
)
def test_faults_of_ec2_are_in_its_words(simulator, kind, code, status):
    simulator.faults({"kind": kind, "service": "ec2"})

    refused = refusal(simulator.aws.ec2.describe_instances).response

    assert (refused["Error"]["Code"], refused["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert refused["ResponseMetadata"]["RequestId"]


def test_scheduled_maintenance_is_listed_until_it_is_completed(quick):
    ec2 = quick.aws.ec2
    (box, other) = run(ec2, count=2)
    ec2.get_waiter("instance_status_ok").wait(InstanceIds=[box, other], WaiterConfig={"Delay": 1, "MaxAttempts": 20})

    event = quick.control("schedule-reboot", instance=box, **{"in": 30, "takes": 30})["event"]

    def scheduled(**asked):
        """Of the instances that are asked for: those with events, and these."""
        pages = ec2.get_paginator("describe_instance_status").paginate(**asked)
        told = [each for page in pages for each in page["InstanceStatuses"]]
        return {each["InstanceId"]: each["Events"] for each in told if "Events" in each}

    planned = scheduled(Filters=[{"Name": "event.code", "Values": ["instance-reboot"]}])
    (first,) = planned[box]
    assert (list(planned), first["InstanceEventId"], first["Code"]) == ([box], event, "instance-reboot")
    assert first["Description"] == "The instance is scheduled for a reboot"
    assert (first["NotAfter"] - first["NotBefore"]).total_seconds() == 7200
    completed = lambda: scheduled(InstanceIds=[box])[box][0]["Description"].startswith("[Completed] ")
    eventually(completed, 30, what="the end of the reboot")
    assert scheduled(InstanceIds=[other], IncludeAllInstances=True) == {}
    assert code_of(ec2.describe_instance_status, InstanceIds=["i-00000000000000000"]) == "InvalidInstanceID.NotFound"


def test_every_operation_answers_in_a_shape_botocore_parses(simulator):
    ec2 = simulator.aws.ec2
    box = make_group(simulator.aws)
    image = ec2.create_image(InstanceId=box, Name="visited")["ImageId"]
    run(ec2)
    assert len(ec2.describe_instances()["Reservations"]) == 2
    assert ec2.describe_instance_status()["InstanceStatuses"]
    ec2.create_tags(Resources=[image, box], Tags=[{"Key": "Kept", "Value": "no"}])
    (described,) = ec2.describe_images(ImageIds=[image])["Images"]
    assert described["Tags"] == [{"Key": "Kept", "Value": "no"}]
    (snapshot,) = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert ec2.describe_network_interfaces(MaxResults=5)["NetworkInterfaces"] == []

    (deleted,) = ec2.deregister_image(ImageId=image, DeleteAssociatedSnapshots=True)["DeleteSnapshotResults"]
    assert deleted["SnapshotId"] == snapshot["SnapshotId"]
    assert code_of(ec2.delete_snapshot, SnapshotId=deleted["SnapshotId"]) == "InvalidSnapshot.NotFound"
    ec2.terminate_instances(InstanceIds=[box])

    assert uncalled(simulator, "ec2") == set()
