"""What honest students do in notebooks, one habit a test: none is told as tampering, and each mark is what the answer deserves.

Each habit stands beside a right answer and, in a second run, beside a wrong one. The tests of the little assignment lean
on many builtins and on a helper of the setup cell, so that a habit which changed what they mean would show.
"""

import os
import textwrap

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from test_attacks import marks, text

from classroom.execute import Jail, Pool
from classroom.model import Job, Limits

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(not os.path.exists("/proc/self/ns/user"), reason="the sandbox needs Linux"),
]
LIMITS = Limits(cell_seconds=20, seconds=60, memory=1 << 30, processes=48, file_size=8 << 20, output=200_000)
SETUP = """
import math
from statistics import median
import numpy as np
import pandas as pd
def near(a, b):
    return abs(a - b) < 1e-9 and max(a, b) >= min(a, b)
"""
TESTS = {
    "visible": "assert double(2) == 4, 'twice 2 is 4'\nassert np.isclose(double(0.1), 0.2)\nassert near(double(3), 6)",
    "hidden": "answers = [double(x) for x in range(5)]\n"
    "assert sum(answers) == 20 and max(answers) == 8 and min(answers) == 0 and len(answers) == 5\n"
    "assert all(isinstance(x, int) for x in answers) and any(answers) and sorted(set(answers)) == list(answers)\n"
    "assert abs(double(-3)) == 6 and round(double(1.26), 1) == 2.5 and str(double(4)) == '8'\n"
    "assert math.isclose(double(1.5), 3) and median(answers) == 4 and type(double(1)) is int\n"
    "assert pd.Series(answers).sum() == 20 and dict(zip(answers, answers))[8] == 8",
    "score": "0.5 * (double(4) == 8) + 0.5 * (tuple(map(double, (1, 2))) == (2, 4))",
}
RIGHT, WRONG = "def double(x):\n    return 2 * x", "def double(x):\n    return 3 * x"


def habits(text: str) -> dict[str, str]:
    """Habits by name, from a text in which each stands below its name; ``# ---`` ends a cell."""
    found = (part.partition("\n") for part in text.strip().split("## ")[1:])
    return {name: source.strip() for name, _, source in found}


# In cells of the student's before the answer.
BESIDE = habits(r"""
## import everything of numpy
from numpy import *

## import everything of scipy.stats
from scipy.stats import *

## import everything of math and random
from math import *
from random import *

## import everything of pylab
from pylab import *

## %pylab
%pylab inline

## import again, by other names
import numpy
import numpy as np
import pandas as pd
import math as m

## import a class over a module
import datetime
from datetime import datetime

## import another module by a name of the setup
import statistics as median

## reload numpy
import importlib
importlib.reload(np)

## reload pandas and math
import importlib, math
pd = importlib.reload(pd)
math = importlib.reload(math)

## autoreload
%load_ext autoreload
%autoreload 2

## sys.path tricks
import os, sys
sys.path.insert(0, os.path.abspath('..'))
sys.path.append('.')

## a package that is not there
try:
    import seaborn_of_2019 as sns
except ImportError:
    sns = None

## nest_asyncio
try:
    import nest_asyncio
except ImportError:
    import nest_asyncio2 as nest_asyncio
nest_asyncio.apply()
async def f():
    return 1
asyncio = __import__('asyncio')
asyncio.run(f())

## np.float = float
np.float = float
np.int = int
np.object = object
np.bool = bool

## np.int = np.int64
np.int = np.int64
np.float = np.float64

## np.product = np.prod
np.product = np.prod
np.trapz = np.trapezoid
np.Inf = np.inf

## DataFrame.iteritems
pd.DataFrame.iteritems = pd.DataFrame.items
pd.Series.iteritems = pd.Series.items

## DataFrame.append
def append(self, other):
    return pd.concat([self, other])
pd.DataFrame.append = append

## %matplotlib inline
%matplotlib inline
%config InlineBackend.figure_format = 'retina'

## plt.show
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.title('x')
plt.show()

## display
from IPython.display import display, HTML, Markdown, clear_output
display(pd.DataFrame({'a': [1]}))
display(HTML('<b>x</b>'), Markdown('**x**'))
clear_output(wait=True)

## every line is shown
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.ast_node_interactivity = 'all'
# ---
1
2

## pd.set_option
pd.set_option('display.max_rows', 5)
pd.options.display.float_format = '{:.2f}'.format

## np.set_printoptions and np.seterr
np.set_printoptions(precision=3, suppress=True)
np.seterr(all='ignore')

## warnings off
import warnings
warnings.filterwarnings('ignore')
warnings.simplefilter('ignore')

## warnings.warn replaced
import warnings
def warn(*args, **kwargs):
    pass
warnings.warn = warn

## logging
import logging
logging.basicConfig(level=logging.DEBUG, force=True)
logging.getLogger().info('hello')
logging.disable(logging.CRITICAL)

## seeds
import random
random.seed(1)
np.random.seed(1)
rng = np.random.default_rng(1)

## recursion limit
import sys
sys.setrecursionlimit(10_000)

## sys.tracebacklimit
import sys
sys.tracebacklimit = 0
sys.excepthook = lambda *a: None

## locale and decimal
import decimal, locale
locale.setlocale(locale.LC_ALL, 'C')
decimal.getcontext().prec = 5

## environment
import os
os.environ['OMP_NUM_THREADS'] = '1'
print(os.environ.get('HOME'), os.getcwd())

## os.chdir
import os
os.chdir('/tmp')
os.chdir('..')

## %%time
%%time
x = 1

## %%timeit
%%timeit -n 2 -r 2
x = 1

## %timeit
%timeit -n 2 -r 2 1 + 1
%time 1 + 1

## %%capture
%%capture out
print(1)
# ---
out.show()

## %%writefile
%%writefile mine.py
value = 1
# ---
import mine
mine.value

## %prun
%prun -q sum(range(10))

## profile
import cProfile, pstats
profile = cProfile.Profile()
profile.enable()
sum([1])
profile.disable()
pstats.Stats(profile).print_stats(3)

## !pip install
!pip install pandas
%pip install numpy
!ls

## %who and %history
%who
%whos
%history -n
%lsmagic

## %reset
a = 1
%reset -f
# ---
import math
from statistics import median
import numpy as np
import pandas as pd

## %debug
1 / 0
# ---
%debug

## %pdb on
%pdb on
1 / 0

## %xmode
%xmode Plain
1 / 0

## help
help(len)
len?
pd.DataFrame.sum??

## system programs
import subprocess
subprocess.run(['ls'], check=False)

## max = 0
max = 0
for value in [3, 1]:
    if value > max:
        max = value

## sum, min and len as variables
sum = 0
min = 10
len = 3
abs = -1
round = 2

## list, dict, set, str, type, id as variables
list = [1, 2]
dict = {1: 2}
set = {1}
str = 'a'
type = 'b'
id = 7
tuple = (1,)
int = 3
all = any = True
map = {}
range = (0, 1)
sorted = []
zip = 1
isinstance = 0

## def max
def max(values):
    best = values[0]
    for value in values:
        if value > best:
            best = value
    return best

## def sum and def abs
def sum(a, b):
    return a + b
def abs(x):
    return x if x > 0 else -x
def round(x):
    return x

## class list
class list:
    pass
class dict(object):
    pass
class type:
    pass

## lambda as len
len = lambda x: 1
sorted = lambda x: x
all = lambda x: True

## print with flush
import functools
print = functools.partial(print, flush=True)
print('x')

## input mocked
import builtins
builtins.input = lambda prompt='': '5'
input = lambda prompt='': '5'
input('?')

## builtins.profile
import builtins
builtins.profile = lambda f: f
@profile
def f():
    return 1

## a variable named as an import
math = 90
median = [1, 2]

## the setup copied
SETUP

## a helper of one's own by a known name
def median(values):
    return values[len(values) // 2]

## names deleted
import os
x = 1
del x, os

## sys._getframe
import sys
def name():
    return sys._getframe().f_code.co_name
name()
sys._getframe().f_lineno

## inspect.stack
import inspect
inspect.stack()
def name():
    return inspect.stack()[0][3], inspect.stack()[1].function
name()

## inspect.currentframe
import inspect
frame = inspect.currentframe()
print(frame.f_lineno, frame.f_code.co_name)
inspect.getframeinfo(frame).lineno
def caller():
    return inspect.currentframe().f_back.f_code.co_name
caller()

## inspect in general
import inspect
print(inspect.getsource(inspect.getsource)[:9], inspect.signature(len))
def f(): pass
inspect.getsource(f)

## traceback.print_stack
import traceback
traceback.print_stack()
traceback.format_stack()
traceback.extract_stack()[-1].name

## traceback.print_exc
import traceback
try:
    1 / 0
except ZeroDivisionError:
    traceback.print_exc()

## the line of an error
import os, sys
try:
    1 / 0
except Exception as e:
    kind, value, tb = sys.exc_info()
    name = os.path.split(tb.tb_frame.f_code.co_filename)[1]
    print(kind, name, tb.tb_lineno, e.__traceback__.tb_lineno)

## pdb.set_trace
import pdb
pdb.set_trace()

## pdb.set_trace, then more
import pdb
x = 1
pdb.set_trace()
x = 2

## breakpoint
breakpoint()

## sizes and references
import gc, sys
print(sys.getsizeof([1]), sys.getrefcount([1]), gc.collect(), id(1))

## tracemalloc
import tracemalloc
tracemalloc.start()
tracemalloc.get_traced_memory()
tracemalloc.stop()

## globals and locals
globals()['x'] = 1
locals()['y'] = 2
vars(), dir()
print('x' in globals())

## try, except, pass
try:
    import nothing
except:
    pass

## exec and eval
exec('a = 1')
print(eval('a + 1'))
exec(compile('b = 2', 'mine', 'exec'))

## print debugging
for i in range(3):
    print('here', i)
import pprint, sys
pprint.pprint({1: 2})
print('e', file=sys.stderr)

## input
name = input('Your name? ')

## time.sleep
import time
start = time.time()
time.sleep(0.1)
print(time.perf_counter() - start)

## tqdm
from tqdm import tqdm
for i in tqdm(range(3)):
    pass

## type hints
from typing import Optional, List
def f(x: Optional[List[int]] = None) -> 'float':
    return 1.0
f.__annotations__

## dataclass, enum, namedtuple
from collections import namedtuple
from dataclasses import dataclass
from enum import Enum
@dataclass(order=True)
class P:
    x: float = 0
class C(Enum):
    A = 1
N = namedtuple('N', 'a b')
P(1) < P(2)

## a class that compares
class V:
    def __init__(self, x):
        self.x = x
    def __eq__(self, o):
        return self.x == o.x
    def __lt__(self, o):
        return self.x < o.x
vs = sorted([V(2), V(1)])

## own class monkeypatched
class A:
    def f(self):
        return 1
A.f = lambda self: 2
A().f()

## decorators
import functools, time
def timed(f):
    @functools.wraps(f)
    def inner(*a, **k):
        return f(*a, **k)
    return inner
@timed
@functools.lru_cache
def g(x):
    return x
g(1)

## generators
def g():
    yield from range(3)
print(list(g()), next(i for i in g()))

## async
import asyncio
async def f():
    await asyncio.sleep(0.01)
    return 1
await f()
await asyncio.gather(f(), f())

## asyncio.run
import asyncio
async def f():
    return 1
asyncio.run(f())

## threads, joined
import threading
t = threading.Thread(target=print, args=('x',))
t.start()
t.join()
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(abs, [-1])))

## a thread that ends by itself
import threading, time
def work():
    time.sleep(0.5)
threading.Thread(target=work).start()

## a pool left open
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(2)
pool.submit(lambda: 1).result()

## processes
import multiprocessing
with multiprocessing.Pool(2) as pool:
    print(pool.map(abs, [-1]))

## signals
import signal
signal.signal(signal.SIGALRM, lambda *a: None)
signal.alarm(0)

## redirected output
import contextlib, io, sys
with contextlib.redirect_stdout(io.StringIO()):
    print(1)
old = sys.stdout
sys.stdout = io.StringIO()
sys.stdout = old

## files
import json, os, pathlib, pickle, shutil, tempfile
open('a.txt', 'w').write('x')
pathlib.Path('a.txt').read_text()
pd.DataFrame({'a': [1]}).to_csv('a.csv')
pickle.loads(pickle.dumps({1: 2}))
os.remove('a.txt')

## exit
exit()

## an error half-way
x = 1
raise ValueError('not yet done')

## a syntax error
for i in range(3) print(i)

## an unfinished cell
def later():
    # to do
    pass
...

## unit tests
import unittest
class T(unittest.TestCase):
    def test(self):
        self.assertEqual(1, 1)
unittest.main(argv=[''], exit=False)

## doctest
import doctest
def f():
    '''
    >>> f()
    1
    '''
    return 1
doctest.testmod()

## mock
from unittest.mock import patch
with patch('builtins.print') as p:
    print(1)
with patch('math.sqrt', return_value=2):
    math.sqrt(9)

## strange names
_ = 5
__ = 6
get = 1
In, Out
display = print

## random things
from IPython import get_ipython
get_ipython().run_line_magic('matplotlib', 'inline')
get_ipython().run_cell('1')
import this
""")
BESIDE["the setup copied"] = SETUP

# In the body of the answer, run by the tests.
WITHIN = habits(r"""
## print
print('double of', x)

## own name, by sys
import sys
print(sys._getframe().f_code.co_name)

## own name, by inspect
import inspect
print(inspect.stack()[0][3], inspect.currentframe().f_code.co_name)

## the caller's name
import inspect, sys
print(inspect.stack()[1][3], inspect.stack()[1].function)
print(sys._getframe(1).f_code.co_name, inspect.currentframe().f_back.f_lineno)

## traceback.print_stack
import sys, traceback
traceback.print_stack(file=sys.stdout)

## logging with the function's name
import logging, sys
logging.basicConfig(format='%(funcName)s:%(lineno)d %(message)s', stream=sys.stdout)
logging.warning(x)

## display
display(x)

## global
global calls
calls = globals().get('calls', 0) + 1

## star import used
from math import sqrt
sqrt(4)

## recursion
def go(n):
    return 0 if n == 0 else 1 + go(n - 1)
go(50)

## locals
locals()
vars()

## time
import time
time.sleep(0.001)

## try
try:
    1 / 0
except ZeroDivisionError as e:
    import sys
    print(e.__traceback__.tb_lineno, sys.exc_info()[2].tb_frame.f_lineno)

## plot
import matplotlib.pyplot as plt
plt.figure()
plt.plot([1, 2])
plt.close()

## assert
assert x is not None

## eval
eval('2 * x')

## a builtin as a local name
sum = 0
list = []
max = 1
""")


def notebook(*cells: str):
    """Setup, the student's cells, and three test cells of one point each."""
    flags = {"schema_version": 3, "solution": False, "task": False, "locked": True}
    locked = [("setup", SETUP.strip(), {"grade": False})] + [
        (n, s, {"grade": True, "points": 1}) for n, s in TESTS.items()
    ]
    made = [new_code_cell(s, metadata={"nbgrader": {"grade_id": n, **flags, **more}}) for n, s, more in locked]
    return new_notebook(
        cells=[made[0], *map(new_code_cell, cells), *made[1:]],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )


@pytest.fixture(scope="module")
def pool():
    with Pool(1, jail=Jail(warm=("numpy", "pandas", "scipy.stats", "matplotlib_inline.backend_inline"))) as pool:
        yield pool


def check(pool, *cells, right):
    ran = pool.one(Job("student", notebook(*cells), limits=LIMITS))
    assert (ran.ended, ran.tampering) == ("finished", ())
    assert marks(ran) == dict.fromkeys(TESTS, right), text(ran)[-3000:]
    return ran


@pytest.mark.parametrize("answer", [RIGHT, WRONG], ids=["right", "wrong"])
@pytest.mark.parametrize("habit", BESIDE)
def test_habit_beside_the_answer(pool, habit, answer):
    check(pool, *BESIDE[habit].split("\n# ---\n"), answer, right=answer is RIGHT)


@pytest.mark.parametrize("answer", [RIGHT, WRONG], ids=["right", "wrong"])
@pytest.mark.parametrize("habit", WITHIN)
def test_habit_within_the_answer(pool, habit, answer):
    first, last = answer.split("\n")
    check(pool, "\n".join([first, textwrap.indent(WITHIN[habit], "    "), last]), right=answer is RIGHT)
