//! Which header of the C standard library, or of POSIX, declares a name.

/// Headers and what they declare, those of the C standard before those of POSIX, as far as programs use it without.
const HEADERS: &[(&str, &str)] = &[
    ("assert.h", "assert"),
    ("complex.h", "complex cabs creal cimag carg cexp I"),
    (
        "ctype.h",
        "isalnum isalpha isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit tolower toupper",
    ),
    (
        "errno.h",
        "errno EACCES EAGAIN EBADF EBUSY ECONNREFUSED ECONNRESET EDOM EEXIST EFAULT EFBIG EINPROGRESS EINTR EINVAL EIO EISDIR EMFILE EMSGSIZE ENAMETOOLONG ENFILE ENODEV ENOENT ENOEXEC ENOMEM ENOSPC ENOSYS ENOTDIR ENOTEMPTY ENOTSUP ENOTTY ENXIO EOVERFLOW EPERM EPIPE ERANGE EROFS ESPIPE ESRCH ETIMEDOUT EWOULDBLOCK EXDEV",
    ),
    ("fenv.h", "feclearexcept fegetround fesetround fetestexcept FE_DIVBYZERO FE_OVERFLOW FE_UNDERFLOW FE_ALL_EXCEPT"),
    (
        "float.h",
        "DBL_MAX DBL_MIN DBL_EPSILON DBL_DIG DBL_MANT_DIG FLT_MAX FLT_MIN FLT_EPSILON FLT_DIG LDBL_MAX LDBL_MIN LDBL_EPSILON",
    ),
    (
        "inttypes.h",
        "PRId8 PRId16 PRId32 PRId64 PRIi32 PRIi64 PRIu8 PRIu16 PRIu32 PRIu64 PRIx8 PRIx16 PRIx32 PRIx64 PRIX32 PRIX64 PRIo64 PRIdPTR PRIuPTR PRIxPTR PRIdMAX PRIuMAX SCNd64 SCNu64 SCNx64 SCNd32 SCNu32 strtoimax strtoumax imaxabs imaxdiv",
    ),
    (
        "limits.h",
        "CHAR_BIT CHAR_MAX CHAR_MIN INT_MAX INT_MIN LLONG_MAX LLONG_MIN LONG_MAX LONG_MIN PATH_MAX SCHAR_MAX SCHAR_MIN SHRT_MAX SHRT_MIN SSIZE_MAX UCHAR_MAX UINT_MAX ULLONG_MAX ULONG_MAX USHRT_MAX IOV_MAX NAME_MAX",
    ),
    ("locale.h", "setlocale localeconv LC_ALL LC_COLLATE LC_CTYPE LC_MONETARY LC_NUMERIC LC_TIME"),
    (
        "math.h",
        "acos acosf asin asinf atan atan2 atan2f atanf cbrt ceil ceilf copysign cos cosf cosh erf exp exp2 expf expm1 fabs fabsf fabsl fdim floor floorf fma fmax fmin fmod fmodf frexp hypot ilogb isfinite isinf isnan ldexp lgamma llround log log10 log1p log2 logf lrint lround modf nan nearbyint nextafter pow powf remainder rint round roundf signbit sin sinf sinh sqrt sqrtf tan tanf tanh tgamma trunc truncf HUGE_VAL INFINITY NAN M_PI M_E M_PI_2 M_SQRT2",
    ),
    ("setjmp.h", "jmp_buf setjmp longjmp sigjmp_buf sigsetjmp siglongjmp"),
    (
        "signal.h",
        "signal raise sigaction sigaddset sigdelset sigemptyset sigfillset sigprocmask sigsuspend kill killpg sigset_t sig_atomic_t siginfo_t SIGABRT SIGALRM SIGCHLD SIGFPE SIGHUP SIGILL SIGINT SIGKILL SIGPIPE SIGQUIT SIGSEGV SIGSTOP SIGTERM SIGUSR1 SIGUSR2 SIGBUS SIGCONT SIGTSTP SIG_DFL SIG_ERR SIG_IGN SA_RESTART SA_SIGINFO SIG_BLOCK SIG_SETMASK SIG_UNBLOCK",
    ),
    ("stdarg.h", "va_list va_start va_end va_arg va_copy"),
    ("stdbool.h", "bool true false"),
    ("stddef.h", "size_t ptrdiff_t max_align_t offsetof wchar_t NULL"),
    (
        "stdint.h",
        "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t intmax_t uintmax_t int_fast8_t int_fast16_t int_fast32_t int_fast64_t uint_fast8_t uint_fast16_t uint_fast32_t uint_fast64_t int_least8_t int_least16_t int_least32_t uint_least8_t uint_least16_t uint_least32_t INT8_MAX INT8_MIN INT16_MAX INT16_MIN INT32_MAX INT32_MIN INT64_MAX INT64_MIN UINT8_MAX UINT16_MAX UINT32_MAX UINT64_MAX SIZE_MAX INTPTR_MAX UINTPTR_MAX INTMAX_MAX UINTMAX_MAX PTRDIFF_MAX INT64_C UINT64_C INT32_C UINT32_C",
    ),
    (
        "stdio.h",
        "FILE EOF BUFSIZ SEEK_SET SEEK_CUR SEEK_END FILENAME_MAX stdin stdout stderr fpos_t clearerr fclose fdopen feof ferror fflush fgetc fgetpos fgets fileno fopen fprintf fputc fputs fread freopen fscanf fseek fseeko fsetpos ftell ftello fwrite getc getchar getdelim getline pclose perror popen printf putc putchar puts remove rename rewind scanf setbuf setvbuf snprintf sprintf sscanf tmpfile tmpnam ungetc vfprintf vprintf vscanf vsnprintf vsprintf vsscanf dprintf asprintf vasprintf",
    ),
    (
        "stdlib.h",
        "abort abs atexit atof atoi atol atoll bsearch calloc div exit free getenv labs ldiv llabs malloc mblen mbstowcs mbtowc mkdtemp mkstemp posix_memalign putenv qsort rand realloc realpath setenv srand strtod strtof strtol strtold strtoll strtoul strtoull system unsetenv wcstombs wctomb random srandom aligned_alloc _Exit EXIT_FAILURE EXIT_SUCCESS RAND_MAX MB_CUR_MAX div_t ldiv_t lldiv_t",
    ),
    (
        "string.h",
        "memchr memcmp memcpy memmove memset stpcpy strcat strchr strcmp strcoll strcpy strcspn strdup strerror strerror_r strlen strncat strncmp strncpy strndup strnlen strpbrk strrchr strsep strsignal strspn strstr strtok strtok_r strxfrm memmem strcasestr",
    ),
    ("strings.h", "bcmp bcopy bzero ffs index rindex strcasecmp strncasecmp"),
    (
        "time.h",
        "asctime clock clock_gettime clock_getres ctime ctime_r difftime gmtime gmtime_r localtime localtime_r mktime nanosleep strftime strptime time timegm tzset time_t clock_t CLOCKS_PER_SEC CLOCK_MONOTONIC CLOCK_REALTIME struct:tm struct:timespec",
    ),
    (
        "wchar.h",
        "wint_t mbstate_t WEOF fgetwc fgetws fputwc fputws fwprintf mbrlen mbrtowc mbsrtowcs swprintf wcrtomb wcscat wcschr wcscmp wcscpy wcslen wcsncmp wcsncpy wcsrchr wcsstr wcstok wcstol wcstoul wcwidth wmemcpy wmemset wprintf",
    ),
    ("wctype.h", "iswalnum iswalpha iswdigit iswlower iswprint iswpunct iswspace iswupper iswxdigit towlower towupper"),
    ("arpa/inet.h", "htonl htons ntohl ntohs inet_addr inet_aton inet_ntoa inet_ntop inet_pton in_addr_t"),
    ("dirent.h", "DIR opendir readdir closedir rewinddir scandir alphasort DT_DIR DT_REG DT_LNK struct:dirent"),
    ("dlfcn.h", "dlopen dlsym dlclose dlerror RTLD_LAZY RTLD_NOW RTLD_GLOBAL RTLD_LOCAL"),
    (
        "fcntl.h",
        "open creat fcntl O_RDONLY O_WRONLY O_RDWR O_CREAT O_EXCL O_TRUNC O_APPEND O_NONBLOCK O_CLOEXEC F_GETFL F_SETFL F_GETFD F_SETFD FD_CLOEXEC F_SETLK F_SETLKW F_WRLCK F_RDLCK F_UNLCK struct:flock",
    ),
    ("fnmatch.h", "fnmatch FNM_NOMATCH FNM_PATHNAME FNM_PERIOD"),
    ("getopt.h", "getopt_long getopt_long_only required_argument no_argument optional_argument struct:option"),
    ("glob.h", "glob globfree glob_t GLOB_NOSORT GLOB_NOMATCH"),
    ("grp.h", "getgrnam getgrgid getgrnam_r getgrgid_r initgroups setgroups struct:group"),
    ("libgen.h", "basename dirname"),
    (
        "netdb.h",
        "getaddrinfo freeaddrinfo gai_strerror gethostbyname getnameinfo getservbyname NI_MAXHOST NI_MAXSERV NI_NUMERICHOST AI_PASSIVE struct:addrinfo struct:hostent struct:servent",
    ),
    (
        "netinet/in.h",
        "in_port_t IPPROTO_TCP IPPROTO_UDP IPPROTO_IP IPPROTO_IPV6 INADDR_ANY INADDR_LOOPBACK INADDR_NONE INET_ADDRSTRLEN INET6_ADDRSTRLEN in6addr_any struct:sockaddr_in struct:sockaddr_in6 struct:in_addr struct:in6_addr",
    ),
    ("netinet/tcp.h", "TCP_NODELAY"),
    ("poll.h", "poll nfds_t POLLIN POLLOUT POLLERR POLLHUP struct:pollfd"),
    (
        "pthread.h",
        "pthread_t pthread_mutex_t pthread_cond_t pthread_attr_t pthread_key_t pthread_once_t pthread_rwlock_t pthread_create pthread_join pthread_detach pthread_exit pthread_self pthread_equal pthread_mutex_init pthread_mutex_destroy pthread_mutex_lock pthread_mutex_trylock pthread_mutex_unlock pthread_cond_init pthread_cond_destroy pthread_cond_wait pthread_cond_timedwait pthread_cond_signal pthread_cond_broadcast pthread_key_create pthread_getspecific pthread_setspecific pthread_once PTHREAD_MUTEX_INITIALIZER PTHREAD_COND_INITIALIZER PTHREAD_ONCE_INIT",
    ),
    ("pwd.h", "getpwnam getpwuid getpwnam_r getpwuid_r struct:passwd"),
    ("regex.h", "regcomp regexec regfree regerror regex_t regmatch_t REG_EXTENDED REG_NOSUB REG_ICASE REG_NOMATCH"),
    ("sched.h", "sched_yield"),
    ("semaphore.h", "sem_t sem_init sem_destroy sem_post sem_wait sem_trywait"),
    ("sys/ioctl.h", "ioctl TIOCGWINSZ FIONREAD FIONBIO struct:winsize"),
    (
        "sys/mman.h",
        "mmap munmap mprotect msync madvise PROT_READ PROT_WRITE PROT_EXEC PROT_NONE MAP_SHARED MAP_PRIVATE MAP_ANONYMOUS MAP_FAILED MAP_FIXED",
    ),
    (
        "sys/resource.h",
        "getrusage getrlimit setrlimit RLIMIT_NOFILE RLIMIT_CORE RLIMIT_STACK RUSAGE_SELF struct:rusage struct:rlimit",
    ),
    ("sys/select.h", "select fd_set FD_SET FD_CLR FD_ISSET FD_ZERO FD_SETSIZE"),
    (
        "sys/socket.h",
        "socket bind listen accept connect send recv sendto recvfrom sendmsg recvmsg shutdown getsockopt setsockopt getsockname getpeername socketpair socklen_t AF_INET AF_INET6 AF_UNIX AF_UNSPEC PF_INET SOCK_STREAM SOCK_DGRAM SOL_SOCKET SO_REUSEADDR SO_KEEPALIVE SO_ERROR SO_RCVTIMEO SO_SNDTIMEO SOMAXCONN MSG_NOSIGNAL MSG_DONTWAIT MSG_PEEK SHUT_RD SHUT_WR SHUT_RDWR struct:sockaddr struct:sockaddr_storage struct:msghdr",
    ),
    (
        "sys/stat.h",
        "stat fstat lstat mkdir chmod fchmod umask mkfifo S_ISDIR S_ISREG S_ISLNK S_ISFIFO S_IFMT S_IFDIR S_IFREG S_IFLNK S_IRUSR S_IWUSR S_IXUSR S_IRWXU S_IRWXG S_IRWXO S_IRGRP S_IWGRP S_IROTH S_IWOTH struct:stat",
    ),
    (
        "sys/time.h",
        "gettimeofday settimeofday setitimer getitimer utimes ITIMER_REAL timeradd timersub struct:timeval struct:itimerval",
    ),
    (
        "sys/types.h",
        "ssize_t off_t pid_t uid_t gid_t mode_t dev_t ino_t nlink_t blksize_t blkcnt_t u_char u_short u_int u_long useconds_t",
    ),
    ("sys/uio.h", "readv writev struct:iovec"),
    ("sys/un.h", "struct:sockaddr_un"),
    ("sys/utsname.h", "uname struct:utsname"),
    ("sys/wait.h", "wait waitpid WEXITSTATUS WIFEXITED WIFSIGNALED WIFSTOPPED WTERMSIG WNOHANG WUNTRACED"),
    ("syslog.h", "syslog openlog closelog vsyslog LOG_ERR LOG_INFO LOG_WARNING LOG_NOTICE LOG_DEBUG LOG_PID LOG_DAEMON LOG_CONS"),
    ("termios.h", "tcgetattr tcsetattr cfmakeraw TCSANOW TCSAFLUSH TCSADRAIN ECHO ICANON struct:termios"),
    (
        "unistd.h",
        "access alarm chdir chown close crypt daemon dup dup2 execl execle execlp execv execve execvp fchdir fchown fdatasync fork fsync ftruncate getcwd getdtablesize getegid geteuid getgid gethostname getlogin getopt optarg optind opterr optopt getpagesize getpgid getpgrp getpid getppid getuid isatty lchown link lseek nice pause pipe pread pwrite read readlink rmdir sbrk setgid setpgid setsid setuid seteuid setegid sleep symlink sync sysconf truncate ttyname unlink usleep vfork write _exit STDIN_FILENO STDOUT_FILENO STDERR_FILENO F_OK R_OK W_OK X_OK _SC_PAGESIZE _SC_OPEN_MAX _SC_NPROCESSORS_ONLN environ",
    ),
    ("utime.h", "utime struct:utimbuf"),
];

/// Returns the header that declares a name (`malloc`, `size_t`, `struct stat`).
pub(super) fn header_of(name: &str) -> Option<&'static str> {
    let tag = name.strip_prefix("struct ").map(|tag| format!("struct:{tag}"));
    let wanted = tag.as_deref().unwrap_or(name);
    HEADERS.iter().find(|(_, names)| names.split(' ').any(|one| one == wanted)).map(|(header, _)| *header)
}

/// Returns which other headers declare all that this one does, as far as programs rely on it.
pub(super) fn also_in(header: &str) -> &'static [&'static str] {
    match header {
        "stddef.h" => &["stdio.h", "stdlib.h", "string.h"],
        "stdint.h" => &["inttypes.h"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_tags_have_their_headers() {
        for (name, header) in [
            ("malloc", "stdlib.h"),
            ("size_t", "stddef.h"),
            ("struct stat", "sys/stat.h"),
            ("stat", "sys/stat.h"),
            ("PRIu64", "inttypes.h"),
            ("getopt", "unistd.h"),
        ] {
            assert_eq!(header_of(name), Some(header), "{name}");
        }
        assert_eq!(header_of("struct malloc"), None);
        assert_eq!(header_of("mine"), None);
    }

    #[test]
    fn no_name_is_listed_twice() {
        let mut all: Vec<&str> = HEADERS.iter().flat_map(|(_, names)| names.split(' ')).collect();
        all.sort_unstable();
        let twice: Vec<_> = all.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
