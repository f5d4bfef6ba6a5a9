"""The bounds, put into a parsed text before it is compiled: for what no filter and no operator sees."""

from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer


class Bounded(NodeTransformer):
    """Puts the bounds into a parsed text: loops are counted, literals and joined texts are measured."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802  # named by Jinja
        """Count the rounds, and measure the text that each of them shows."""
        parts = sum(1 for _ in node.find_all(nodes.Node))
        self.generic_visit(node)
        for output in node.find_all(nodes.Output):
            output.nodes = [
                _filtered(nodes.Const(each.data, lineno=each.lineno), "\0measured")
                if isinstance(each, nodes.TemplateData)
                else each
                for each in output.nodes
            ]
        node.iter = _filtered(node.iter, "\0counted", nodes.Const(parts))
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802  # named by Jinja
        """Measure what is compared, or looked for in something."""
        self.generic_visit(node)
        node.expr = _filtered(node.expr, "\0measured")
        for operand in node.ops:
            operand.expr = _filtered(operand.expr, "\0measured")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802  # named by Jinja
        """Measure what ~ joins."""
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "\0concat")

    def visit_List(self, node: Any) -> nodes.Node:  # noqa: N802  # named by Jinja
        """Measure a literal, or a slice: it is a copy. The targets of an assignment are no literal."""
        self.generic_visit(node)
        made = not isinstance(node, nodes.Getitem) or isinstance(node.arg, nodes.Slice)
        return _filtered(node, "\0measured") if made and getattr(node, "ctx", "load") == "load" else node

    visit_Dict = visit_Tuple = visit_Getitem = visit_List  # noqa: N815  # named by Jinja


def _filtered(node: Any, name: str, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)
