//! Names that programs commonly take from the standard library, with the module that each belongs to.

/// Returns the module of a well-known name; only names that mean the same to everybody.
pub(super) fn module_of(name: &str) -> Option<&'static str> {
    MEMBERS.iter().find(|(_, names)| names.split_ascii_whitespace().any(|one| one == name)).map(|(module, _)| *module)
}

const MEMBERS: &[(&str, &str)] = &[
    ("collections", "OrderedDict defaultdict namedtuple Counter deque ChainMap UserDict"),
    ("collections.abc", "Mapping MutableMapping Iterable Iterator Sequence MutableSequence Hashable"),
    (
        "functools",
        "partial reduce wraps lru_cache total_ordering cmp_to_key singledispatch cached_property partialmethod update_wrapper",
    ),
    ("itertools", "chain islice groupby zip_longest takewhile dropwhile starmap permutations combinations accumulate"),
    ("contextlib", "contextmanager suppress closing ExitStack redirect_stdout nullcontext asynccontextmanager"),
    ("datetime", "timedelta"),
    ("decimal", "Decimal InvalidOperation"),
    ("fractions", "Fraction"),
    ("dataclasses", "dataclass"),
    ("enum", "Enum IntEnum IntFlag"),
    ("abc", "ABC ABCMeta abstractmethod"),
    ("pathlib", "Path PurePath PosixPath WindowsPath"),
    ("io", "StringIO BytesIO TextIOWrapper"),
    ("copy", "deepcopy"),
    ("textwrap", "dedent"),
    ("subprocess", "Popen PIPE CalledProcessError check_output check_call"),
    ("unittest", "TestCase"),
    ("unittest.mock", "MagicMock Mock"),
    ("urllib.parse", "urlparse urlencode urljoin parse_qs urlsplit urlunparse urlunsplit unquote_plus quote_plus"),
    ("urllib.request", "urlopen urlretrieve"),
    ("urllib.error", "HTTPError URLError"),
    ("tempfile", "NamedTemporaryFile TemporaryDirectory mkdtemp mkstemp"),
    ("concurrent.futures", "ThreadPoolExecutor ProcessPoolExecutor"),
    ("threading", "Thread Lock RLock"),
    ("argparse", "ArgumentParser Namespace"),
    ("pprint", "pprint pformat"),
    ("types", "SimpleNamespace ModuleType MappingProxyType"),
    ("http", "HTTPStatus"),
    ("importlib", "import_module reload"),
    (
        "typing",
        "Any Optional Union Callable ClassVar TypeVar Generic NamedTuple TypedDict Protocol Literal cast overload TYPE_CHECKING Annotated Dict List Tuple Set FrozenSet Type NoReturn Final",
    ),
];

/// The names that are known without an import.
pub(super) const BUILTINS: &str = "ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError \
    BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError \
    ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError Exception ExceptionGroup \
    False FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning \
    IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError \
    ModuleNotFoundError NameError None NotADirectoryError NotImplemented NotImplementedError OSError OverflowError \
    PendingDeprecationWarning PermissionError ProcessLookupError RecursionError ReferenceError ResourceWarning RuntimeError \
    RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError \
    True TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning \
    UserWarning ValueError Warning ZeroDivisionError __doc__ __loader__ __name__ __package__ __spec__ abs aiter all anext \
    any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir divmod enumerate \
    eval exec filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter \
    len list locals map max memoryview min next object oct open ord pow print property range repr reversed round set setattr \
    slice sorted staticmethod str sum super tuple type vars zip exit quit __debug__ __import__ __file__ __path__ \
    WindowsError PythonFinalizationError __builtins__ __annotations__ __module__ __qualname__ __class__";

/// Says whether a name was known without an import in Python 2 and is not any more.
pub(super) fn is_gone(name: &str) -> bool {
    const GONE: &str =
        "unicode basestring unichr long xrange raw_input buffer reduce reload cmp file execfile intern apply StandardError";
    GONE.split_ascii_whitespace().any(|one| one == name)
}
