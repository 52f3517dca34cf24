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
mod screen;
mod show;
mod verify;

use std::path::PathBuf;
use std::sync::Arc;

use sandbox::Sandbox as _;

use crate::app::App;
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
    Init(init::Args),
    Run(run::Args),
    Fix(fix::Args),
    Verify(verify::Args),
    Apply(apply::Args),
    Read(read::Args),
    Code(code::Args),
    Show(show::Args),
    Report(report::Args),
    Doctor(doctor::Args),
    Demo(demo::Args),
}

impl Command {
    /// Runs a command that needs no data directory, no git and no store; `None` for the others.
    pub(crate) fn run_alone(&self) -> Option<anyhow::Result<u8>> {
        match self {
            Self::Apply(args) => Some(apply::run(args)),
            Self::Read(args) => Some(read::run(args)),
            Self::Code(args) => Some(code::run(args)),
            _ => None,
        }
    }

    pub(crate) async fn run(self, app: &Arc<App>) -> anyhow::Result<u8> {
        match self {
            Self::Init(args) => init(app, &args),
            Self::Run(args) => run::run(app, args).await,
            Self::Fix(args) => fix::run(app, args).await,
            Self::Verify(args) => verify::run(app, args).await,
            Self::Show(args) => show::run(app, args).await,
            Self::Report(args) => report::run(app, args).await,
            Self::Doctor(args) => doctor(app, &args),
            Self::Apply(args) => apply::run(&args),
            Self::Read(args) => read::run(&args),
            Self::Code(args) => code::run(&args),
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
    let held = sandbox::Process::new(app.supervisor.clone(), "fixwright-doctor").probe();
    let mut out = Vec::new();
    let ready = doctor::run(args, &app.env, &held, &mut out)?;
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
