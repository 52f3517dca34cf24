//! Which import path stands behind a package name of Go: those of the standard library.

/// Import paths of the standard library; where two have one name, the more likely one first.
const STANDARD: &str = "archive/tar archive/zip bufio bytes cmp compress/bzip2 compress/flate compress/gzip compress/lzw compress/zlib \
    container/heap container/list container/ring context crypto crypto/aes crypto/cipher crypto/des crypto/dsa crypto/ecdh \
    crypto/ecdsa crypto/ed25519 crypto/elliptic crypto/hmac crypto/md5 crypto/rc4 crypto/rsa crypto/sha1 crypto/sha256 \
    crypto/sha512 crypto/subtle crypto/tls crypto/x509 crypto/x509/pkix database/sql database/sql/driver debug/buildinfo \
    debug/dwarf debug/elf debug/macho debug/pe embed encoding encoding/ascii85 encoding/asn1 encoding/base32 encoding/base64 \
    encoding/binary encoding/csv encoding/gob encoding/hex encoding/json encoding/pem encoding/xml errors expvar flag fmt go/ast \
    go/build go/constant go/doc go/format go/importer go/parser go/printer go/token go/types hash hash/adler32 hash/crc32 \
    hash/crc64 hash/fnv hash/maphash html image image/color image/color/palette image/draw image/gif image/jpeg image/png \
    index/suffixarray io io/fs io/ioutil iter log log/slog log/syslog maps math math/big math/bits math/cmplx math/rand \
    crypto/rand mime mime/multipart mime/quotedprintable net net/http net/http/cgi net/http/cookiejar net/http/fcgi \
    net/http/httptest net/http/httptrace net/http/httputil net/mail net/netip net/rpc net/rpc/jsonrpc net/smtp net/textproto \
    net/url os os/exec os/signal os/user path path/filepath plugin reflect regexp regexp/syntax runtime runtime/debug \
    runtime/metrics runtime/pprof net/http/pprof runtime/trace slices sort strconv strings sync sync/atomic syscall testing \
    testing/fstest testing/iotest testing/quick text/scanner go/scanner text/tabwriter text/template html/template \
    text/template/parse time unicode unicode/utf16 unicode/utf8 unique unsafe";

/// Returns the standard package of that name; `member` is what is used of it, `imported` what the file imports already.
pub(super) fn standard(name: &str, member: &str, imported: &[String]) -> Option<&'static str> {
    let mut all = STANDARD.split_whitespace().filter(|path| path.rsplit('/').next() == Some(name));
    let first = all.next()?;
    let Some(second) = all.next() else { return Some(first) };
    let other = match name {
        "rand" => matches!(member, "Reader" | "Prime" | "Text"),
        "template" => {
            imported.iter().any(|path| path == "net/http") || matches!(member, "HTML" | "JS" | "URL" | "CSS" | "HTMLAttr")
        }
        "scanner" => imported.iter().any(|path| path.starts_with("go/")),
        "pprof" => matches!(member, "Index" | "Cmdline" | "Symbol" | "Trace" | "Handler"),
        _ => false,
    };
    Some(if other { second } else { first })
}

/// Says whether an import path is one of the standard library: its first part has no dot.
pub(super) fn is_standard(path: &str) -> bool {
    STANDARD.split_whitespace().any(|one| one == path)
}

/// Returns the name that a package of this path most likely has.
pub(super) fn likely_name(path: &str) -> &str {
    let is_version = |part: &str| {
        part.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let last = if is_version(last) { parts.next().unwrap_or(last) } else { last };
    let last = last.split_once(".v").map_or(last, |(name, _)| name);
    let last = last.strip_prefix("go-").unwrap_or(last);
    last.strip_suffix("-go").or_else(|| last.strip_suffix(".go")).unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_packages() {
        assert_eq!(standard("filepath", "Join", &[]), Some("path/filepath"));
        assert_eq!(standard("rand", "Intn", &[]), Some("math/rand"));
        assert_eq!(standard("rand", "Reader", &[]), Some("crypto/rand"));
        assert_eq!(standard("template", "New", &["net/http".to_owned()]), Some("html/template"));
        assert_eq!(standard("mine", "New", &[]), None);
    }

    #[test]
    fn paths_have_likely_names() {
        for (path, name) in [("gopkg.in/yaml.v2", "yaml"), ("github.com/x/go-y/v3", "y"), ("a/b", "b"), ("v2", "v2")] {
            assert_eq!(likely_name(path), name, "{path}");
        }
    }
}
