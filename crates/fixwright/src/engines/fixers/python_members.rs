//! Names that programs commonly take from the standard library, with the module that each belongs to.

/// Returns the module of a well-known name; only names that mean the same to everybody.
pub(super) fn module_of(name: &str) -> Option<&'static str> {
    MEMBERS.iter().find(|(_, names)| names.split_ascii_whitespace().any(|one| one == name)).map(|(module, _)| *module)
}

const MEMBERS: &[(&str, &str)] = &[
    ("collections", "OrderedDict defaultdict namedtuple Counter deque ChainMap UserDict"),
    ("collections.abc", "Mapping MutableMapping Iterable Iterator Sequence MutableSequence Hashable"),
    ("functools", "partial reduce wraps lru_cache total_ordering cmp_to_key singledispatch cached_property partialmethod update_wrapper"),
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
