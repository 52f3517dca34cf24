//! fixwright: finds patches, proves them, delivers them.
//!
//! `main` parses the arguments, builds the shared parts, runs one command, and is the only place where an error becomes a text, a hint
//! and an exit code.

mod advisories;
mod app;
mod artifacts;
mod cli;
mod clock;
mod config;
mod contain;
mod detect;
mod engines;
mod env;
mod exit;
mod forge;
mod pipeline;
mod progress;
mod store;
mod workspace;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser as _;

use crate::app::{App, ToolTime};
use crate::cli::Cli;
use crate::clock::Clock;
use crate::env::Env;
use crate::pipeline::{Missing, Stopped};
use crate::progress::{Manner, Progress, plain};
use crate::workspace::Unusable;

/// The first argument that makes this program stand between fixwright and a command (see the crate `sandbox`).
const SUPERVISE: &str = "__supervise";

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    match args.next() {
        Some(first) if first == SUPERVISE => return ExitCode::from(sandbox::supervise(args)),
        Some(first) if first == workspace::FINISH => return ExitCode::from(workspace::finish(args)),
        _ => {}
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::DONE });
        }
    };
    let env = Env::from_process();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return ExitCode::from(report(&anyhow::Error::from(error).context("starting"), &env)),
    };
    let code = runtime.block_on(async {
        match run(cli, env.clone()).await {
            Ok(code) => code,
            Err(error) => report(&error, &env),
        }
    });
    // Readers of output that nobody waits for any more must not hold the end up.
    runtime.shutdown_background();
    ExitCode::from(code)
}

async fn run(cli: Cli, env: Env) -> anyhow::Result<u8> {
    let env = match cli.backend {
        Some(backend) => env.with(config::Backend::VARIABLE, backend.to_string()),
        None => env,
    };
    let command = match cli.command.run_alone(&env, listen) {
        Ok(code) => return code,
        Err(command) => command,
    };
    let data_dir = cli.data_dir.clone().or_else(|| env.data_dir()).ok_or_else(|| Missing {
        problem: "there is no folder to keep work in: HOME is not set".to_owned(),
        hint: "name one with --data-dir DIR".to_owned(),
    })?;
    let made = std::fs::create_dir_all(&data_dir).and_then(|()| std::fs::canonicalize(&data_dir));
    let data_dir = made.map_err(|error| Missing {
        problem: format!("cannot make the data directory {}: {error}", data_dir.display()),
        hint: "name another with --data-dir DIR".to_owned(),
    })?;
    let git = env.find_program("git").ok_or_else(|| Missing {
        problem: "git is not on the PATH".to_owned(),
        hint: "install it: apt install git".to_owned(),
    })?;
    let path = env.get("PATH").unwrap_or_default().to_owned();
    let git = workspace::Git::new(git, path, data_dir.join("git"))
        .with_context(|| format!("writing the settings of git in {}", data_dir.display()))?;
    let interactive = std::io::stderr().is_terminal() && env.get("CI").is_none();
    let manner = match (cli.quiet, interactive) {
        (true, _) => Manner::Quiet,
        (false, true) => Manner::Spinner,
        (false, false) => Manner::Lines,
    };
    if env.no_color() || env.get("TERM").is_some_and(|term| term == "dumb") {
        anstream::ColorChoice::Never.write_global();
    }
    let app = Arc::new(App {
        clock: Clock::system(),
        store: store::Store::open(&data_dir.join("fixwright.db")).await?,
        artifacts: artifacts::Artifacts::new(data_dir.join("blobs")),
        supervisor: contain::SUPERVISOR.into(),
        git,
        cancel: listen(),
        progress: Progress::new(manner),
        tool_time: ToolTime::default(),
        data_dir,
        env,
    });
    let code = command.run(&app).await;
    app.progress.end();
    app.store.close().await;
    code
}

/// Returns what is raised by the first signal that asks for an end: it stops cleanly. A second one finds the work stopped already, or the
/// user kills harder.
fn listen() -> sandbox::Cancel {
    let cancel = sandbox::Cancel::default();
    let raised = cancel.clone();
    tokio::spawn(async move {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = async { match terminate.as_mut() { Some(signal) => signal.recv().await, None => std::future::pending().await } } => {}
        }
        raised.cancel();
    });
    cancel
}

/// Prints an error: what happened, why, what to do next. Returns its exit code.
fn report(error: &anyhow::Error, env: &Env) -> u8 {
    let (code, hint) = classify(error);
    let mut text = format!("error: {error}\n");
    for cause in error.chain().skip(1) {
        text += &format!("  because: {cause}\n");
    }
    if let Some(hint) = hint {
        text += &format!("  help: {hint}\n");
    }
    if code == exit::INTERNAL {
        text += "  this is a defect of fixwright: please report it with the command and this text\n";
    }
    let mut stderr = anstream::AutoStream::new(
        std::io::stderr(),
        if env.no_color() { anstream::ColorChoice::Never } else { anstream::ColorChoice::Auto },
    );
    let _ = stderr.write_all(plain(&text).as_bytes());
    code
}

fn classify(error: &anyhow::Error) -> (u8, Option<String>) {
    let hint = |text: &str| Some(text.to_owned());
    // Whatever else went wrong by it, and whoever noticed first: git, the database, a file of ours.
    if error.chain().any(|cause| says_full(&cause.to_string())) {
        return (exit::ENVIRONMENT, hint(FULL));
    }
    for cause in error.chain() {
        if let Some(unusable) = cause.downcast_ref::<Unusable>() {
            return (exit::REPOSITORY, hint(unusable.hint()));
        }
        if let Some(wrong) = cause.downcast_ref::<config::Error>() {
            return (exit::USAGE, wrong.hint.clone());
        }
        if let Some(wrong) = cause.downcast_ref::<cli::Usage>() {
            return (exit::USAGE, hint(&wrong.hint));
        }
        if let Some(missing) = cause.downcast_ref::<Missing>() {
            return (exit::ENVIRONMENT, Some(missing.hint.clone()));
        }
        if let Some(error) = cause.downcast_ref::<sandbox::Error>()
            && let Some(answer) = of_sandbox(error)
        {
            return answer;
        }
        if let Some(stopped) = cause.downcast_ref::<Stopped>() {
            let code = if *stopped == Stopped::Interrupted { exit::INTERRUPTED } else { exit::BUDGET };
            return (code, hint("the work is kept: give the same command again to go on"));
        }
        if let Some(io) = cause.downcast_ref::<std::io::Error>()
            && matches!(io.kind(), std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem)
        {
            return (exit::ENVIRONMENT, hint("see who owns that path, or name another data directory with --data-dir DIR"));
        }
    }
    (exit::INTERNAL, None)
}

/// Says what to do where the sandbox is not what is asked of it, or is asked for what cannot be.
fn of_sandbox(error: &sandbox::Error) -> Option<(u8, Option<String>)> {
    use sandbox::Error;
    match error {
        Error::NotHeld { .. } | Error::SetUp { .. } => {
            let hint = "see `fixwright doctor` for what this machine lets it hold; to run commands without any hold on them, say --backend none";
            Some((exit::ENVIRONMENT, Some(hint.to_owned())))
        }
        Error::Path { .. } | Error::WorkFolder { .. } | Error::Empty => {
            let hint =
                "name what is there and what the command needs: --cwd, --read, --write, --protect, or [sandbox] of config.toml";
            Some((exit::USAGE, Some(hint.to_owned())))
        }
        Error::NotFound { .. } | Error::Spawn { .. } | Error::Supervisor { .. } | Error::Copy { .. } => None,
    }
}

fn says_full(text: &str) -> bool {
    let words = ["No space left on device", "database or disk is full", "Out of diskspace", "Disk quota exceeded"];
    words.iter().any(|word| text.contains(word))
}

const FULL: &str = "the disk is full: make room, or name another data directory with --data-dir DIR; then give the same command again, it goes on";
