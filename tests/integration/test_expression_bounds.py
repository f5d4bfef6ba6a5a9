"""Hostile expressions: each ends in an ExpressionError or in a small value, soon, and in little memory."""

import subprocess
import sys

import pytest

from flowrunner.expressions import ExpressionError, expression

# Escapes: nothing but plain values and the few listed members can be reached.
ESCAPES = """
''.__class__
''.__class__.__mro__[1].__subclasses__()
s['__class__']
s|attr('__class__')
().__class__.__bases__[0]
self.__init__.__globals__
self._TemplateReference__context
namespace.__init__.__globals__
cycler.__init__.__globals__
joiner.__init__.__globals__['os']
dict.__globals__
lipsum.__globals__
config
request.application
'{0.__class__}'.format(s)
'{0.__class__}'|format(s)
'{}'.format_map({})
s.format
s.encode()
s.maketrans
s.split.__self__
now.__class__
now.replace(year=1)
now.tzinfo.__class__
l|map(attribute='__class__')|list
l|map('attr', '__class__')|list
l|sum(attribute='__class__')
l|sort(attribute='__class__')
l|groupby('__class__')
l|selectattr('__class__')|list
l|map('map', 'attr')|list
l|select('filter')|list
l.append(1)
l.sort()
o.update({})
o.__getitem__('a')
namespace(**{'__class__': 1}).__class__
loop.__class__
range.__call__
cycler(1).__dict__
s()
()()
l()
super()
""".strip().splitlines()

# Bombs: each asks for more memory or time than there is.
BOMBS = """
'a' * 10**9
10**10**10**10
9**9**9**9
2**-99999999
[1] * 10**9
(1,) * 10**9
[[[[[[l]*10]*10]*10]*10]*10]*10
'%1000000000d' % 1
'%*d' % (1000000000, 1)
'%.1000000000f' % 1.0
'%1000000000d'|format(1)
s|center(10**9)
s|center(9999999)
s|indent(10**9)
s|truncate(10**9)
s|replace('', 'x' * 99999)
(s * 9000)|replace('', 'x' * 9999)
(s * 9000)|wordwrap(1, wrapstring='y' * 9999)
('x' * 99999)|wordwrap(1)
l|batch(10**9, 'x')|list
l|batch(9999, 'x' * 9999)|list
l|slice(10**9)|list
range(10**9)|list
range(10**30)|list
range(9999)|join('x' * 9999)
range(9999)|map('string')|map('center', 9999)|list
range(9999)|map('center', 9999)|join
range(9999)|select('in', range(9999)|list)|list|length
range(9999)|map('string')|map(attribute='0' ~ '.0' * 9000)|list
l|tojson(indent=10**9)
range(9999)|list|tojson(indent=9999)
l|round(10**9)
1.5|round(9999)
('9' * 9999)|int
'1'|int(base=10**9)
('0x' ~ 'f' * 9000)|int(0, 16)
1e308 * 10
'1e999'|float
now.strftime('%999999999Y')
now.strftime('%0999999999d')
now.strftime('%s' * 40000)
(now - now) * 10**30
s.ljust(10**9)
s.zfill(10**9)
s.expandtabs(10**9)
s.split('a', 10**30)
cycler(*range(9999)).items
dict(a='x' * 99999, b='y' * 99999)
namespace(a='x' * 99999, b='y' * 99999)
'x' * 99999 ~ 'x' * 99999
""".strip().splitlines()

TEXTS = [
    "{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}",
    "{% for i in range(999) %}{% for j in range(999) %}{% for k in range(999) %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for i in 'x' * 99999 %}x{% endfor %}",
    "{% for i in l recursive %}{{ loop(l) }}{% endfor %}",
    "{% for i in l %}{{ loop(l) }}{% endfor %}",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
    "{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}",
    "{% set n = namespace(x=[1]) %}{% for i in range(40) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | length }}",
    "{% set n = namespace(x=2) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}{{ n.x }}",
    "{% set n = namespace(x=2) %}{% for i in range(99) %}{% set n.x = n.x ** 2 %}{% endfor %}{{ n.x }}",
    "{% set n = namespace() %}{% set n.a = n %}{{ n | string }}",
    "{% set n = namespace() %}{% set n.a = n %}{{ [n] | tojson }}",
    "{% set n = namespace() %}{% set n.a = n %}{{ n == n }}",
    "{% set x %}{% for i in range(9999) %}{{ 'x' * 99999 }}{% endfor %}{% endset %}{{ x | length }}",
    "{% set y = 'x' * 99999 %}{% set x %}{% for i in range(9999) %}{{ y }}{% endfor %}{% endset %}{{ x | length }}",
    "{% set x %}{% for i in range(9999) %}" + "y" * 19_000 + "{% endfor %}{% endset %}{{ x | length }}",
    "{% for i in range(9999) %}{{ 'x' * 9999 }}{% endfor %}",
    "{% for i in range(9999) %}{{ range(9999) | list | length }}{% endfor %}",
    "{% for i in range(9999) %}{{ range(9999) | sum }}{% endfor %}",
    "{% for i in range(9999) %}{{ ('x' * 99999) | upper | length }}{% endfor %}",
    "{% set z = range(9999) | list %}{% for i in z %}{% if -1 in z %}{% endif %}{% endfor %}",
    "{% set z = range(9999) | list %}{% for i in z %}{% if z == z[:] %}{% endif %}{% endfor %}",
    "{% set z = range(9999) | list %}{% for i in z %}{{ z.count(-1) }}{% endfor %}",
    "{% set z = range(9999) | list %}{% for i in z %}" + "{% if z[:] %}{% endif %}" * 700 + "{% endfor %}",
    "{% for i in range(9999) %}" + "{% set a = i + i + i + i + i + i %}" * 500 + "{% endfor %}",
    "{% for i in range(9999) %}" + "{% if not i %}{% endif %}" * 700 + "{% endfor %}",
    "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "{{ " + "-" * 5_000 + "1 }}",
    "{{ " + "not " * 4_000 + "s }}",
    "{{ 1" + "+1" * 5_000 + " }}",
    "{{ 1" + " and 1" * 3_000 + " }}",
    "{{ s" + "|upper" * 3_000 + " }}",
    "{{ s" + ".upper()" * 2_000 + " }}",
    "{{ o" + ".a" * 5_000 + " }}",
    "{{ l" + "[0]" * 5_000 + " }}",
    "{{ " + "1 if s else " * 1_500 + "1 }}",
    "{{ " + "[" * 3_000 + "]" * 3_000 + " }}",
    "{{ " + "9" * 5_000 + " }}",
    "{{ 0x" + "f" * 5_000 + " }}",
    "{{ 1e999999 }}",
    "{% if s %}" * 400 + "x" + "{% endif %}" * 400,
    "{% if s %}x" + "{% elif s %}x" * 1_000 + "{% endif %}",
    "{{ s }}" * 2_800,
    "x" * 20_001 + "{{ s }}",
    "\ud800{{ s }}",
]  # fmt: skip

CASES = [*(f"{{{{ {each} }}}}" for each in ESCAPES + BOMBS), *TEXTS]

PROGRAM = """
import resource, sys, time
from datetime import datetime
from flowrunner.expressions import ExpressionError, expression
sys.path.insert(0, sys.argv[1])
from test_expression_bounds import CASES
resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
values = {"s": "Ana", "l": [1, 2], "o": {"a": 1}, "now": datetime.fromisoformat("2026-03-01T10:00:00-06:00")}
begun = time.monotonic()
for text in CASES:
    found = expression(text)
    if not found.faults:
        try:
            assert len(found.render(values)) <= 100_000, text[:60]
            if found.is_whole:
                assert len(str(found.evaluate(values))) <= 1_000_000, text[:60]
        except ExpressionError as error:
            assert error.message and error.hint, text[:60]
assert time.monotonic() - begun < 60
print(len(CASES))
"""


@pytest.mark.long
def test_no_expression_fills_memory_or_hangs() -> None:
    """A hundred hostile expressions end as the author's fault, or in a small value, within 400 MB and soon."""
    from pathlib import Path

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) == len(CASES) > 100


@pytest.mark.parametrize("text", ESCAPES)
def test_nothing_but_plain_values_can_be_reached(text: str) -> None:
    """Every way out of the sandbox is an error, by name or when it is rendered."""
    values = {"s": "Ana", "l": [1, 2], "o": {"a": 1}}
    found = expression(f"{{{{ {text} }}}}")
    if not found.faults:
        with pytest.raises(ExpressionError):
            found.render(values)


@pytest.mark.parametrize(
    ("text", "bare"), [("{{ n | tojson(indent=10**9) }}", False), ("n | center(10**9) == ''", True)]
)
def test_a_bound_is_an_error_with_its_own_code(text: str, bare: bool) -> None:
    """What is too large is said so, with the bound, and not as a fault of the values."""
    with pytest.raises(ExpressionError) as caught:
        expression(text, bare=bare).evaluate({"n": "x"})
    assert caught.value.code == "expression-limit"


def test_ordinary_texts_are_far_from_the_bounds() -> None:
    """A list of a thousand rows can be filtered, sorted and joined, and a long text be built in a loop."""
    rows = [{"name": f"n{i}", "price": i} for i in range(1_000)]
    text = (
        "{% for r in rows | sort(attribute='price', reverse=true) if r.price > 9 %}{{ r.name | upper }}, {% endfor %}"
    )
    assert expression(text).render({"rows": rows}).startswith("N999, N998, ")
    assert expression("{{ rows | map(attribute='name') | map('upper') | join(', ') }}").render({"rows": rows})
