//! The program under test: started on a folder of its own, killed, and started again on the same folder.

use anyhow::{Context, Result, bail, ensure};
use std::fs::{File, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// How long the first start may take: it makes the database.
const START_WAIT: Duration = Duration::from_secs(60);
/// How often it is tried meanwhile.
const TRY_EVERY: Duration = Duration::from_millis(50);
/// Lines of the log that are shown when something goes wrong.
const LOG_LINES: usize = 20;

/// A server that dies and comes back.
pub(crate) struct Server {
    binary: PathBuf,
    folder: PathBuf,
    http: SocketAddr,
    gateway: SocketAddr,
    push: SocketAddr,
    child: Option<Child>,
    fault: Option<String>,
}

impl Server {
    /// Writes the configuration of a node on SQLite; nothing runs yet.
    pub(crate) fn prepare(binary: &Path, folder: &Path) -> Result<Self> {
        Self::prepare_with(binary, folder, "sqlite", "")
    }

    /// Writes the configuration of a node on this database; `extra` goes on where the section of the gateway ends, and
    /// may name `PUSH_PORT`.
    pub(crate) fn prepare_with(binary: &Path, folder: &Path, database: &str, extra: &str) -> Result<Self> {
        let [http, gateway, push] = free_addresses()?;
        let extra = extra.replace("PUSH_PORT", &push.port().to_string());
        std::fs::write(folder.join("fengsui.toml"), configuration(folder, database, http, gateway) + &extra)?;
        Ok(Self {
            http,
            push,
            binary: binary.to_path_buf(),
            folder: folder.to_path_buf(),
            gateway,
            child: None,
            fault: None,
        })
    }

    /// Where terminals connect.
    pub(crate) fn gateway(&self) -> SocketAddr {
        self.gateway
    }

    /// Where clouds push, when the configuration has subscriptions.
    pub(crate) fn push(&self) -> SocketAddr {
        self.push
    }

    /// Its process, while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// What it counts, as `/metrics` tells it.
    pub(crate) async fn metrics(&self) -> Result<String> {
        let asking = timeout(START_WAIT, async {
            let mut stream = TcpStream::connect(self.http).await?;
            stream.write_all(b"GET /metrics HTTP/1.0\r\nhost: localhost\r\n\r\n").await?;
            let mut text = String::new();
            stream.read_to_string(&mut text).await?;
            Ok(text)
        });
        asking.await.context("the counters do not come")?
    }

    /// The next start gets a disk that lies or fails, see `faulty-disk`.
    pub(crate) fn fault(&mut self, fault: &str) -> Result<()> {
        ensure!(self.shim().is_file(), "{} is not there: cargo build -p faulty-disk", self.shim().display());
        self.fault = Some(fault.to_owned());
        Ok(())
    }

    /// The next start gets an honest disk.
    pub(crate) fn no_fault(&mut self) {
        self.fault = None;
    }

    /// Stands beside the program under test.
    fn shim(&self) -> PathBuf {
        self.binary.with_file_name("libfaulty_disk.so")
    }

    /// Starts the program; it need not be ready when this returns.
    pub(crate) fn start(&mut self) -> Result<()> {
        let log = OpenOptions::new().create(true).append(true).open(self.log_path())?;
        let child =
            self.command(log)?.spawn().with_context(|| format!("{} did not start", self.binary.display()))?;
        self.child = Some(child);
        Ok(())
    }

    fn command(&self, log: File) -> Result<Command> {
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg("--config").arg(self.folder.join("fengsui.toml"));
        // What the developer has set for a server of his own does not reach this one.
        for name in ["FENGSUI_DATABASE", "FENGSUI_DATA_DIR", "FENGSUI_LOG", "FENGSUI_HTTP", "FENGSUI_GATEWAY"]
        {
            command.env_remove(name);
        }
        if let Some(fault) = &self.fault {
            command.env("LD_PRELOAD", self.shim()).env("FENGSUI_FAULT", fault);
            command.env("FENGSUI_FAULT_UNDER", self.folder.join("data"));
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }

    /// Waits until terminals can connect.
    pub(crate) async fn ready(&mut self) -> Result<()> {
        let waiting = timeout(START_WAIT, async {
            while TcpStream::connect(self.gateway).await.is_err() {
                self.must_live()?;
                sleep(TRY_EVERY).await;
            }
            Ok(())
        });
        waiting.await.unwrap_or_else(|_| Err(anyhow::anyhow!("the gateway does not listen\n{}", self.log())))
    }

    /// Stops it where it stands, as the processor does when the power goes: what it has sent is sent, it says no more.
    pub(crate) fn freeze(&mut self) -> Result<()> {
        self.must_live()?;
        let pid = self.pid().context("the server runs")?.to_string();
        let done = Command::new("kill").args(["-STOP", &pid]).status().context("kill is not there")?;
        ensure!(done.success(), "the server could not be stopped");
        Ok(())
    }

    /// `kill -9`, and waits until the kernel has let go of its ports.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            // One that has ended by itself is dead already.
            if child.try_wait()?.is_none() {
                child.kill().context("the server could not be killed")?;
            }
            child.wait().context("the server did not end")?;
        }
        Ok(())
    }

    /// A server that ends by itself is no test of anything.
    pub(crate) fn must_live(&mut self) -> Result<()> {
        let ended = self.child.as_mut().map(Child::try_wait).transpose()?.flatten();
        match ended {
            Some(status) => bail!("the server ended by itself ({status})\n{}", self.log()),
            None => Ok(()),
        }
    }

    /// How it ended by itself, if it does so in time.
    pub(crate) async fn ends(&mut self, wait: Duration) -> Result<Option<ExitStatus>> {
        let until = Instant::now() + wait;
        while Instant::now() < until {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                return Ok(Some(status));
            }
            sleep(TRY_EVERY).await;
        }
        Ok(None)
    }

    /// The last lines that it wrote.
    pub(crate) fn log(&self) -> String {
        let text = std::fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("server.log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Three addresses that nobody uses now.
fn free_addresses() -> Result<[SocketAddr; 3]> {
    // All are held until all are known, so that they differ.
    let hold = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (a, b, c) = (hold()?, hold()?, hold()?);
    Ok([a.local_addr()?, b.local_addr()?, c.local_addr()?])
}

fn configuration(folder: &Path, database: &str, http: SocketAddr, gateway: SocketAddr) -> String {
    let data = folder.join("data");
    format!(
        r#"data_dir = {data:?}
database = {database:?}
log = "warn"

[node]
office = "示例县消防救援大队"
region = "990101000000"
region_name = "示例县"

[http]
address = "{http}"

[gateway]
address = "{gateway}"
frames_per_s = 1000000
frames_burst = 1000000
"#
    )
}
