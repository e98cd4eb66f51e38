"""`lifehook check`: mistakes of a configuration by their place; and an environment that no command can use."""

import re

import pytest

from configuration import GOOD
from processes import ROOT, clean_environment, lifehook

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
    "not YAML": ("groups:", "groups: [", "5:3", r"not YAML"),
    "a tab that indents": ("    match:", "\tmatch:", "6:1", r"tab cannot indent"),
    "a wrong choice": ("    hooks", "    on_failure: {launching: explode}\n    hooks", "7:29", r"continue.*explode"),
}


def test_check_accepts_the_example():
    checked = lifehook("check", "-c", ROOT / "config.example.yaml")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "drain_ecs" in checked.stdout


def test_check_accepts_what_the_mistakes_are_made_from(configured):
    checked = lifehook("check", "-c", configured(GOOD))

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "drain_ecs" in checked.stdout


def test_strict_fails_on_a_warning_and_on_nothing_else(configured):
    wary = configured(GOOD.replace('["drain*"]', '["*"]'), "wary.yaml")

    assert "warning: " in lifehook("check", "-c", wary).stdout
    assert lifehook("check", "-c", wary).returncode == 0
    strict = lifehook("check", "--strict", "-c", wary)
    assert (strict.returncode, strict.stderr) == (1, "--strict: what is warned of above fails it\n")


def test_strict_passes_with_a_note(configured):
    checked = lifehook("check", "--strict", configured(GOOD))

    assert "note: group web: no list for launching" in checked.stdout
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_names_a_mistake_and_its_place(configured, mistake):
    right, wrong, place, said = MISTAKES[mistake]
    assert right in GOOD
    path = configured(GOOD.replace(right, wrong, 1))

    checked = lifehook("check", "-c", path)

    assert checked.returncode == 2
    message = checked.stdout + checked.stderr
    assert f"{path}:{place}: " in message
    assert re.search(said, message), message


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


@pytest.mark.parametrize("region, warned", [("us-east-1", True), ("eu-west-1", False)])
def test_check_warns_of_a_queue_in_another_region_than_the_environment_names(configured, region, warned):
    without_region = GOOD.replace("region: eu-west-1\n", "")

    checked = lifehook("check", "-c", configured(without_region), env=clean_environment(AWS_REGION=region))

    assert checked.returncode == 0
    assert ("but region is us-east-1, as the environment names it" in checked.stdout) == warned


def test_a_configuration_that_is_not_there_is_wrong_usage(tmp_path):
    checked = lifehook("check", "-c", tmp_path / "nowhere.yaml")

    assert checked.returncode == 2
    assert "nowhere.yaml" in checked.stderr


def test_a_configuration_that_is_not_utf8_is_refused_by_line(configured):
    path = configured(GOOD)
    path.write_bytes(path.read_bytes().replace(b"web-*", b"caf\xe9-*"))

    checked = lifehook("check", "-c", path)

    assert checked.returncode == 2
    assert f"{path}:6:17: the file is not UTF-8 text" in checked.stderr


@pytest.mark.parametrize("command", ["run", "handle", "check"])
@pytest.mark.parametrize("path, expected", [("/dev/null", "is a device"), ("/tmp", "is a folder")])
def test_a_state_that_can_be_no_file_is_refused(configured, command, path, expected):
    more = ["-"] if command == "handle" else []

    ended = lifehook(command, "-c", configured(GOOD + f"state: {{backend: sqlite, path: {path}}}\n"), *more, input="{}")

    assert ended.returncode == 2
    assert f"state.path: state file {path}: {expected}" in ended.stderr


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
