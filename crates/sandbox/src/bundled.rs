//! Starts a command in a container of an OCI runtime: the supervisor's part of the back end `oci`.
//!
//! The bundle is written where the supervisor's own mounts are (`stage`): it is seen by the runtime alone, and is gone with the supervisor,
//! however that ends.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::jail::Came;
use crate::stage::STAGE;
use crate::wire::{Bundle, Request};
use crate::{SUPERVISE, proxy, way};

/// The folder of the socket by which the address of a proxy is handed over, on the host's side of the container.
pub(crate) const WAY: &str = "/tmp/way";

/// How long a runtime may take until the command begins: one that hangs would hang until the limit of the command.
const START: Duration = Duration::from_secs(30);

/// A command in a container.
pub(crate) struct Bundled {
    /// The runtime's process, which stays in front of the container.
    pub(crate) child: Child,
    /// Written by the runtime when the container is there.
    begun: PathBuf,
    until: Instant,
    runtime: PathBuf,
    options: Vec<OsString>,
    name: String,
}

impl Bundled {
    /// Starts a command; `prepare` sets what is the same for all commands.
    pub(crate) fn start(bundle: &Bundle, request: &Request, prepare: impl Fn(&mut Command)) -> io::Result<Self> {
        let at = Path::new(STAGE).join("bundle");
        let root = at.join("rootfs");
        for folder in [&at, &root] {
            make(folder, bundle.root)?;
        }
        for (link, target) in &bundle.links {
            symlink(target, inside(&root, link, bundle.root)?)?;
        }
        for (file, bytes) in &bundle.files {
            fs::write(inside(&root, file, bundle.root)?, bytes)?;
        }
        if let Some(hosts) = &bundle.proxy {
            make(Path::new(WAY), bundle.root)?;
            let socket = Path::new(WAY).join(way::SOCKET);
            let listener = UnixListener::bind(&socket)?;
            fs::set_permissions(&socket, Permissions::from_mode(0o666))?;
            proxy::serve_first(listener, hosts.clone())?;
        }
        fs::write(at.join("config.json"), config(bundle, request)?)?;
        let begun = Path::new(STAGE).join("begun");
        // Runs side by side have the same mark, and a runtime names cgroups after containers.
        let name = format!("{}{}", bundle.name, std::process::id());
        let mut command = Command::new(&bundle.runtime);
        command.args(&bundle.options).arg("--root").arg(Path::new(STAGE).join("state")).arg("run");
        command.arg("--bundle").arg(&at).arg("--pid-file").arg(&begun).arg(&name);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("XDG_RUNTIME_DIR", STAGE).current_dir(STAGE);
        prepare(&mut command);
        let (runtime, options) = (bundle.runtime.clone(), bundle.options.clone());
        Ok(Self { child: command.spawn()?, begun, until: Instant::now() + START, runtime, options, name })
    }

    /// Returns how far the command came.
    pub(crate) fn came(&self) -> Came {
        let mut number = [0; 1];
        let begun = File::open(&self.begun).and_then(|mut file| file.read(&mut number)).is_ok_and(|count| count > 0);
        if begun { Came::Inside } else { Came::Nowhere }
    }

    /// Has the runtime remove what it made beside processes and mounts (cgroups), where it was killed before it could.
    pub(crate) fn clean_up(&self) {
        let state = Path::new(STAGE).join("state");
        if state.join(&self.name).exists() {
            let mut command = Command::new(&self.runtime);
            command.args(&self.options).arg("--root").arg(state).args(["delete", "--force", &self.name]);
            // What it says is not the command's output, and what it cannot remove is gone with the host's next start.
            let _ = command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
    }

    /// Returns how long the runtime may still take to begin; `None` when the command has begun.
    pub(crate) fn patience(&self) -> Option<Duration> {
        matches!(self.came(), Came::Nowhere).then(|| self.until.saturating_duration_since(Instant::now()))
    }
}

/// Returns the configuration with the command in it.
fn config(bundle: &Bundle, request: &Request) -> io::Result<Vec<u8>> {
    let text = |text: &OsString| {
        let text = text.to_str().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a runtime takes only UTF-8"));
        text.map(str::to_owned)
    };
    let mut config: Value = serde_json::from_slice(&bundle.config)?;
    let program = text(&request.program.clone().into())?;
    let rest = request.argv.iter().skip(1).map(text).collect::<io::Result<Vec<_>>>()?;
    let mut env = request.env.clone();
    let mut first = Vec::new();
    if bundle.proxy.is_some() {
        proxy::tell(&mut env);
        first.extend([way::PROGRAM, SUPERVISE, way::WAY].map(str::to_owned));
    }
    let env = env.iter().map(|(name, value)| Ok(format!("{}={}", text(name)?, text(value)?)));
    let process = config.get_mut("process").and_then(Value::as_object_mut).ok_or(io::ErrorKind::InvalidData)?;
    process.insert("args".to_owned(), first.into_iter().chain([program]).chain(rest).collect::<Vec<_>>().into());
    process.insert("env".to_owned(), env.collect::<io::Result<Vec<_>>>()?.into());
    process.insert("cwd".to_owned(), json!(text(&request.cwd.clone().into())?));
    Ok(serde_json::to_vec(&config)?)
}

/// Returns where a path of the container is before it is one, with the folders that it is in.
fn inside(root: &Path, path: &OsString, owner: Option<u32>) -> io::Result<PathBuf> {
    let path = root.join(Path::new(path).strip_prefix("/").unwrap_or(Path::new(path)));
    let folders: Vec<&Path> = path.ancestors().skip(1).take_while(|folder| *folder != root).collect();
    for folder in folders.into_iter().rev().filter(|folder| !folder.exists()) {
        make(folder, owner)?;
    }
    Ok(path)
}

/// Makes a folder that belongs to the root of the container.
fn make(folder: &Path, owner: Option<u32>) -> io::Result<()> {
    DirBuilder::new().mode(0o755).create(folder)?;
    owner.map_or(Ok(()), |owner| chown(folder, Some(owner), Some(owner)))
}
