//! The command line, as it is typed.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};
use userinfo_core::parse_duration;

use crate::world::Screen;

const EXAMPLES: &str = "\
Examples:
  userinfo demo                                    see it work, without any account
  userinfo sandbox > userinfo.toml                 a simulator to play with, and its configuration
  userinfo get devices C131362                     one user, by id
  T=… userinfo get wallet --token-env T            one user, by the user's own token
  userinfo get site 1000 --output oidc             as OpenID Connect claims
  userinfo explain site 1000                       where each field came from
  userinfo check --online                          does the configuration work?

The configuration is --config FILE, else $USERINFO_CONFIG, else ./userinfo.toml, else
userinfo/userinfo.toml in the user's configuration directory.

Exit codes:
  0 done   1 this machine failed   2 configuration, flag or id wrong   3 credential refused
  4 not allowed or locked out   5 no such user   6 try again later   7 the answer cannot be trusted
  8 the vendor says no for a reason of its own";

const CONFIG_HELP: &str =
    "The configuration [default: $USERINFO_CONFIG, ./userinfo.toml, then the user's directory]";

/// Who is this user? One question, for vendors that each answer it their own way.
///
/// Answers go to stdout, everything else to stderr.
#[derive(Debug, Parser)]
#[command(name = "userinfo", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes, before or after its name.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    #[arg(long, global = true, value_name = "FILE", help = CONFIG_HELP)]
    pub(crate) config: Option<PathBuf>,
    /// The form of the answer [default: table on a terminal, json elsewhere]
    #[arg(long, global = true, value_name = "FORM")]
    pub(crate) output: Option<Output>,
    /// Mask personal data in answers; a vendor's words in an error stay as they are
    #[arg(long, global = true)]
    pub(crate) mask: bool,
    /// Tell on stderr what happens; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// The deadline of each call with all its attempts, such as 500ms, 10s or 5m
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Table,
    /// Canonical JSON
    Json,
    /// Claims of OpenID Connect
    Oidc,
    /// A SCIM user
    Scim,
    /// The vendor's answer as received, a secret inside blanked
    Raw,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show one simulated user as all four vendors tell of them
    #[command(
        after_help = "Examples:\n  userinfo demo\n  userinfo demo --output json | jq '.[].display_name'"
    )]
    Demo,
    /// Look one user up
    #[command(after_help = GET_EXAMPLES)]
    Get(Question),
    /// Look one user up, and say of every field where it came from
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Question),
    /// Log in where a person is needed, or log in again now, and keep what the vendor issues
    #[command(after_help = LOGIN_EXAMPLES)]
    Login {
        /// The instance, as the configuration names it
        #[arg(value_name = "INSTANCE")]
        instance: String,
        /// The environment variable that holds the code that the vendor gave to the user
        #[arg(long, value_name = "VAR", conflicts_with = "code_stdin")]
        code_env: Option<String>,
        /// Read the code, or what a captcha says, from stdin
        #[arg(long)]
        code_stdin: bool,
    },
    /// List what is configured and what it can do
    #[command(after_help = "Examples:\n  userinfo providers\n  userinfo providers --output json")]
    Providers,
    /// Check the configuration: keys, URLs, every fault at once
    #[command(after_help = "Examples:\n  userinfo check\n  userinfo check wallet --online --timeout 3s")]
    Check {
        /// Check this instance alone
        #[arg(value_name = "INSTANCE")]
        instance: Option<String>,
        /// Ask each vendor once, for nobody in particular
        #[arg(long)]
        online: bool,
    },
    /// Map a saved answer again, without network and configuration
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay {
        /// The kind of the provider, such as quectel
        #[arg(value_name = "KIND")]
        kind: String,
        /// The saved answer; - for stdin
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Simulate all four vendors; prints a configuration for itself
    #[command(after_help = SANDBOX_EXAMPLES)]
    Sandbox {
        /// Where to listen; port 0 takes a free one
        #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
        addr: String,
        /// Faults to play, as JSON
        #[arg(long, value_name = "FILE")]
        faults: Option<PathBuf>,
        /// People to know in place of the seeded ones, as JSON
        #[arg(long, value_name = "FILE")]
        people: Option<PathBuf>,
    },
    /// Print a completion script
    #[command(after_help = "Example:\n  source <(userinfo completions bash)")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a man page
    #[command(after_help = "Examples:\n  userinfo man | man -l -\n  userinfo man get > userinfo-get.1")]
    Man {
        /// The command to tell of, in place of the whole program
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

/// Who is asked for, and where.
#[derive(Debug, Args)]
pub(crate) struct Question {
    /// The instance, as the configuration names it
    #[arg(value_name = "INSTANCE")]
    pub(crate) instance: String,
    /// The vendor's id of the user
    #[arg(value_name = "ID", allow_negative_numbers = true)]
    pub(crate) id: Option<String>,
    /// The environment variable that holds the user's token
    #[arg(long, value_name = "VAR", conflicts_with = "token_stdin")]
    pub(crate) token_env: Option<String>,
    /// Read the user's token from stdin
    #[arg(long)]
    pub(crate) token_stdin: bool,
}

const GET_EXAMPLES: &str = "\
Examples:
  userinfo get devices C131362
  userinfo get site 1000 --output json --mask
  T=… userinfo get wallet --token-env T
  pass show wallet/token | userinfo get wallet --token-stdin
A token is never taken from the command line, where every process of the machine could read it.";

const LOGIN_EXAMPLES: &str = "\
Examples:
  userinfo login wallet                     asks for the code that the wallet gave to its user
  C=… userinfo login wallet --code-env C    then `userinfo get wallet ID` needs no token
  userinfo login site                       shows the captcha, where the site demands one
  userinfo login devices                    obtains a token now, also after a lock-out
Elsewhere a login is made when it is needed. A code is good once, and never taken from the command line.";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  userinfo explain site 1000
  userinfo explain site 1000 --output json | jq '.[] | select(.presence == \"empty\")'";

const REPLAY_EXAMPLES: &str = "\
Examples:
  userinfo get site 1000 --output raw > answer.json
  userinfo replay anqicms answer.json
  userinfo replay anqicms - < answer.json
No signature is checked and no id is compared.";

const SANDBOX_EXAMPLES: &str = "\
Examples:
  userinfo sandbox --addr 127.0.0.1:8731 > userinfo.toml
  userinfo sandbox --faults faults.json
with faults.json such as
  {\"rules\":[{\"vendor\":\"anqicms\",\"percent\":30,\"fault\":\"rate-limited\",\"retry_after\":2}]}
It runs until Ctrl-C. Whoever reaches it can script it: keep it on loopback.";

impl Common {
    /// The form of the answer on this screen.
    pub(crate) fn output_on(&self, screen: Screen) -> Output {
        self.output.unwrap_or(if screen.is_terminal { Output::Table } else { Output::Json })
    }
}

impl Output {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Oidc => "oidc",
            Self::Scim => "scim",
            Self::Raw => "raw",
        }
    }
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    parse_duration(text).filter(|it| !it.is_zero()).ok_or("write a duration such as 500ms, 10s, 5m or 24h")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn common_flags_stand_before_or_after_the_command() {
        for line in ["userinfo --mask --output scim get a 1", "userinfo get a 1 --output scim --mask"] {
            let line = CommandLine::parse_from(line.split(' '));
            assert!(line.common.mask);
            assert_eq!(line.common.output, Some(Output::Scim));
        }
    }

    #[test]
    fn the_form_follows_the_screen_unless_it_is_told() {
        let terminal = Screen { is_terminal: true, ..Screen::default() };
        assert_eq!(Common::default().output_on(terminal), Output::Table);
        assert_eq!(Common::default().output_on(Screen::default()), Output::Json);
        let raw = Common { output: Some(Output::Raw), ..Common::default() };
        assert_eq!(raw.output_on(terminal), Output::Raw);
    }
}
