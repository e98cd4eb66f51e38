"""What the program says it was built of, and how each build finds it out: worker/commit.cmake, in repositories made for it."""

import os
import re
import subprocess

import pytest

from processes import ROOT, lifehook

SAYS = re.compile(r'return "(.*)";')


class Clone:
    def __init__(self, directory):
        self.root, self.source = directory, directory / "build/commit.cc"
        (directory / "worker").mkdir()
        self.write("worker/main.cc", "first")
        self.write(".gitignore", "/build/\n")
        self.git("init", "--quiet")
        self.commit()

    def write(self, name, text):
        (self.root / name).write_text(text)

    def git(self, *arguments):
        who = ["-c", "user.name=lifehook", "-c", "user.email=lifehook@example.com", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *who, *arguments], cwd=self.root, capture_output=True, text=True, check=True).stdout

    def commit(self):
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "-m", "more")

    def head(self):
        return self.git("rev-parse", "--short=7", "HEAD").strip()

    def build(self, of="", **environment):
        asked = ["-D", f"SOURCE={self.root / of}", "-D", f"INTO={self.source}", "-P", ROOT / "worker/commit.cmake"]
        kept = {name: value for name, value in os.environ.items() if name != "LIFEHOOK_COMMIT"}
        return subprocess.run(["cmake", *asked], env=kept | environment, capture_output=True, text=True)

    def built_of(self, **how):
        built = self.build(**how)
        assert built.returncode == 0, built.stderr
        return SAYS.search(self.source.read_text())[1]


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


def test_the_program_says_its_version_and_what_it_was_built_of():
    wanted = re.search(r"project\(lifehook VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    built_of = SAYS.search((ROOT / "build/release/commit.cc").read_text())[1]

    assert lifehook("version").stdout == lifehook("--version").stdout == f"lifehook {wanted} ({built_of})\n"


def test_metrics_and_log_say_it_too(simulator, start_worker):
    worker = start_worker(simulator.url, simulator.aws.sqs.create_queue(QueueName="life")["QueueUrl"])

    ((labels, _),) = worker.samples("lifehook_build_info")
    (started,) = worker.logs(event="started")
    said = lifehook("version").stdout

    assert f"lifehook {labels['version']} ({labels['commit']})\n" == said
    assert f"lifehook {started['version']} ({started['commit']})\n" == said


def test_it_is_built_of_the_commit(clone):
    first = clone.built_of()
    clone.commit()

    assert first != clone.built_of() == clone.head()


def test_changed_sources_are_not_those_of_the_commit(clone):
    clone.write("worker/main.cc", "second")
    assert clone.built_of() == clone.head() + "-dirty"

    clone.commit()
    clone.write("worker/more.cc", "compiled too")
    assert clone.built_of() == clone.head() + "-dirty"


def test_what_no_program_is_made_of_does_not_matter(clone):
    clone.write("config.yaml", "queues: []")

    assert clone.built_of() == clone.head()


def test_nothing_is_built_again_for_the_same_commit(clone):
    clone.built_of()
    os.utime(clone.source, (1, 1))
    clone.built_of()

    assert clone.source.stat().st_mtime == 1


def test_sources_without_a_repository_of_their_own_are_of_no_known_commit(clone):
    assert clone.built_of(of="worker") == "unknown"


def test_a_repository_without_a_commit_is_of_no_known_one(clone):
    clone.git("update-ref", "-d", "HEAD")

    assert clone.built_of() == "unknown"


def test_who_builds_without_a_repository_may_say_the_commit(clone):
    assert clone.built_of(of="worker", LIFEHOOK_COMMIT="9a64f9a") == "9a64f9a"
    assert clone.built_of(of="worker", LIFEHOOK_COMMIT="") == "unknown"


def test_what_is_no_commit_is_refused(clone):
    refused = clone.build(LIFEHOOK_COMMIT='"; system("true')

    assert refused.returncode != 0
    assert "LIFEHOOK_COMMIT" in refused.stderr
    assert not clone.source.exists()
