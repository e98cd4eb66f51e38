"""The commands as a person at a terminal meets them: output, messages, exit codes."""

import json
import re
import signal
import subprocess

import pytest

import aws
from processes import (
    BINARY,
    ROOT,
    Process,
    aws_environment,
    clean_environment,
    eventually,
    free_port,
    get,
    lifehook,
)
from simulator import Fleet

GOOD = """\
region: eu-west-1
queues:
  - url: https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle
groups:
  - name: web
    match: ["web-*"]
    hooks: ["drain*"]
    terminating:
      - drain_ecs: {cluster: prod, timeout: 15m}
"""

# A mistake, made by replacing a part of GOOD: what is replaced, by what, where it is seen, and what must be said of it.
MISTAKES = {
    "unknown key": ("    match:", "    mtach:", "6:5", r"mtach.*unknown.*match"),
    "unknown step": ("drain_ecs:", "drain_ec:", "9:9", r"drain_ec.*unknown.*drain_ecs"),
    "unknown setting of a step": ("timeout: 15m", "timeuot: 15m", "9:36", r"timeuot.*unknown.*timeout"),
    "a step of a later version": ("drain_ecs:", "move_volume:", "9:9", r"move_volume.*unknown"),
    "duplicate key": ("region: eu-west-1", "region: eu-west-1\nregion: eu-west-2", "2:1", r"region.*(twice|duplicate|repeat)"),
    "a duration without a unit": ("15m", "15", "9:45", r"timeout.*(unit|s, m, h|15m)"),
    "a limit against another": ("15m", "2h", "9:45", r"timeout.*deadline"),
    "a limit out of bounds": ("lifecycle", "lifecycle\n    pollers: 65", "4:14", r"pollers.*64"),
    "no list where one belongs": ("queues:", "queues: 3\nx_queues:", "2:9", r"queues.*list"),
    "a key that must be there": ("  - name: web\n    match", "  - match", "5:5", r"name"),
    "nothing matched": ('    match: ["web-*"]\n', "", "5:5", r"match"),
    "hooks left out": ('    hooks: ["drain*"]\n', "", "7:5", r"hooks"),
    "a FIFO queue": ("/lifecycle", "/lifecycle.fifo", "3:10", r"(?i)fifo"),
    "no URL": ("https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle", "lifecycle", "3:10", r"url"),
    "a variable in braces without quotes": ("cluster: prod", "cluster: ${NAME}", "9:31", r"quotes round \$\{NAME\}"),
    "a name no cluster can have": ("cluster: prod", 'cluster: "prod x"', "9:30", r"cluster.*prod x"),
    "an unset variable": ("cluster: prod", 'cluster: "${NOWHERE}"', "9:30", r"NOWHERE"),
    "not YAML": ("groups:", "groups: [", None, r""),
    "a wrong choice": ("    hooks", "    on_failure: {launching: explode}\n    hooks", "7:29", r"continue.*explode"),
}


@pytest.fixture
def configured(tmp_path):
    def write(text):
        path = tmp_path / "config.yaml"
        path.write_text(text)
        return path

    return write


def test_check_accepts_the_example():
    checked = lifehook("check", "-c", ROOT / "config.example.yaml")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "drain_ecs" in checked.stdout


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_names_a_mistake_and_its_place(configured, mistake):
    right, wrong, place, said = MISTAKES[mistake]
    assert right in GOOD
    path = configured(GOOD.replace(right, wrong, 1))

    checked = lifehook("check", "-c", path)

    assert checked.returncode == 2
    message = checked.stdout + checked.stderr
    assert f"{path}:{place or ''}" in message
    assert re.search(said, message), message


def test_check_accepts_what_the_mistakes_are_made_from(configured):
    checked = lifehook("check", "-c", configured(GOOD))

    assert checked.returncode == 0, checked.stderr
    assert "web" in checked.stdout


def test_several_mistakes_are_told_at_once(configured):
    wrong = GOOD.replace("    match:", "    mtach:").replace("15m", "15")

    checked = lifehook("check", "-c", configured(wrong))

    message = checked.stdout + checked.stderr
    assert "mtach" in message
    assert ":9:" in message


def test_check_prints_commands_and_warns_of_what_they_take_from_the_environment(configured):
    script = '      - run_command: {document: AWS-RunShellScript, parameters: {commands: ["ls ${HOME}", "ls $${HOME}"]}}\n'

    checked = lifehook("check", "-c", configured(GOOD + script), env=clean_environment(HOME="/home/worker"))

    assert checked.returncode == 0, checked.stderr
    assert 'commands "ls /home/worker; ls ${HOME}"' in checked.stdout
    (warning,) = (line for line in checked.stdout.splitlines() if line.startswith("warning:") and "HOME" in line)
    assert "commands[0]: takes ${HOME} from" in warning and "$${HOME}" in warning


def test_a_configuration_that_is_not_there_is_wrong_usage(tmp_path):
    checked = lifehook("check", "-c", tmp_path / "nowhere.yaml")

    assert checked.returncode == 2
    assert "nowhere.yaml" in checked.stderr


@pytest.mark.parametrize("command", [[], ["run"], ["check"], ["handle"], ["simulate"], ["demo"], ["version"]])
def test_help_is_everywhere(command):
    helped = lifehook(*command, "--help")

    assert helped.returncode == 0
    assert helped.stdout.strip()
    assert helped.stderr == ""


@pytest.mark.parametrize("arguments", [[], ["dance"], ["run"], ["run", "--nonsense"], ["handle", "-c", "x.yaml"]])
def test_wrong_usage_exits_2_and_says_why(arguments):
    ended = lifehook(*arguments)

    assert ended.returncode == 2
    assert ended.stderr.strip()


def test_an_unknown_command_is_told_the_nearest():
    ended = lifehook("runn", "-c", "config.yaml")

    assert ended.returncode == 2
    assert 'did you mean "run"?' in ended.stderr


def test_a_configuration_that_is_not_utf8_is_refused_by_line(configured):
    path = configured(GOOD)
    path.write_bytes(path.read_bytes().replace(b"web-*", b"caf\xe9-*"))

    checked = lifehook("check", "-c", path)

    assert checked.returncode == 2
    assert f"{path}:6:17: the file is not UTF-8 text" in checked.stderr


def test_version_is_the_projects():
    wanted = re.search(r"project\(lifehook VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]

    assert wanted in lifehook("version").stdout


def test_run_refuses_a_wrong_configuration(configured):
    ended = lifehook("run", "-c", configured(GOOD.replace("15m", "15")))

    assert ended.returncode == 2


@pytest.mark.parametrize(
    "variable, value, expected",
    [
        ("AWS_REGION", "eu west 1", "such as eu-west-1"),
        ("AWS_REGION", "Ireland", "such as eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1/", "such as eu-west-1"),
        ("AWS_ENDPOINT_URL", "localhost:4566", "http://"),
        ("AWS_ENDPOINT_URL_AUTO_SCALING", "http://", "a host"),
    ],
)
@pytest.mark.parametrize("command", ["run", "handle", "check"])
def test_an_environment_that_cannot_be_used_is_refused_by_name(configured, command, variable, value, expected):
    more = ["-"] if command == "handle" else []

    ended = lifehook(command, "-c", configured(GOOD), *more, env=clean_environment(**{variable: value}), input="{}")

    assert ended.returncode == 2
    assert f"{variable}: expected" in ended.stderr
    assert expected in ended.stderr


@pytest.mark.parametrize("command", ["simulate", "demo"])
def test_a_speed_is_a_number(command):
    ended = lifehook(command, "--speed", "nan")

    assert ended.returncode == 2
    assert "nan" in ended.stderr


def test_a_signal_that_means_nothing_to_it_does_not_end_a_worker(simulator, start_worker):
    worker = start_worker(simulator.url, simulator.aws.sqs.create_queue(QueueName="life")["QueueUrl"])

    worker.signal(signal.SIGUSR1)
    worker.signal(signal.SIGUSR2)
    worker.terminate()

    assert worker.exit_code(within=12) == 0


def test_simulate_listens_on_localhost():
    with Process([BINARY, "simulate", "--address", "localhost", "--port", "0"]) as running:
        assert running.first_line().startswith("listening on http://127.0.0.1:")


def test_simulate_names_all_its_services():
    services = "SQS, Auto Scaling, ECS, EC2, ELBv2, DynamoDB, SSM, STS"

    with Process([BINARY, "simulate", "--port", "0"]) as running:
        eventually(lambda: any(services in line for line in running.lines), what="its services on the banner")
    assert services in " ".join(lifehook("simulate", "--help").stdout.split())


def test_simulate_says_what_an_address_is():
    ended = lifehook("simulate", "--address", "my-machine")

    assert ended.returncode == 2
    assert "127.0.0.1" in ended.stderr


def test_run_refuses_a_queue_that_forgets_before_the_deadline(simulator, configured):
    short = simulator.aws.sqs.create_queue(QueueName="short", Attributes={"MessageRetentionPeriod": "300"})["QueueUrl"]
    config = re.sub(r"url: .*", f"url: {short}", GOOD)

    ended = lifehook("run", "-c", configured(config), env=aws_environment(simulator.url))

    assert ended.returncode == 2
    assert "retention" in (ended.stdout + ended.stderr).lower()


def test_run_fails_when_its_port_is_taken(simulator, configured):
    queue = simulator.aws.sqs.create_queue(QueueName="life")["QueueUrl"]
    taken = simulator.url.rsplit(":", 1)[1]
    config = re.sub(r"url: .*", f"url: {queue}", GOOD) + f'status: {{listen: "127.0.0.1:{taken}"}}\n'

    ended = lifehook("run", "-c", configured(config), env=aws_environment(simulator.url))

    assert ended.returncode in (1, 2)
    assert taken in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    "sample, said",
    [
        ("asg-direct-terminate.json", "terminating"),
        ("sns-asg-terminate.json", "terminating"),
        ("eb-asg-terminate-lifecycle.json", "terminating"),
        ("asg-direct-test-notification.json", "test"),
    ],
)
def test_handle_says_what_a_message_is_and_would_do(simulator, configured, sample, said):
    simulator.aws.ecs.create_cluster(clusterName="prod")
    config = configured(GOOD.replace("drain*", "*"))

    handled = lifehook(
        "handle", "-c", config, aws.SAMPLES / sample, "--dry-run", env=aws_environment(simulator.url), timeout=60
    )

    assert handled.returncode == 0, handled.stderr
    assert said in handled.stdout


@pytest.mark.parametrize("sample", ["asg-direct-test-notification.json", "asg-direct-terminate.json"])
def test_a_dry_run_leaves_every_message(simulator, configured, sample):
    config = configured(GOOD.replace("drain*", "other"))

    handled = lifehook(
        "handle", "-c", config, aws.SAMPLES / sample, "--dry-run", env=aws_environment(simulator.url), timeout=60
    )

    told = json.loads(handled.stdout)
    assert told["outcome"] in ("ignored", "foreign")
    assert (told["disposition"], told["dry_run"]) == ("leave", True)


def test_a_dry_run_says_that_an_unknown_cluster_would_hold_the_hook(simulator, configured):
    config = configured(GOOD.replace("drain*", "*"))
    message = aws.SAMPLES / "asg-direct-terminate.json"

    handled = lifehook("handle", "-c", config, message, "--dry-run", env=aws_environment(simulator.url), timeout=60)

    told = json.loads(handled.stdout)
    assert (told["outcome"], told["disposition"], handled.returncode) == ("held", "leave", 1)
    assert "would_hold" in handled.stderr
    assert "abandon" not in re.search(r"dry_run.*", handled.stderr)[0].replace("continue or abandon", "")


def test_a_handle_that_is_stopped_is_not_done(simulator, configured, tmp_path):
    fleet = Fleet(simulator)
    ending = fleet.instances()[0]
    fleet.start_task(ending)
    fleet.end(ending)
    receive = lambda: fleet.aws.sqs.receive_message(QueueUrl=fleet.queue, MaxNumberOfMessages=10).get("Messages", [])
    bodies = eventually(lambda: [each["Body"] for each in receive() if ending in each["Body"]], what="the message")
    message = tmp_path / "message.json"
    message.write_text(bodies[0])

    with Process(
        [BINARY, "handle", "-c", configured(GOOD), message], env=aws_environment(simulator.url)
    ) as handling:
        eventually(lambda: fleet.status(ending) == "DRAINING", 20, what="DRAINING")
        handling.signal(signal.SIGINT)
        assert handling.exit_code(within=15) == 1

    (told,) = (json.loads(line) for line in handling.lines if line.startswith("{"))
    assert (told["outcome"], told["disposition"]) == ("stopped", "requeue")


def test_handle_reads_a_message_from_its_input(configured):
    handled = lifehook("handle", "-c", configured(GOOD), "-", "--dry-run", input="hello")

    assert handled.returncode == 1
    assert "malformed" in handled.stdout + handled.stderr


def test_logs_are_json_lines_unless_text_is_asked_for(simulator, start_worker, configured):
    from worker import CONFIG

    queue = simulator.aws.sqs.create_queue(QueueName="life")["QueueUrl"]
    machine = start_worker(simulator.url, queue, name="json")
    person = start_worker(simulator.url, queue, name="text", config=CONFIG + "log: {{format: text}}\n")

    assert machine.lines
    assert all(isinstance(json.loads(line), dict) for line in machine.lines)
    assert person.lines
    assert not any(line.startswith("{") for line in person.lines)


def test_no_secret_is_ever_printed(simulator, start_worker):
    queue = simulator.aws.sqs.create_queue(QueueName="life")["QueueUrl"]

    worker = start_worker(simulator.url, queue)
    worker.terminate()
    worker.exit_code(within=12)

    assert not [line for line in worker.lines if '"secret"' in line or "Signature=" in line]


@pytest.mark.parametrize("output", ["a full disk", "closed"])
def test_a_worker_whose_log_cannot_be_written_works_and_counts_what_is_lost(simulator, configured, output):
    queue = simulator.aws.sqs.create_queue(QueueName="life")["QueueUrl"]
    port = free_port()
    config = configured(re.sub(r"url: .*", f"url: {queue}", GOOD) + f'status: {{listen: "127.0.0.1:{port}"}}\n')
    command = [BINARY, "run", "-c", config]
    if output == "closed":
        command = ["sh", "-c", 'exec "$0" "$@" >&- 2>&-', *command]
    lost = lambda: re.search(r"^lifehook_log_lines_dropped_total ([1-9]\d*)", answer_of(port, "metrics"), re.M)

    environment = aws_environment(simulator.url)
    with open("/dev/full", "w") as full, subprocess.Popen(command, stdout=full, env=environment) as worker:
        try:
            eventually(lambda: answer_of(port, "readyz") == "ready\n", 30, what="readiness")
            assert lost()
        finally:
            worker.terminate()
        assert worker.wait(15) == 0


def answer_of(port, path):
    """Empty as long as there is none."""
    try:
        return get(f"http://127.0.0.1:{port}/{path}")
    except OSError:
        return ""
