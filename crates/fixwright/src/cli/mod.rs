//! The commands, one file each: its `Args`, whose doc comment is the help, and `run`.

mod apply;
mod code;
mod demo;
mod doctor;
mod fix;
mod init;
mod input;
mod read;
mod report;
mod run;
mod safety;
mod sandbox;
mod sarif;
mod screen;
mod show;
mod verify;

use std::path::PathBuf;
use std::sync::Arc;

use ::sandbox::Cancel;

use crate::app::App;
use crate::config::{Backend, Config};
use crate::contain::Containment;
use crate::env::Env;
use crate::exit;
use crate::pipeline::Missing;
use crate::workspace::{Base, Repository};

/// Finds patches for real failures, proves them, and delivers them on a branch.
///
/// Your checkout is never touched: work happens on a private copy of the commit at HEAD, and what is proved comes back as a branch
/// `fixwright/…`.
#[derive(Debug, clap::Parser)]
#[command(name = "fixwright", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// Where fixwright keeps its work [default: $XDG_DATA_HOME/fixwright or ~/.local/share/fixwright]
    #[arg(long, value_name = "DIR", global = true, env = "FIXWRIGHT_DATA_DIR", hide_env_values = true, display_order = 900)]
    pub(crate) data_dir: Option<PathBuf>,
    /// Say nothing but results, warnings and errors
    #[arg(long, short, global = true, display_order = 901)]
    pub(crate) quiet: bool,
    /// Who holds the commands that run the repository's code: ns, oci, or none, which every report names [default: ns]
    #[arg(long, value_name = "NAME", value_enum, hide_possible_values = true, global = true, display_order = 902)]
    pub(crate) backend: Option<Backend>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    nothing is left: no findings, or all of them delivered
  1    findings remain
  2    wrong usage or configuration
  3    the repository cannot be used
  4    the environment lacks something
  5    a budget ran out; the work is kept
  70   a defect of fixwright
  130  interrupted; the work is kept";

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Alone(Alone),
    #[command(flatten)]
    Shared(Shared),
}

/// Commands that need no data directory, no git and no store.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Alone {
    #[command(display_order = 6)]
    Apply(apply::Args),
    #[command(display_order = 7)]
    Read(read::Args),
    #[command(display_order = 13)]
    Sandbox(sandbox::Args),
}

/// Commands that need the shared parts of the program.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Shared {
    #[command(display_order = 1)]
    Init(init::Args),
    #[command(display_order = 2)]
    Run(run::Args),
    #[command(display_order = 3)]
    Fix(fix::Args),
    #[command(display_order = 4)]
    Verify(verify::Args),
    #[command(display_order = 5)]
    Safety(safety::Args),
    #[command(display_order = 8)]
    Code(code::Args),
    #[command(display_order = 9)]
    Show(show::Args),
    #[command(display_order = 10)]
    Report(report::Args),
    #[command(display_order = 11)]
    Doctor(doctor::Args),
    #[command(display_order = 12)]
    Demo(demo::Args),
}

impl Command {
    /// Runs a command that needs none of the shared parts, and blocks meanwhile; gives the others back. `cancel` is asked for by those
    /// that can be interrupted cleanly.
    pub(crate) fn run_alone(self, env: &Env, cancel: impl FnOnce() -> Cancel) -> Result<anyhow::Result<u8>, Shared> {
        match self {
            Self::Alone(Alone::Apply(args)) => Ok(apply::run(&args)),
            Self::Alone(Alone::Read(args)) => Ok(read::run(&args)),
            Self::Alone(Alone::Sandbox(args)) => Ok(sandbox::run(args, env, &cancel())),
            Self::Shared(Shared::Code(args)) => code::run_alone(args).map_err(Shared::Code),
            Self::Shared(command) => Err(command),
        }
    }
}

impl Shared {
    pub(crate) async fn run(self, app: &Arc<App>) -> anyhow::Result<u8> {
        match self {
            Self::Init(args) => init(app, &args),
            Self::Run(args) => run::run(app, args).await,
            Self::Fix(args) => fix::run(app, args).await,
            Self::Verify(args) => verify::run(app, args).await,
            Self::Code(args) => code::run(app, args).await,
            Self::Show(args) => show::run(app, args).await,
            Self::Report(args) => report::run(app, args).await,
            Self::Doctor(args) => doctor(app, &args),
            Self::Safety(args) => safety::run(app, &args),
            Self::Demo(args) => demo::run(app, args).await,
        }
    }
}

fn init(app: &App, args: &init::Args) -> anyhow::Result<u8> {
    let repository = Repository::open(&app.git, &args.path)?;
    let base = Base::open(&app.git, &repository, &app.data_dir)?;
    let root = repository.checkout.as_ref().ok_or_else(|| Usage {
        problem: format!("{} is a bare repository: there is no folder to write fixwright.toml into", args.path.display()),
        hint: "run it in a clone with a work tree".to_owned(),
    })?;
    let (mut out, mut talk) = (Vec::new(), Vec::new());
    init::run(args, root, &base.files, &app.env, &mut out, &mut talk).map_err(|error| {
        let hint = match error.downcast_ref::<init::Error>() {
            Some(init::Error::Exists(_)) => "change that file, or write it anew with --force".to_owned(),
            Some(init::Error::Nothing { notes }) => {
                return Missing { problem: error.to_string(), hint: format!("{}; see `fixwright doctor`", notes.join("; ")) }
                    .into();
            }
            None => return error,
        };
        Usage { problem: error.to_string(), hint }.into()
    })?;
    app.progress.note(String::from_utf8_lossy(&talk).trim_end());
    screen::print(&String::from_utf8_lossy(&out))?;
    Ok(exit::DONE)
}

fn doctor(app: &App, args: &doctor::Args) -> anyhow::Result<u8> {
    let settings = Config::load(&app.env, None, &app.data_dir)?.sandbox;
    let containment = Containment::new(&settings, app.supervisor.clone(), doctor::MARK);
    let held = containment.sandbox.probe();
    // Where nothing is held there is nothing to be attacked, and it would not be harmless.
    let probes = if held.holds.contains(&::sandbox::Hold::FileWrites) {
        app.progress.step("trying the sandbox out");
        let folder = tempfile::Builder::new().prefix("doctor-").tempdir_in(&app.data_dir)?;
        doctor::try_out(&containment, folder.path())?
    } else {
        Vec::new()
    };
    app.progress.end();
    let walls = doctor::Walls { held, probes };
    let mut out = Vec::new();
    let ready = doctor::run(args, &app.env, &walls, &mut out)?;
    screen::print(&String::from_utf8_lossy(&out))?;
    Ok(if ready { exit::DONE } else { exit::ENVIRONMENT })
}

/// The command line asks for something that cannot be: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(crate) struct Usage {
    pub(crate) problem: String,
    pub(crate) hint: String,
}
