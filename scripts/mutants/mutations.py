"""The mutants of a module: copies of it with one small change each, as compiled code."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from types import CodeType
from typing import Any

import attrs

SWAPPED: dict[type[ast.AST], tuple[type[Any], ...]] = {
    **{ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt)},
    **{ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,)},
    **{ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.And: (ast.Or,), ast.Or: (ast.And,)},
    **{ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.Pow: (ast.Mult,)},
}
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}
NOT_BEHAVIOR = frozenset({"annotation", "returns", "bases"})


@attrs.frozen(kw_only=True)
class Mutant:
    """A module with one change. Apart from `number` and `code` its fields name it, also after lines have moved.

    Attributes:
        module: path of the module below the root.
        function: qualified name of the function or class, or "<module>".
        line: text of the changed line.
        change: the expression or statement before and after.
        number: number of that line.
        code: the changed module.
    """

    module: str
    function: str
    line: str
    change: str
    number: int = attrs.field(eq=False)
    code: CodeType = attrs.field(eq=False, repr=False)


@attrs.frozen
class _Place:
    """Where a node stands: `getattr(parent, field)`, or its element `index`."""

    parent: ast.AST
    field: str
    index: int | None
    function: str
    number: int
    returns_bool: bool = False

    def put(self, node: Any) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants_of(module: str, source: str) -> list[Mutant]:
    """Returns all mutants of a module, in the order of its lines.

    Args:
        module: path of the module below the root, for the names of the mutants.
        source: its text.
    """
    tree, lines = ast.parse(source), source.splitlines()
    mutants: list[Mutant] = []
    for index, statement in enumerate(tree.body):
        seen = {ast.unparse(statement)}
        for node, place in list(_places(statement, _Place(tree, "body", index, "<module>", statement.lineno))):
            for replacement in _alternatives(node, place):
                place.put(ast.copy_location(replacement, node))
                text = ast.unparse(tree.body[index])
                if text not in seen:
                    seen.add(text)
                    mutant = Mutant(
                        module=module,
                        function=place.function,
                        line=lines[place.number - 1].strip(),
                        change=" -> ".join(" ".join(ast.unparse(side).split()) for side in (node, replacement)),
                        number=place.number,
                        code=_compiled(tree, module),
                    )
                    while mutant in mutants:  # the same change at another place of the same line
                        mutant = attrs.evolve(mutant, change=f"{mutant.change} (again)")
                    mutants.append(mutant)
                place.put(node)
    return mutants


def _compiled(tree: ast.Module, module: str) -> CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # `"text" is False` is what a change may come to
        return compile(ast.fix_missing_locations(tree), module, "exec", dont_inherit=True)


def _places(node: ast.AST, place: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    yield node, place
    function, returns_bool = place.function, place.returns_bool
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        function = node.name if function == "<module>" else f"{function}.{node.name}"
        returns_bool = not isinstance(node, ast.ClassDef) and node.returns is not None and _is_bool(node.returns)
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            words = isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)
            if isinstance(child, ast.AST) and field not in NOT_BEHAVIOR and not words:
                # Python 3.11 does not know the lines of what stands in an f-string.
                known = place.number if isinstance(node, ast.FormattedValue) else getattr(child, "lineno", place.number)
                at = index if isinstance(value, list) else None
                yield from _places(child, _Place(node, field, at, function, known, returns_bool))


def _is_bool(annotation: ast.expr) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "bool"


def _without_each(items: list[Any]) -> Iterator[list[Any]]:
    for index in range(len(items)):
        yield items[:index] + items[index + 1 :]


def _alternatives(node: ast.AST, place: _Place) -> Iterator[ast.AST]:
    if place.field == "test":
        yield from (ast.Constant(value=True), ast.Constant(value=False))
    match node:
        case ast.Compare(left, ops, comparators):
            for index, op in enumerate(ops):
                for other in SWAPPED[type(op)]:
                    yield ast.Compare(left, [*ops[:index], other(), *ops[index + 1 :]], comparators)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(SWAPPED[type(op)][0](), values)
            yield from (ast.BoolOp(op, rest) if len(rest) > 1 else rest[0] for rest in _without_each(values))
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.BinOp(left, op, right):
            yield from (ast.BinOp(left, other(), right) for other in SWAPPED.get(type(op), ()))
            yield from (left, right)
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield from (ast.Constant(other) for other in (value + 1, value - 1, value * 2))
        case ast.Constant(str()) | ast.JoinedStr():
            yield ast.Constant("" if ast.unparse(node) != "''" else "XX")
        case ast.Tuple(elts, ast.Load()) if len(elts) > 1:
            yield from (ast.Tuple(rest, ast.Load()) for rest in _without_each(elts))
        case ast.Set(elts) if len(elts) > 1:
            yield from map(ast.Set, _without_each(elts))
        case ast.Call(func, args, keywords):
            if isinstance(func, ast.Name) and func.id in TWINS:
                yield ast.Call(ast.Name(TWINS[func.id], ast.Load()), args, keywords)
            if len(args) == 1 and not keywords and not isinstance(args[0], ast.GeneratorExp):
                yield args[0]
            if isinstance(func, ast.Attribute):
                yield func.value
            yield from (ast.Call(func, rest, keywords) for rest in _without_each(args) if rest)
            yield from (ast.Call(func, args, rest) for rest in _without_each(keywords))
        case ast.comprehension(target, iterable, ifs, is_async):
            yield from (ast.comprehension(target, iterable, rest, is_async) for rest in _without_each(ifs))
        case ast.ExceptHandler(kind, name):
            yield ast.ExceptHandler(kind, name, [ast.Raise()])
        case ast.Return(value):
            yield from (ast.Return(ast.Constant(other)) for other in ((True, False) if place.returns_bool else (None,)))
            if not (ast.unparse(node) == "return None" and isinstance(place.parent, ast.FunctionDef)):
                yield ast.Pass()
        case ast.Assign(targets, value) if not isinstance(value, ast.Constant):
            yield ast.Assign(targets, ast.Constant(None))
        case ast.AnnAssign(target, annotation, ast.expr() as value, simple) if not isinstance(value, ast.Constant):
            yield ast.AnnAssign(target, annotation, ast.Constant(None), simple)
        case ast.AugAssign(target, _, value):
            yield from (ast.Assign([target], value), ast.Pass())
        case ast.Expr() | ast.Raise() | ast.For():
            yield ast.Pass()
