"""boto3 against EC2 and ELB of `lifehook simulate`: every operation they offer, their errors, their waiters and paginators."""

import re

import pytest
from botocore.exceptions import ClientError

import aws
from processes import ROOT, eventually
from simulator import Simulator

AMI = "ami-0123456789abcdef0"


@pytest.fixture
def quick():
    """A simulator whose clock runs thirty times faster: an image takes six seconds."""
    with Simulator("--speed", "30") as running:
        yield running


def offered():
    for header, service in (("ec2", "ec2"), ("elbv2", "elasticloadbalancing")):
        text = (ROOT / f"simulator/{header}.h").read_text()
        listing = re.search(r"Actions: (.*?)\nclass", text.replace("\n//", ""), re.DOTALL)[1]
        for action in re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", listing):
            yield f"{service}.{action}"


def error_of(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response


def code_of(call, **arguments):
    return error_of(call, **arguments)["Error"]["Code"]


def run(ec2, count=1, **tags):
    specification = [{"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]
    more = {"TagSpecifications": specification} if tags else {}
    started = ec2.run_instances(ImageId=AMI, InstanceType="t3.micro", MinCount=count, MaxCount=count, **more)
    return [each["InstanceId"] for each in started["Instances"]]


def instance(ec2, name):
    (reservation,) = ec2.describe_instances(InstanceIds=[name])["Reservations"]
    return reservation["Instances"][0]


def make_group(c, count=1, target_groups=()):
    c.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        MinSize=0,
        MaxSize=5,
        DesiredCapacity=count,
        AvailabilityZones=["eu-west-1a"],
        LaunchTemplate={"LaunchTemplateName": "web"},
        TargetGroupARNs=list(target_groups),
        Tags=[
            {"Key": "Team", "Value": "shop", "PropagateAtLaunch": True},
            {"Key": "Internal", "Value": "yes", "PropagateAtLaunch": False},
        ],
    )
    return members(c)


def members(c):
    (group,) = c.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
    return [each["InstanceId"] for each in group["Instances"]]


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
    (first,) = make_group(quick.aws)
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
    (box,) = make_group(quick.aws)
    asked = dict(
        InstanceId=box,
        Name="lifehook-web-" + box,
        Description="before the end",
        NoReboot=True,
        TagSpecifications=[tag_specification("image", Group="web"), tag_specification("snapshot", Group="web", Kind="root")],
    )

    name = ec2.create_image(**asked)["ImageId"]
    again = error_of(ec2.create_image, **asked)["Error"]
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
    dry = error_of(ec2.terminate_instances, InstanceIds=[box], DryRun=True)
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

    refused = error_of(simulator.aws.ec2.describe_instances)

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


def target_group(c, name="web", **more):
    return c.elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, **more)["TargetGroups"][0]["TargetGroupArn"]


def health(c, arn, **asked):
    told = c.elbv2.describe_target_health(TargetGroupArn=arn, **asked)["TargetHealthDescriptions"]
    return {(each["Target"]["Id"], each["Target"]["Port"]): each["TargetHealth"] for each in told}


def test_targets_are_registered_healthy_drained_and_gone(quick):
    elb = quick.aws.elbv2
    arn = target_group(quick.aws, TargetType="ip")
    target = dict(Id="10.0.0.7", Port=8080)

    elb.register_targets(TargetGroupArn=arn, Targets=[target])
    elb.get_waiter("target_in_service").wait(TargetGroupArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    seconds = [{"Key": "deregistration_delay.timeout_seconds", "Value": "240"}]
    assert elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=seconds)["Attributes"] == seconds
    assert elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"] == seconds
    elb.deregister_targets(TargetGroupArn=arn, Targets=[target])
    draining = health(quick.aws, arn)[("10.0.0.7", 8080)]
    eventually(lambda: not health(quick.aws, arn), 30, what="the target's end")

    assert (draining["State"], draining["Reason"]) == ("draining", "Target.DeregistrationInProgress")
    unused = health(quick.aws, arn, Targets=[target])[("10.0.0.7", 8080)]
    assert (unused["State"], unused["Reason"]) == ("unused", "Target.NotRegistered")
    assert elb.describe_target_groups(Names=["web"])["TargetGroups"][0]["TargetType"] == "ip"
    elb.delete_target_group(TargetGroupArn=arn)
    with pytest.raises(elb.exceptions.TargetGroupNotFoundException):
        elb.describe_target_health(TargetGroupArn=arn)


def test_an_instance_of_a_group_drains_before_its_hook_begins(quick):
    c = quick.aws
    arn = target_group(c)
    c.elbv2.modify_target_group_attributes(
        TargetGroupArn=arn, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "240"}]
    )
    (name,) = make_group(c, target_groups=[arn])
    c.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName="web",
        LifecycleHookName="drain",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=600,
    )
    assert set(health(c, arn)) == {(name, 80)}

    c.autoscaling.terminate_instance_in_auto_scaling_group(InstanceId=name, ShouldDecrementDesiredCapacity=True)

    def state():
        return c.autoscaling.describe_auto_scaling_instances(InstanceIds=[name])["AutoScalingInstances"][0]["LifecycleState"]

    assert state() == "Terminating"
    assert health(c, arn)[(name, 80)]["State"] == "draining"
    eventually(lambda: state() == "Terminating:Wait", 30, what="the hook")
    assert health(c, arn) == {}
    assert instance(c.ec2, name)["State"]["Name"] == "running"


def test_every_operation_offered_is_answered(simulator):
    c = simulator.aws
    (box,) = make_group(c)
    arn = target_group(c)
    targets = dict(TargetGroupArn=arn, Targets=[{"Id": box}])
    image = c.ec2.create_image(InstanceId=box, Name="visited")["ImageId"]
    run(c.ec2)
    c.ec2.describe_instances()
    c.ec2.describe_instance_status()
    c.ec2.create_tags(Resources=[image, box], Tags=[{"Key": "Kept", "Value": "no"}])
    c.ec2.describe_images(ImageIds=[image])
    c.ec2.describe_snapshots(OwnerIds=["self"])
    assert c.ec2.describe_network_interfaces(MaxResults=5)["NetworkInterfaces"] == []
    deleted = c.ec2.deregister_image(ImageId=image, DeleteAssociatedSnapshots=True)["DeleteSnapshotResults"]
    assert code_of(c.ec2.delete_snapshot, SnapshotId=deleted[0]["SnapshotId"]) == "InvalidSnapshot.NotFound"
    c.ec2.terminate_instances(InstanceIds=[box])
    c.elbv2.describe_target_groups()
    c.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[])
    c.elbv2.describe_target_group_attributes(TargetGroupArn=arn)
    c.elbv2.register_targets(**targets)
    c.elbv2.describe_target_health(TargetGroupArn=arn)
    c.elbv2.deregister_targets(**targets)
    c.elbv2.delete_target_group(TargetGroupArn=arn)

    assert len(list(offered())) == 19
    assert set(offered()) - set(simulator.calls()) == set()


def test_published_limits_throttle_launches_when_they_are_on():
    with Simulator("--limits") as limited:
        ec2 = limited.aws.ec2
        asked = dict(ImageId="no image", MinCount=1, MaxCount=1)  # counted though it is refused
        codes = [code_of(ec2.run_instances, **asked) for _ in range(30)]

    assert codes[:5] == ["InvalidAMIID.Malformed"] * 5
    assert "RequestLimitExceeded" in codes[5:]
