"""What AWS does by itself and no call can cause, as `lifehook simulate` is told to do it: faults, limits, a faster clock."""

from calls import code_of
from processes import eventually
from simulator import Fleet, Simulator


def test_faults_set_over_the_wire_strike_and_pass(simulator):
    simulator.aws.ecs.create_cluster(clusterName="prod")

    simulator.faults({"kind": "access_denied", "service": "ecs", "action": "*", "share": 1.0, "seconds": 600})
    refused = code_of(simulator.aws.ecs.list_clusters)
    simulator.faults()

    assert refused == "AccessDeniedException"
    assert simulator.aws.ecs.list_clusters()["clusterArns"]


def test_the_clock_runs_faster_with_speed(quick):
    fleet = Fleet(quick, count=1, heartbeat=120)
    (instance,) = fleet.instances()

    fleet.end(instance)

    eventually(lambda: fleet.waits(instance), 5, what="the wait of the hook")
    eventually(lambda: fleet.gone(instance), 15, what="the hook's timeout, 120 s in 4 s")


def test_published_limits_throttle_launches_when_they_are_on():
    with Simulator("--limits") as limited:
        ec2 = limited.aws.ec2
        asked = dict(ImageId="no image", MinCount=1, MaxCount=1)  # counted though it is refused
        codes = [code_of(ec2.run_instances, **asked) for _ in range(30)]

    assert codes[:5] == ["InvalidAMIID.Malformed"] * 5
    assert "RequestLimitExceeded" in codes[5:]
