//! What a program can do, in twenty words.

use std::fmt;
use std::str::FromStr;

macro_rules! capabilities {
    ($($variant:ident $name:literal $text:literal,)*) => {
        /// Something that a program can do and that a patch may not let it do unseen. The names are stable: configuration and scripts use them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Capability { $(#[doc = $text] $variant,)* }

        impl Capability {
            /// All capabilities.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the stable name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Says what it lets a program do.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

capabilities! {
    FilesystemRead "FILESYSTEM_READ" "read files",
    FilesystemWrite "FILESYSTEM_WRITE" "write, move or delete files",
    NetworkRequest "NETWORK_REQUEST" "send requests to other machines",
    Socket "SOCKET" "open sockets, to call or to listen",
    Subprocess "SUBPROCESS" "run other programs",
    EvalExec "EVAL_EXEC" "run text as code",
    ImportDynamic "IMPORT_DYNAMIC" "load code by a name that is worked out while it runs",
    Deserialize "DESERIALIZE" "make objects of any class out of bytes",
    Environment "ENVIRONMENT" "read or change environment variables",
    Secrets "SECRETS" "read key stores and credential files",
    CryptoWeak "CRYPTO_WEAK" "rely on ciphers and digests that are broken",
    UnsafeNative "UNSAFE_NATIVE" "go past the safety of the language: foreign functions, raw memory, assembly",
    Privilege "PRIVILEGE" "change users, permissions or privileges",
    SqlDynamic "SQL_DYNAMIC" "run SQL that is put together from strings",
    XmlExternal "XML_EXTERNAL" "follow external entities of XML",
    TlsDisabled "TLS_DISABLED" "talk without checking who answers",
    BindAll "BIND_ALL" "listen on every network interface",
    TempInsecure "TEMP_INSECURE" "use temporary files whose names can be guessed",
    BuildHook "BUILD_HOOK" "run code when it is built or installed",
    Obfuscated "OBFUSCATED" "hide what it calls",
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Capability {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|one| one.as_str() == name).ok_or_else(|| {
            let all: Vec<&str> = Self::ALL.iter().map(|one| one.as_str()).collect();
            format!("`{name}` is not a capability; they are {}", all.join(", "))
        })
    }
}

impl serde::Serialize for Capability {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Capability {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
