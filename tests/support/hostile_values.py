"""Strategies for hostile expressions, declarations of inputs, and values given for them."""

# ruff: noqa: E501  # a table's row is read as one line

import json

from hypothesis import strategies as st

from flowrunner.diagnostics import Location
from flowrunner.engine import Given, given_text
from flowrunner.expressions.sandbox import FILTERS
from flowrunner.source import plain

INPUTS = """
  name: {type: string, minLength: 1, maxLength: 2000, example: Ana}
  plan: {type: string, enum: [free, pro], default: free}
  list: {type: array, items: {type: object}, example: [{id: a, title: A}, {id: b, title: B}]}
  thing: {type: object, additionalProperties: {type: [string, number]}, example: {a: 1, items: two}}
  number: {type: number, minimum: -1.0e+300, multipleOf: 0.5, example: 1.5}
  flag: {type: boolean, default: true}
  day: {type: string, format: date, pattern: "^(a+)+$|-", example: 2026-05-14}
  any: {default: null}
"""
"""One input of each type, for expressions to read and for variables to fit or not."""

TEXTS = st.text(max_size=30)
ANY_TEXTS = st.text(st.characters(exclude_categories=()), max_size=200)
"""Texts with lone surrogates and control characters in them."""
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(10**400), max_value=10**400),
    st.floats(),
    ANY_TEXTS,
    st.sampled_from(
        ["{{ name }}", "{{", "{% if x %}", "*a", "", " ", "02142", "1e999", "~", "\ud800", "👍", "x" * 5000, "a" * 60 + "!"]
    ),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=5) | st.dictionaries(TEXTS, below, max_size=5),
    max_leaves=20,
)

# --- expressions, by Jinja's grammar

_NAMES = st.sampled_from(
    "name plan list thing number flag day any now recipient conversation first range dict namespace cycler joiner loop x y ns "
    "self context _ __class__ caller".split()
)
_MEMBERS = st.sampled_from(
    "a id title items keys values get upper format format_map join split replace encode count index message skipped phone year "
    "strftime timestamp tzinfo __class__ __mro__ __init__ __globals__ mro gi_frame cycle next current reset previtem nextitem "
    "changed length 0 strip center zfill ljust expandtabs translate casefold partition utcoffset real bit_length".split()
)
_TESTS = st.sampled_from(
    "boolean defined undefined none true false even odd divisibleby(0) divisibleby(3) eq(1) gt('a') in(list) integer float "
    "iterable lower upper mapping number sameas(x) sequence string callable escaped filter test ge(none)".split()
)
_LITERALS = st.one_of(
    st.integers(-10, 10).map(str),
    st.sampled_from(
        ["1e308", "9" * 30, "9" * 5000, "10**9", "0x7fffffffffffffff", "0b1", "1_000", "none", "true", "''", "'%s'", "'%999999999d'",
         "'%(a)s'", "'{0}'", "'{:>999999999}'", "'{0.__class__}'", "'a' * 99999", "'\\ud800'", "'\\x00'", "'\\N{BULLET}'", "'%c'", "[]", "{}", "()",
         "'%Y-%m-%d' * 9", "'%'", "range(10000)", "range(99999999999)", "range(0, 9, 0)", "namespace(a=1)", "cycler(1, 2)", "joiner(',')",
         "dict(a=1)", "now", "(now - now)", "{[1]: 2}", "{'a': {'a': 1}}"]
    ),
    TEXTS.map(json.dumps),
)  # fmt: skip


def _compound(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(below, max_size=3).map(", ".join)
    keyword = st.sampled_from(
        "attribute='id' attribute='a.b.0' width=9 first=true reverse=true default='x' count=3 length=0 indent=99999 d=1 "
        "precision=99 method='ceil' wrapstring='xx' by='value' case_sensitive=true binary=true fill_with=1 killwords=true "
        "*list **thing".split()
    )
    operator = st.sampled_from([*"+ - * / // % ** ~ == != < > <= >= and or in is if |".split(), "not in", "is not"])
    return st.one_of(
        st.tuples(below, operator, below).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(below, st.sampled_from(FILTERS)).map(lambda t: f"{t[0]} | {t[1]}"),
        st.tuples(below, st.sampled_from(FILTERS), arguments).map(lambda t: f"({t[0]}) | {t[1]}({t[2]})"),
        st.tuples(below, st.sampled_from(FILTERS), keyword).map(lambda t: f"({t[0]}) | {t[1]}({t[2]})"),
        st.tuples(below, st.sampled_from(["map", "select", "reject"]), st.sampled_from(FILTERS), arguments).map(
            lambda t: f"({t[0]}) | {t[1]}('{t[2]}', {t[3]}) | list"
        ),
        st.tuples(below, _TESTS).map(lambda t: f"({t[0]} is {t[1]})"),
        st.tuples(below, _MEMBERS).map(lambda t: f"{t[0]}.{t[1]}"),
        st.tuples(below, _MEMBERS, arguments).map(lambda t: f"{t[0]}.{t[1]}({t[2]})"),
        st.tuples(below, below).map(lambda t: f"{t[0]}[{t[1]}]"),
        st.tuples(below, below, below).map(lambda t: f"{t[0]}[{t[1]}:{t[2]}]"),
        st.tuples(below, arguments).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(below, below, below).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.lists(below, max_size=4).map(lambda t: f"[{', '.join(t)}]"),
        st.tuples(below, below).map(lambda t: f"{{{t[0]}: {t[1]}}}"),
        st.tuples(st.sampled_from(["not ", "-", "+"]), below).map("".join),
    )


EXPRESSIONS = st.recursive(_NAMES | _LITERALS, _compound, max_leaves=8)


def _blocks(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(EXPRESSIONS, below).map(lambda t: f"{{% if {t[0]} %}}{t[1]}{{% else %}}-{{% endif %}}"),
        st.tuples(EXPRESSIONS, below).map(lambda t: f"{{% for x in {t[0]} %}}{t[1]}{{% else %}}-{{% endfor %}}"),
        st.tuples(EXPRESSIONS, EXPRESSIONS, below).map(lambda t: f"{{% for x, y in {t[0]} if {t[1]} recursive %}}{t[2]}{{% endfor %}}"),
        st.tuples(EXPRESSIONS, below).map(lambda t: f"{{% set x = {t[0]} %}}{t[1]}"),
        st.tuples(EXPRESSIONS, below).map(lambda t: f"{{% set ns = namespace(a={t[0]}) %}}{{% set ns.a = ns.a ~ ns.a %}}{t[1]}"),
        st.tuples(st.sampled_from(FILTERS), below).map(lambda t: f"{{% set x | {t[0]} %}}{t[1]}{{% endset %}}{{{{ x }}}}"),
        st.tuples(EXPRESSIONS, below).map(lambda t: f"{{% with x = {t[0]}, y = x %}}{t[1]}{{% endwith %}}"),
        st.tuples(below, below).map("".join),
        st.tuples(
            st.sampled_from(["raw", "filter upper", "macro m()", "call m()", "block b", "autoescape true", "do x", "include 'a'", "extends x", "import 'a' as b", "break"]),
            below,
        ).map(lambda t: f"{{% {t[0]} %}}{t[1]}{{% end{t[0].split()[0]} %}}"),
    )  # fmt: skip


TEMPLATES = st.recursive(EXPRESSIONS.map(lambda text: f"{{{{ {text} }}}}") | TEXTS | st.just("{{ x }}"), _blocks, max_leaves=6)  # fmt: skip

_FIELDS = (
    "[{id: first, message: hi}, {message: @}]",
    "[{id: first, message: hi}, {id: x, message: {message_type: location, latitude: @, longitude: @, location_name: @}}]",
    "[{message: {message_type: interactive, interactive_type: list, body_text: b, list_button_text: b, sections: [{title: a, rows: @}]}}]",
    "[{message: {message_type: template, template_name: a, template_language: es, template_params: @}}]",
    "[{message: {message_type: contacts, contacts: @}}]",
)


@st.composite
def with_expressions(draw: st.DrawFn) -> str:
    """A good flow with one hostile text or condition."""
    if draw(st.integers(0, 4)) == 0:
        steps = f"[{{id: first, message: hi}}, {{when: {json.dumps(draw(EXPRESSIONS))}, message: x}}]"
    else:
        steps = draw(st.sampled_from(_FIELDS)).replace("@", json.dumps(draw(TEMPLATES)))
    return f"name: a\ninputs:{INPUTS}steps: {steps}\n"


# --- declarations

_PATTERNS = st.sampled_from(
    ["^(a+)+$", "^(a|a)*$", "(.*)*x", "(a?){999}a{999}", "^(([a-z])+.)+[A-Z]([a-z])+$", "(?=a)", "(?<=a+)b", "\\1", "(?P<n>a)(?P=n)", "[", "(", "*",
     "\\p{L}+", "\\d{1000000}", "a{9999999999}", "((((((((((a{99}){99}){99}){99})))))))", "(?i)x", "\\uD800", "[\\d-z]", "$^", "(?#c)", "(?>a)", "\\Z"]
)  # fmt: skip
_ODD_VALUES = st.one_of(TREES, _PATTERNS, st.sampled_from(["string", "number", "integer", "boolean", "array", "object", "null", "date", "uri"]))  # fmt: skip
_KEYWORDS = st.sampled_from(
    "type title description enum const minLength maxLength pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf "
    "items minItems maxItems uniqueItems properties required additionalProperties default example "
    "$ref $id $schema $defs allOf anyOf not if then patternProperties contains minProperties Type regex choices".split()
)
_RIGHT = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "number", "integer", "array", "object", "boolean"]) | st.lists(st.sampled_from(["string", "null", "number"]), max_size=3)},
    optional={
        "enum": st.lists(SCALARS, max_size=4),
        "const": SCALARS,
        "minLength": st.integers(-1, 10**20),
        "maxLength": st.integers(0, 50) | st.floats(),
        "pattern": _PATTERNS | TEXTS,
        "format": st.sampled_from(["date", "date-time", "time", "email", "uri", "ipv4"]),
        "minimum": st.integers() | st.floats() | st.just(10**400),
        "multipleOf": st.floats() | st.integers() | st.sampled_from([1e-308, 5e-324, 0.1, 10**300]),
        "minItems": st.integers(0, 10**20),
        "uniqueItems": st.booleans(),
        "required": st.lists(TEXTS, max_size=3),
        "default": SCALARS | TREES,
        "example": SCALARS | st.sampled_from(["a" * 50 + "!", "a" * 30_000 + "!"]),
    },
)  # fmt: skip
_DECLARATIONS = st.recursive(
    st.one_of(_RIGHT, st.dictionaries(_KEYWORDS, _ODD_VALUES, max_size=5), _ODD_VALUES),
    lambda below: st.one_of(
        below.map(lambda each: {"type": "array", "items": each, "default": [1, "a", None]}),
        st.dictionaries(TEXTS, below, max_size=3).map(
            lambda each: {"type": "object", "properties": each, "example": {"a": "a"}}
        ),
        below.map(lambda each: {"type": "object", "additionalProperties": each, "example": {"a": [1]}}),
    ),
    max_leaves=5,
)
VALUES = st.one_of(
    (TREES | SCALARS).map(lambda each: Given(each, Location("--var x"))),
    ANY_TEXTS.map(lambda each: given_text("x", each)),
    st.sampled_from(["a" * 40 + "!", "a" * 50_000 + "!", "[1, 2", "[a, b]", "{a: 1}", "*a", "{{ name }}", "0123", "1e5", "9" * 400, "nan", "true", ""]).map(
        lambda each: given_text("x", each)
    ),
    st.text(st.sampled_from("0123456789.eE+-_xao"), max_size=8).map(lambda each: Given(plain(each), Location("--var x"))),
)  # fmt: skip


@st.composite
def with_declarations(draw: st.DrawFn) -> tuple[str, dict[str, Given]]:
    """A flow with a hostile declaration of x, and a value for it."""
    declared = json.dumps(draw(_DECLARATIONS))
    content = f"name: a\ninputs: {{x: {declared}}}\nsteps: [{{message: 'a{{{{ x | string }}}}'}}, {{when: x == x, message: '{{{{ x }}}}'}}]\n"
    return content, draw(st.just({}) | VALUES.map(lambda value: {"x": value}))


@st.composite
def with_variables(draw: st.DrawFn) -> tuple[str, dict[str, Given]]:
    """A good flow that shows every input, and hostile values."""
    names = ["name", "plan", "list", "thing", "number", "flag", "day", "any"]
    shown = " ".join(f"{{{{ {name} }}}}" for name in names if name not in ("list", "thing", "any"))
    place = "{message_type: location, latitude: '{{ number }}', longitude: '{{ any }}', location_name: '{{ name }}'}"
    rows = "{message_type: interactive, interactive_type: list, body_text: '{{ name }}', list_button_text: '{{ plan }}', sections: [{title: '{{ day }}', rows: '{{ list }}'}]}"
    params = "{message_type: template, template_name: a, template_language: es, template_params: '{{ thing }}'}"
    steps = f"[{{message: '{shown}'}}, {{message: {place}}}, {{message: {rows}}}, {{message: {params}, when: flag and any is none}}]"
    given = draw(st.dictionaries(st.sampled_from([*names, "nmae", "\ud800"]), VALUES, max_size=8))
    return f"name: a\ninputs:{INPUTS}steps: {steps}\n", given
