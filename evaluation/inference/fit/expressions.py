"""Factors that are more than the name of a column: `I(age**2)`, `np.log(income)`.

Rows arrive in batches, so a factor may look at one row at a time only: arithmetic, comparisons and the functions listed here.
Whatever looks at a whole column (`poly`, `scale`, `x.mean()`) is refused by name, because in batches it would give another
number without a word; nothing else of Python is run.
"""

import ast
from collections.abc import Mapping

import numpy as np

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array

FUNCTIONS: dict[str, np.ufunc] = {
    "log": np.log, "log2": np.log2, "log10": np.log10, "log1p": np.log1p, "exp": np.exp, "expm1": np.expm1, "sqrt": np.sqrt,
    "abs": np.abs, "floor": np.floor, "ceil": np.ceil, "sin": np.sin, "cos": np.cos, "minimum": np.minimum,
    "maximum": np.maximum, "I": np.positive,
}
_OPERATORS: dict[type[ast.AST], np.ufunc] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power,
    ast.USub: np.negative, ast.UAdd: np.positive, ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater,
    ast.GtE: np.greater_equal, ast.Eq: np.equal, ast.NotEq: np.not_equal,
}


def columns_in(expression: str) -> tuple[str, ...]:
    """The columns that an expression reads.

    Raises:
        DesignError: it holds something that cannot be told from one row.
    """
    found: dict[str, None] = {}
    _walk(_tree(expression), expression, found)
    if not found:
        raise _refused(expression, expression)
    return tuple(found)


def value_of(expression: str, columns: Mapping[str, Array]) -> Array:
    """The expression on rows, (rows,); missing where a column is, infinite where it has no value (the log of -1)."""
    with np.errstate(all="ignore"):
        value = np.asarray(_value(_tree(expression), columns), dtype=float)
    missing = np.any([np.isnan(columns[name]) for name in columns_in(expression)], axis=0)
    return np.where(missing, np.nan, np.where(np.isnan(value), np.inf, value))


def _tree(expression: str) -> ast.expr:
    try:
        return ast.parse(expression, mode="eval").body
    except SyntaxError as fault:
        raise _refused(expression, expression) from fault


def _parts(node: ast.expr) -> tuple[np.ufunc | None, list[ast.expr]]:
    """The function at the root of a tree and what it is applied to; no function where it is not offered."""
    if isinstance(node, ast.BinOp):
        return _OPERATORS.get(type(node.op)), [node.left, node.right]
    if isinstance(node, ast.UnaryOp):
        return _OPERATORS.get(type(node.op)), [node.operand]
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _OPERATORS.get(type(node.ops[0])), [node.left, node.comparators[0]]
    if isinstance(node, ast.Call) and not node.keywords:
        return FUNCTIONS.get(ast.unparse(node.func).removeprefix("np.")), node.args
    return None, []


def _walk(node: ast.expr, expression: str, found: dict[str, None]) -> None:
    if isinstance(node, ast.Name):
        found[node.id] = None
    elif not (isinstance(node, ast.Constant) and isinstance(node.value, int | float)):
        function, arguments = _parts(node)
        if function is None or function.nin != len(arguments):
            raise _refused(ast.unparse(node), expression)
        for argument in arguments:
            _walk(argument, expression, found)


def _value(node: ast.expr, columns: Mapping[str, Array]) -> Array:
    if isinstance(node, ast.Name):
        return columns[node.id]
    if isinstance(node, ast.Constant):
        return np.asarray(node.value, dtype=float)
    function, arguments = _parts(node)
    assert function is not None, "columns_in refuses what has no function"
    return np.asarray(function(*(_value(argument, columns) for argument in arguments)), dtype=float)


def _refused(part: str, expression: str) -> DesignError:
    where = "" if part == expression else f" in '{expression}'"
    return DesignError(
        f"'{part}'{where} cannot be worked out row by row.",
        fix=f"make it a column of the table first; a formula takes arithmetic, C(...) and {', '.join(FUNCTIONS)}.",
        code="formula",
    )
