"""Import Astra's OpenAPI document, its fragments or the report of a first contact: which of our guesses it settles.

Example:
    python -m scripts.import_spec astra-developer-api.json --output build/imported.yaml
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astra.first_contact.report import BadReportError, Report, checked_report
from scripts.import_spec.adopt import adopt
from scripts.import_spec.judge import Judge
from scripts.import_spec.observed import is_of_astra, plan_of, verdicts_of
from scripts.import_spec.overlay import BadOverlayError, apply
from scripts.import_spec.plan import make_plan
from scripts.import_spec.report import Imported, as_json, as_markdown, as_text
from scripts.import_spec.roundtrip import save
from scripts.import_spec.sources import read_sources
from scripts.spec_document.fast_yaml import safe_dump
from scripts.spec_document.load import DEFAULT_PATH, CannotLoadError, Document, load, read_file
from scripts.spec_document.money import is_marked, without_mark
from scripts.spec_document.output import complain, say
from scripts.spec_document.walk import operations

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing that is read becomes garbage, and to look for it among millions of values takes most of the time."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


@_uncollected()
def import_spec(paths: list[Path], *, ours: Document, overlay: Document, text: str | None = None) -> Imported:
    """Reads, overlays and judges. See `main` for the command.

    Args:
        paths: what to import.
        ours: our spec.
        overlay: what their document needs before it can be compared.
        text: our spec as it stands in its file, to have the verdicts written into it; None only judges.
    """
    document, applied = apply(overlay, read_sources(paths))
    assumed_money = without_mark(document)
    for operation in operations(document):
        if not is_marked(operation):
            operation.node["x-money"] = True
    judge = Judge(ours, document)
    if not judge.twins:
        has = ", ".join(operation.label for operation in operations(document)[:3]) or "no operation at all"
        raise CannotLoadError(f"{', '.join(map(str, paths))} has none of our operations ({has}): is it Astra's?")
    if judge.is_observed and text is not None:
        raise CannotLoadError(
            f"{', '.join(map(str, paths))}: what was observed is no document of Astra's, so it is judged and not "
            "applied: leave APPLY out, and edit the spec by hand with x-evidence: observed"
        )
    verdicts = judge.verdicts()
    known = {operation.label for operation in judge.twins.values()}
    return Imported(
        document=document,
        applied=applied,
        verdicts=verdicts,
        missing=[operation.id for operation in operations(ours) if operation.id not in judge.twins],
        unknown=[operation.label for operation in operations(document) if operation.label not in known],
        assumed_money=assumed_money,
        adopted=None
        if text is None
        else adopt(make_plan(judge, verdicts), ours, text=text, label=DEFAULT_PATH, root=ROOT),
    )


def import_contact(report: Report, *, ours: Document, text: str | None = None) -> Imported:
    """Takes over what a first contact found out; see `import_spec`."""
    plan = None if text is None else plan_of(report, ours)
    ended = f", ended early: {report.ended}" if report.ended else ""
    return Imported(
        source=f"a first contact with {report.base}, {report.calls} calls{ended}",
        document={},
        applied=[],
        verdicts=verdicts_of(report, ours),
        missing=[operation.id for operation in operations(ours) if operation.id not in report.done],
        unknown=[],
        assumed_money=[],
        adopted=None if plan is None else adopt(plan, ours, text=text or "", label=DEFAULT_PATH, root=ROOT),
    )


def contact_of(paths: list[Path]) -> Report | None:
    """The report of a first contact, if that is what is given.

    Raises:
        CannotLoadError: it says that it is one, and holds what no walk writes.
    """
    if len(paths) != 1 or not paths[0].is_file() or paths[0].suffix != ".json":
        return None
    try:
        return checked_report(read_file(paths[0]))
    except BadReportError as error:
        raise CannotLoadError(f"{paths[0].name} is no report that a first contact writes: {error}") from None


def _tell(report: str) -> None:
    try:
        say(report)
    except OSError as error:
        why = f"What there is to say cannot be printed, so nothing is written: {error.strerror}"
        raise CannotLoadError(why) from None


FORMS = {"text": as_text, "markdown": as_markdown, "json": as_json}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Answers 0, or 2 when something cannot be read."""
    parser = argparse.ArgumentParser(prog="import-spec", description="Judge our guesses by Astra's own OpenAPI.")
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        help="document, fragments, pages or folders, or a first contact's report",
    )
    parser.add_argument("--output", type=Path, help="write the overlaid document here, for spec-diff")
    parser.add_argument("--overlay", default="spec/overlay.yaml")
    parser.add_argument("--ours", default=DEFAULT_PATH, help="our spec: file or git revision")
    parser.add_argument("--apply", action="store_true", help="write what it says into our spec, which must be a file")
    parser.add_argument(
        "--from-anywhere",
        action="store_true",
        help="apply the report of a server that is not Astra's, a stand-in's say",
    )
    parser.add_argument("--format", choices=sorted(FORMS), default="text")
    chosen = parser.parse_args(arguments)
    try:
        target = ROOT / chosen.ours
        text = read_file(target) if chosen.apply else None
        ours, report = load(chosen.ours, root=ROOT), contact_of(chosen.files)
        if report is not None and chosen.apply and not (chosen.from_anywhere or is_of_astra(report)):
            raise CannotLoadError(
                f"{chosen.files[0].name} is about {report.base}, which is no server of Astra's, so nothing of it is "
                "written as observed: leave APPLY out, or say --from-anywhere when the spec is to follow that server"
            )
        if report is not None:
            imported = import_contact(report, ours=ours, text=text)
        else:
            overlay = load(chosen.overlay, root=ROOT)
            imported = import_spec(chosen.files, ours=ours, overlay=overlay, text=text)
        # First what a person has to do about it: a second run has nothing left to say.
        _tell(FORMS[chosen.format](imported))
        if text is not None and imported.adopted and imported.adopted.changed:
            save(imported.adopted.text, target, before=text)
    except CannotLoadError as error:
        complain(error)
        return 2
    except BadOverlayError as error:
        complain(f"{chosen.overlay} cannot be applied to {', '.join(map(str, chosen.files))}: {error}")
        return 2
    if chosen.output and imported.document:
        try:
            chosen.output.parent.mkdir(parents=True, exist_ok=True)
            chosen.output.write_text(safe_dump(imported.document, sort_keys=False, width=120), encoding="utf-8")
        except OSError as error:
            complain(f"{chosen.output} cannot be written: {error.strerror}")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
