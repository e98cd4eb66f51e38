"""boto3 against `lifehook simulate`: every operation it offers is called, and each answer is one botocore can parse."""

import json
import re
import threading
import time

import pytest
from botocore.exceptions import ClientError

import aws
import processes
from processes import REGION, ROOT, eventually
from simulator import Fleet



def offered():
    """The operations that the headers of the simulator's services name."""
    for service in ("sqs", "autoscaling", "ecs", "sts"):
        text = (ROOT / f"simulator/{service}.h").read_text()
        listing = re.search(r"Actions: (.*?)\nclass", text.replace("\n//", ""), re.DOTALL)[1]
        for action, batch in re.findall(r"\b([A-Z][a-z]+[A-Z]\w+)(\(Batch\))?", listing):
            yield f"{service}.{action}"
            if batch:
                yield f"{service}.{action}Batch"


WEB = {"family": "web", "containerDefinitions": [{"name": "web", "image": "web", "memory": 128}]}


def visit_sqs(c):
    sqs = c.sqs
    url = sqs.create_queue(QueueName="visited", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
    assert sqs.get_queue_url(QueueName="visited")["QueueUrl"] == url
    assert url in sqs.list_queues()["QueueUrls"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "40"})
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "40"
    assert attributes["QueueArn"].endswith(":visited")

    assert sqs.send_message(QueueUrl=url, MessageBody="one")["MessageId"]  # boto3 checks the MD5 of it all
    entries = [{"Id": str(n), "MessageBody": f"body {n}"} for n in range(3)]
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 3
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    assert sorted(each["Body"] for each in received) == ["body 0", "body 1", "body 2", "one"]
    assert {each["Attributes"]["ApproximateReceiveCount"] for each in received} == {"1"}
    assert all(int(each["Attributes"]["SentTimestamp"]) > 1e12 for each in received)

    handles = [each["ReceiptHandle"] for each in received]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handles[0], VisibilityTimeout=0)
    (again,) = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], WaitTimeSeconds=2)["Messages"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    changes = [{"Id": "a", "ReceiptHandle": handles[1], "VisibilityTimeout": 60}]
    assert sqs.change_message_visibility_batch(QueueUrl=url, Entries=changes)["Successful"] == [{"Id": "a"}]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
    deletes = [{"Id": "good", "ReceiptHandle": handles[1]}, {"Id": "bad", "ReceiptHandle": "nonsense"}]
    deleted = sqs.delete_message_batch(QueueUrl=url, Entries=deletes)
    assert [each["Id"] for each in deleted["Successful"]] == ["good"]
    assert [(each["Id"], each["Code"]) for each in deleted["Failed"]] == [("bad", "ReceiptHandleIsInvalid")]
    sqs.purge_queue(QueueUrl=url)
    sqs.delete_queue(QueueUrl=url)


def visit_groups(c, queue_arn):
    groups = c.autoscaling
    groups.create_auto_scaling_group(
        AutoScalingGroupName="visited",
        MinSize=0,
        MaxSize=5,
        DesiredCapacity=3,
        AvailabilityZones=[REGION + "a"],
        LaunchTemplate={"LaunchTemplateName": "web"},
        Tags=[{"Key": "Team", "Value": "web", "PropagateAtLaunch": True}],
    )
    groups.create_or_update_tags(
        Tags=[dict(ResourceId="visited", ResourceType="auto-scaling-group", Key="Tier", Value="1", PropagateAtLaunch=True)]
    )
    assert {tag["Key"] for tag in groups.describe_tags()["Tags"]} >= {"Team", "Tier"}
    groups.put_lifecycle_hook(
        AutoScalingGroupName="visited",
        LifecycleHookName="drain-hook",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=30,
        DefaultResult="CONTINUE",
        NotificationTargetARN=queue_arn,
        RoleARN="arn:aws:iam::111122223333:role/lifecycle",
    )
    (hook,) = groups.describe_lifecycle_hooks(AutoScalingGroupName="visited")["LifecycleHooks"]
    assert (hook["HeartbeatTimeout"], hook["GlobalTimeout"], hook["DefaultResult"]) == (30, 3000, "CONTINUE")
    groups.update_auto_scaling_group(AutoScalingGroupName="visited", MaxSize=6)
    (group,) = groups.describe_auto_scaling_groups(AutoScalingGroupNames=["visited"])["AutoScalingGroups"]
    assert (group["MaxSize"], group["DesiredCapacity"], len(group["Instances"])) == (6, 3, 3)
    assert group["CreatedTime"].year > 2000
    target_group = c.elbv2.create_target_group(Name="visited", Protocol="HTTP", Port=80)["TargetGroups"][0]["TargetGroupArn"]
    attached = dict(AutoScalingGroupName="visited", TargetGroupARNs=[target_group])
    groups.attach_load_balancer_target_groups(**attached)
    (balancing,) = groups.describe_load_balancer_target_groups(AutoScalingGroupName="visited")["LoadBalancerTargetGroups"]
    assert balancing["LoadBalancerTargetGroupARN"] == target_group
    groups.detach_load_balancer_target_groups(**attached)


def visit_actions(c, queue):
    groups = c.autoscaling
    ids = [each["InstanceId"] for each in groups.describe_auto_scaling_instances()["AutoScalingInstances"]]
    assert len(ids) == 3
    ended = groups.terminate_instance_in_auto_scaling_group(InstanceId=ids[0], ShouldDecrementDesiredCapacity=True)
    assert ended["Activity"]["ActivityId"]

    def message():
        found = c.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        bodies = [json.loads(each["Body"]) for each in found]
        return next((body for body in bodies if body.get("EC2InstanceId") == ids[0]), None)

    body = eventually(message, 30, what="the hook's message")
    assert body["LifecycleTransition"] == "autoscaling:EC2_INSTANCE_TERMINATING"
    action = dict(
        AutoScalingGroupName="visited", LifecycleHookName="drain-hook", LifecycleActionToken=body["LifecycleActionToken"]
    )
    groups.record_lifecycle_action_heartbeat(**action)
    groups.complete_lifecycle_action(**action, LifecycleActionResult="CONTINUE")
    with pytest.raises(ClientError, match="No active Lifecycle Action found with token") as refused:
        groups.complete_lifecycle_action(**action, LifecycleActionResult="CONTINUE")
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert groups.describe_scaling_activities(AutoScalingGroupName="visited")["Activities"][0]["StatusCode"]

    groups.set_instance_health(InstanceId=ids[1], HealthStatus="Healthy")
    groups.detach_instances(InstanceIds=[ids[2]], AutoScalingGroupName="visited", ShouldDecrementDesiredCapacity=True)
    groups.put_warm_pool(AutoScalingGroupName="visited", MinSize=0, PoolState="Stopped")
    assert groups.describe_warm_pool(AutoScalingGroupName="visited")["WarmPoolConfiguration"]["PoolState"] == "Stopped"
    groups.set_desired_capacity(AutoScalingGroupName="visited", DesiredCapacity=0)
    groups.delete_lifecycle_hook(AutoScalingGroupName="visited", LifecycleHookName="drain-hook")
    groups.delete_auto_scaling_group(AutoScalingGroupName="visited", ForceDelete=True)


def visit_autoscaling(c):
    queue = c.sqs.create_queue(QueueName="hooks")["QueueUrl"]
    visit_groups(c, aws.queue_arn(c.sqs, queue))
    visit_actions(c, queue)


def visit_tasks(c, arn):
    ecs = c.ecs
    task = ecs.start_task(cluster="visited", taskDefinition="web", containerInstances=[arn])["tasks"][0]["taskArn"]
    assert task in ecs.list_tasks(cluster="visited", containerInstance=arn)["taskArns"]
    assert ecs.run_task(cluster="visited", taskDefinition="web", count=1)["failures"] == []
    described = ecs.describe_tasks(cluster="visited", tasks=[task, "arn:aws:ecs:eu-west-1:111122223333:task/visited/none"])
    assert described["tasks"][0]["containerInstanceArn"] == arn
    assert described["tasks"][0]["createdAt"].year > 2000
    assert described["failures"][0]["reason"] == "MISSING"
    ecs.create_service(cluster="visited", serviceName="web", taskDefinition="web", desiredCount=1)
    ecs.update_service(cluster="visited", service="web", desiredCount=2)
    assert ecs.list_services(cluster="visited")["serviceArns"]
    assert ecs.describe_services(cluster="visited", services=["web"])["services"][0]["desiredCount"] == 2
    served = eventually(lambda: ecs.list_tasks(cluster="visited", serviceName="web")["taskArns"], what="service tasks")
    ecs.update_task_protection(cluster="visited", tasks=served[:1], protectionEnabled=True)
    protected = ecs.get_task_protection(cluster="visited", tasks=served[:1])["protectedTasks"]
    assert protected[0]["protectionEnabled"] is True
    assert ecs.stop_task(cluster="visited", task=task, reason="visit")["task"]["desiredStatus"] == "STOPPED"
    ecs.delete_service(cluster="visited", service="web", force=True)


def visit_ecs(c):
    ecs = c.ecs
    ecs.create_cluster(clusterName="visited")
    assert ecs.list_clusters()["clusterArns"][0].endswith("cluster/visited")
    assert ecs.describe_clusters(clusters=["visited"])["clusters"][0]["status"] == "ACTIVE"
    assert ecs.describe_clusters(clusters=["nowhere"])["failures"][0]["reason"] == "MISSING"
    ecs.register_task_definition(**WEB)
    (container,) = ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]["containerDefinitions"]
    assert (container["name"], container["essential"]) == ("web", True)
    instance = "i-0123456789abcdef0"
    registered = ecs.register_container_instance(
        cluster="visited", instanceIdentityDocument=aws.identity_document(instance)
    )
    arn = registered["containerInstance"]["containerInstanceArn"]
    found = ecs.list_container_instances(cluster="visited", filter=f"ec2InstanceId == {instance}")
    assert found["containerInstanceArns"] == [arn]
    found = ecs.list_container_instances(cluster="visited", filter="ec2InstanceId == i-00000000000000000")
    assert found["containerInstanceArns"] == []
    visit_tasks(c, arn)
    drained = ecs.update_container_instances_state(cluster="visited", containerInstances=[arn], status="DRAINING")
    assert drained["containerInstances"][0]["status"] == "DRAINING"
    (described,) = ecs.describe_container_instances(cluster="visited", containerInstances=[arn])["containerInstances"]
    assert (described["ec2InstanceId"], described["agentConnected"]) == (instance, True)
    assert ecs.list_container_instances(cluster="visited", status="DRAINING")["containerInstanceArns"] == [arn]
    ecs.deregister_container_instance(cluster="visited", containerInstance=arn, force=True)
    ecs.delete_cluster(cluster="visited")


def visit_sts(c):
    assert c.sts.get_caller_identity()["Account"] == "111122223333"
    role = dict(RoleArn="arn:aws:iam::111122223333:role/worker", RoleSessionName="visit")
    assert c.sts.assume_role(**role)["Credentials"]["SessionToken"]
    assert c.sts.assume_role_with_web_identity(**role, WebIdentityToken="token")["Credentials"]["Expiration"].year > 2000


def test_every_operation_offered_answers_in_a_shape_botocore_parses(simulator):
    for visit in (visit_sqs, visit_autoscaling, visit_ecs, visit_sts):
        visit(simulator.aws)

    assert len(list(offered())) > 50
    assert set(offered()) - set(simulator.calls()) == set()


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value


def test_errors_of_sqs_are_botocores_exception_classes(simulator):
    sqs = simulator.aws.sqs
    url = sqs.create_queue(QueueName="errors")["QueueUrl"]

    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.receive_message(QueueUrl=url + "-not")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="nowhere")
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.delete_message(QueueUrl=url, ReceiptHandle="nonsense")
    with pytest.raises(sqs.exceptions.TooManyEntriesInBatchRequest):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": "x"} for n in range(11)])
    with pytest.raises(sqs.exceptions.BatchEntryIdsNotDistinct):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "same", "MessageBody": "x"}] * 2)
    with pytest.raises(sqs.exceptions.EmptyBatchRequest):
        sqs.send_message_batch(QueueUrl=url, Entries=[])


def test_errors_of_ecs_are_botocores_exception_classes(simulator):
    ecs = simulator.aws.ecs

    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.list_container_instances(cluster="nowhere")
    ecs.create_cluster(clusterName="prod")
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.stop_task(cluster="prod", task="nothing")
    with pytest.raises(ecs.exceptions.ServiceNotFoundException):
        ecs.update_service(cluster="prod", service="nothing", desiredCount=1)


def test_errors_of_auto_scaling_are_validation_errors_with_its_words(simulator):
    fleet = Fleet(simulator, count=1)
    groups = simulator.aws.autoscaling

    unknown = refused(groups.set_desired_capacity, AutoScalingGroupName="no", DesiredCapacity=1)
    beyond = refused(groups.set_desired_capacity, AutoScalingGroupName=fleet.group, DesiredCapacity=99)
    over = refused(
        groups.record_lifecycle_action_heartbeat,
        AutoScalingGroupName=fleet.group,
        LifecycleHookName=fleet.hook,
        LifecycleActionToken=aws.new_token(),
    )

    assert {each.response["Error"]["Code"] for each in (unknown, beyond, over)} == {"ValidationError"}
    assert "not found" in str(unknown)
    assert "No active Lifecycle Action found with token" in str(over)


def test_a_long_poll_without_a_message_ends_empty_in_its_time(simulator):
    url = simulator.aws.sqs.create_queue(QueueName="slow")["QueueUrl"]

    began = time.monotonic()
    answer = simulator.aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2)

    assert "Messages" not in answer
    assert 1.8 < time.monotonic() - began < 4


def test_a_long_poll_is_woken_by_a_message(simulator):
    url = simulator.aws.sqs.create_queue(QueueName="slow")["QueueUrl"]
    sender = threading.Timer(0.5, aws.client("sqs", simulator.url).send_message, kwargs=dict(QueueUrl=url, MessageBody="x"))
    sender.start()

    began = time.monotonic()
    answer = simulator.aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)

    assert answer["Messages"][0]["Body"] == "x"
    assert time.monotonic() - began < 5


def test_faults_set_over_the_wire_strike_and_pass(simulator):
    simulator.aws.ecs.create_cluster(clusterName="prod")

    simulator.faults({"kind": "access_denied", "service": "ecs", "action": "*", "share": 1.0, "seconds": 600})
    error = refused(simulator.aws.ecs.list_clusters)
    simulator.faults()

    assert error.response["Error"]["Code"] == "AccessDeniedException"
    assert simulator.aws.ecs.list_clusters()["clusterArns"]


def test_the_clock_runs_faster_with_speed():
    from simulator import Simulator

    with Simulator("--speed", "30") as quick:
        fleet = Fleet(quick, count=1, heartbeat=30)
        (instance,) = fleet.instances()

        fleet.end(instance)

        eventually(lambda: fleet.waits(instance), 5, what="the wait of the hook")
        eventually(lambda: fleet.gone(instance), 30, what="the hook's timeout, 30 s in 1 s")


def test_a_taken_port_is_an_error_that_names_it(simulator):
    number = simulator.url.rsplit(":", 1)[1]

    ended = processes.lifehook("simulate", "--port", number)

    assert ended.returncode == 1
    assert number in ended.stderr + ended.stdout
