"""Expressions that ask for more than there is: of memory, of time, or of what an expression may reach.

One a line. Each ends soon, in little memory, in a small text or in a fault of the author's.
"""

PAYLOADS = r"""
'%(a)0999999999d' % {'a': 1}
'%(a)0999999999d' | format(a=1)
'%(a)999999999s' % {'a': 'x'}
'%(a)-999999999s' | format(a='x')
'%(a).999999999f' % {'a': 1.5}
'%(aaaaaaaaaa)#0999999999x' % {'aaaaaaaaaa': 1}
'%(%)9999999d' % {'%': 1}
'%(a%b)09999999d' % {'a%b': 1}
'%(())09999999d' % {'()': 1}
'%0 9999999d' % 1
'%ld %09999999ld' % (1, 1)
'%l9999999d' % 1
'%h09999999d' % 1
'%%%09999999d' % 1
'%+ #0999999d' % 1
'%.9999d' % 1
'%.9999999d' % 1
'%999d%999d' % (1,1)
('%999d' * 9000) % 1
('%(a)999d' * 9000) % {'a': 1}
('%(a)999d' * 9000) | format(a=1)
('%(a)s' * 20000) % {'a': 'x' * 90000}
('%(a)s' * 20000) | format(a='x' * 90000)
'%s' % ('x' * 99999)
'%r' % ('x' * 99999)
'%*d' % (999999999, 1)
'%.*f' % (999999999, 1.5)
'%*d' | format(999999999, 1)
'%(a)*d' % {'a': 1}
'%c' % 99999999999
s | center(width=10**8)
s | center(10**9)
'' | center(9999) | center(9999)
s | indent(width='x' * 99999)
('\n' * 9999) | indent(9999)
('\n' * 99999) | indent('x' * 99)
('a\n' * 49000) | indent(9999, true)
('\n' * 99999) | indent(99, blank=true)
('a' * 99999) | replace('a', 'b' * 99999)
('a' * 9999) | replace('a', 'b' * 9999)
s | replace('', 'x' * 99999)
('a' * 99999) | replace('', 'b' * 99)
s.replace('a', 'b' * 10**9)
range(9999) | join('x' * 99999)
range(9999) | join('x' * 999)
s | join('x' * 99999)
('x' * 9999) | join('y' * 9999)
l | batch(10**8, 'x') | list
l | batch(9999, 'x') | list
range(9999) | batch(1, 'x' * 9999) | list
l | slice(10**8) | list
l | slice(9999, 'x' * 99) | list
('x ' * 49999) | wordwrap(1)
('x' * 99999) | wordwrap(1, true, 'y' * 999)
('x' * 99999) | wordwrap(-1)
('x' * 99999) | wordwrap(0)
l | tojson(indent=10**9)
range(9999) | list | tojson(indent=9999)
[[[[[[[[l]]]]]]]] | tojson(indent=9999)
range(9999) | list | tojson(indent='x' * 9999)
s | truncate(10**9, true, 'x' * 99999)
('x' * 99999) | truncate(9, true, 'y' * 99999)
('x' * 99999) | urlencode
('é' * 99999) | urlencode
('x ' * 49999) | title
range(9999) | sum(start=10**150)
[l, l, l] | sum(start=[])
range(9999) | map('string') | sum(start='')
(range(9999) | map('list') | list)
([[1] * 9000] * 9) | sum(start=[])
([l] * 9000) | sum(start=[])
range(9999) | map('center', 9999) | sum(start='')
('9' * 99999) | int
('9' * 4301) | int
('f' * 99999) | int(0, 16)
('1' * 99999) | int(0, 2)
('z' * 99999) | int(0, 36)
('9' * 99999) | float
10**10**10
2**511 * 2**511
(2**500)**2
9**9**9**9
1 << 999999999
2.0 ** 99999
(-1) ** 10**9
10 ** -999999999
1e308 ** 2
7 ** 0.5 ** 9999
'a' * 10**9
10**9 * 'a'
[1] * 10**9
('a' * 50000) ~ ('b' * 50001)
('a' * 50000) + ('b' * 50001)
s.expandtabs(10**9)
('\t' * 9999).expandtabs(9999)
s.translate({65: 'x' * 99999})
s.zfill(10**9)
s.ljust(10**9)
s.rjust(10**9)
s.center(10**9)
s.format(s)
'{:999999999}'.format(1)
'{:>{w}}'.format(1, w=10**9)
s.__mul__(10**9)
s.join(range(10**9))
','.join(range(9))
range(10**12)
range(10**9) | length
range(9999) | pprint
{} | xmlattr
range(9999) | sort | reverse | list | unique | list
('ab' * 49999).split('a') | length
('ab' * 49999).split('a') | join('x' * 999)
(('ab' * 49999).split('a')) * 9
('a' * 99999).count('a' * 50000)
('a' * 50000 ~ 'b').find('a' * 25000 ~ 'b' ~ 'a' * 9)
('a' * 99999).partition('a')
('a\n' * 49999).splitlines() | length
dict(a='x' * 99999) | tojson
{'a': {'b': {'c': range(9999) | list}}} | tojson(indent=999)
range(9999) | map('tojson', indent=9999) | list
range(9999) | map('replace', '', 'x' * 999) | list
range(9999) | map('format', 'x' * 9999) | list
['%0999999999d'] | map('format', 1) | list
['%(a)0999999999d'] | map('format', a=1) | list
range(9999) | map('batch', 9999) | list
range(9999) | groupby(0) | list
(range(9999) | list) | dictsort
namespace(a=range(9999) | list) | string
cycler('x' * 99999).next() * 9
1.5 | round(99999)
10**150 | round(-150)
10**150 | filesizeformat
('x' * 99999) | wordcount
('x' * 99999) | capitalize | upper | lower | title | trim
('ß' * 99999) | upper
('ΐ' * 40000) | upper
('ŉ' * 99999).upper()
('x' * 99999)[::-1] * 2
(range(9999) | list)[::-1] * 20
now.strftime('%999999999Y')
now.strftime('%-99999999d')
now.strftime('%_9999999d')
now.strftime('%Y' * 40000)
now.strftime('%c' * 9000)
now.isoformat('x' * 9)
now.isoformat(sep='xx')
(now - now) * 10**12
(now - now) * 10**300
now.date().isoformat() * 99999
'%s' % now * 99999
'%d' % (10**150)
'%x' % (2**511)
'%e' % 10**300
'%f' % 1e308
'%.999f' % 1e308
('%.999f' * 99) % (1,1)
('%f' * 9000) % (1e308,)
lipsum(n=99999)
s | random
s | xmlattr
('a' * 3000) is in ('a' * 99999)
(('a' * 50000) ~ 'b') in (('a' * 99990) ~ 'c')
(l * 9000) is sameas l
s | string | forceescape
range(9999) | select('divisibleby', 3) | map('string') | map('center', 5000) | join
range(9999) | unique | list
range(999) | map('list') | list
(range(999) | list | tojson) * 99
range(9999) | min
s | map('upper') | list
range(9999) | map('string') | unique(attribute=0) | list
range(9999) | map('string') | sort(attribute=0) | list
range(9999) | map('string') | groupby(0) | list
('é' * 33333).casefold() | length
('İ' * 99999).lower() | length
""".strip().splitlines()
