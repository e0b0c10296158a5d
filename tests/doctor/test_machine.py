"""What else is called astra, and what is installed."""

from __future__ import annotations

from astra.doctor.findings import Finding
from astra.doctor.machine import (
    MODULES,
    judge_distributions,
    judge_extras,
    judge_scripts,
    judge_shadows,
    judge_versions,
)


def test_only_ours_brings_a_package_astra() -> None:
    for names in ([], ["astra-finance"], ["Astra_Finance", "astra.finance"]):
        assert judge_distributions(names) == Finding(
            check="machine.distributions",
            status="ok",
            message="no package astra but that of astra-finance",
            details={"others": []},
        )


def test_another_distribution_that_brings_a_package_astra_is_named() -> None:
    assert judge_distributions(["astra-finance", "b", "astra", "astra"]) == Finding(
        check="machine.distributions",
        status="fail",
        message="astra, b installs a package astra, too: their files overwrite each other",
        advice="pip uninstall astra b, then pip install --force-reinstall astra-finance; "
        "or give each an environment of its own.",
        details={"others": ["astra", "b"]},
    )


def test_what_shadows_the_package_is_named() -> None:
    assert judge_shadows([], loaded="/site/astra") == Finding(
        check="machine.shadows",
        status="ok",
        message="import astra finds /site/astra",
        details={"shadows": [], "loaded": "/site/astra"},
    )
    assert judge_shadows(("/a/astra.py", "/b/astra"), loaded="/site/astra") == Finding(
        check="machine.shadows",
        status="fail",
        message="/a/astra.py, /b/astra may be imported as astra instead of /site/astra",
        advice="Rename it: a program that is started in its folder gets it in place of the SDK.",
        details={"shadows": ["/a/astra.py", "/b/astra"], "loaded": "/site/astra"},
    )


WHOLE_PATH = "Call the one that is meant by its whole path, above all in cron."


def test_one_command_astra_of_this_installation_is_right() -> None:
    assert judge_scripts(["/venv/bin/astra"], own_folders=["/venv/bin"]) == Finding(
        check="machine.scripts",
        status="ok",
        message="the command astra is /venv/bin/astra",
        details={"scripts": ["/venv/bin/astra"]},
    )
    assert judge_scripts((), own_folders=["/venv/bin"]) == Finding(
        check="machine.scripts",
        status="ok",
        message="no command astra is on the PATH; it can be run by its path, or as python -m astra",
        details={"scripts": []},
    )


def test_a_command_of_another_installation_is_a_warning() -> None:
    assert judge_scripts(["/usr/bin/astra"], own_folders=["/venv/bin"]) == Finding(
        check="machine.scripts",
        status="warn",
        message="the command astra on the PATH is /usr/bin/astra, of another installation",
        advice=WHOLE_PATH,
        details={"scripts": ["/usr/bin/astra"]},
    )


def test_of_several_commands_the_one_that_runs_is_named() -> None:
    assert judge_scripts(["/venv/bin/astra", "/a/astra", "/b/astra"], own_folders=["/venv/bin"]) == Finding(
        check="machine.scripts",
        status="warn",
        message="3 commands are called astra; /venv/bin/astra is the one that runs, before /a/astra, /b/astra",
        advice=WHOLE_PATH,
        details={"scripts": ["/venv/bin/astra", "/a/astra", "/b/astra"]},
    )
    assert judge_scripts(["/venv/bin/astra", "/a/astra"], own_folders=["/venv/bin"]).message == (
        "2 commands are called astra; /venv/bin/astra is the one that runs, before /a/astra"
    )


def test_versions_are_shown() -> None:
    versions = {"Python": "3.12", "astra-finance": "0.1.0", "httpx2": None}
    assert judge_versions(versions, running="0.1.0") == Finding(
        check="machine.versions",
        status="ok",
        message="Python 3.12, astra-finance 0.1.0, httpx2 not installed",
        details={"versions": versions, "running": "0.1.0"},
    )
    assert judge_versions({"astra-finance": None}, running="0.1.0").status == "ok"


def test_another_version_installed_than_runs_is_a_warning() -> None:
    assert judge_versions({"astra-finance": "0.2.0"}, running="0.1.0") == Finding(
        check="machine.versions",
        status="warn",
        message="astra-finance 0.2.0 is installed, and 0.1.0 is what runs: astra-finance 0.2.0",
        advice="Install it again; two copies are on the path.",
        details={"versions": {"astra-finance": "0.2.0"}, "running": "0.1.0"},
    )


ALL = ["sql", "redis", "crypto", "celery", "otel", "sandbox", "cli", "fast", "testing"]


def test_extras_that_are_installed_are_listed() -> None:
    assert judge_extras({"redis": "ASTRA_TOKEN_STORE"}, missing_modules=()) == Finding(
        check="machine.extras",
        status="ok",
        message="installed extras: sql, redis, crypto, celery, otel, sandbox, cli, fast, testing",
        details={"installed": ALL, "wanted": {"redis": "ASTRA_TOKEN_STORE"}, "missing": []},
    )
    every = [module for modules in MODULES.values() for module in modules]
    assert judge_extras({}, missing_modules=every).message == "installed extras: none"
    for extra, modules in MODULES.items():
        for module in modules:
            assert judge_extras({}, missing_modules=[module]).details["installed"] == [
                other for other in ALL if other != extra
            ]


def test_the_modules_of_the_extras_are_those_that_the_package_declares() -> None:
    assert MODULES == {
        "sql": ("sqlalchemy", "psycopg"),
        "redis": ("redis",),
        "crypto": ("cryptography",),
        "celery": ("celery",),
        "otel": ("opentelemetry",),
        "sandbox": ("starlette", "uvicorn", "jinja2"),
        "cli": ("typer", "rich"),
        "fast": ("httpx2",),
        "testing": ("pytest", "pytest_recording", "vcr"),
    }


def test_a_missing_extra_that_a_setting_needs_is_named() -> None:
    wanted = {"sql": "ASTRA_TOKEN_STORE", "crypto": "ASTRA_TOKEN_KEYS", "redis": "--state-store"}
    assert judge_extras(wanted, missing_modules=["psycopg", "redis", "celery"]) == Finding(
        check="machine.extras",
        status="fail",
        message="ASTRA_TOKEN_STORE needs the extra sql, --state-store needs the extra redis, which is not installed",
        advice="pip install 'astra-finance[sql,redis]'",
        details={
            "installed": ["crypto", "otel", "sandbox", "cli", "fast", "testing"],
            "wanted": wanted,
            "missing": ["redis", "sql"],
        },
    )
