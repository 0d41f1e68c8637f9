//! One configuration file and the environment: every setting with its default and its bounds.
//!
//! A wrong setting stops the start with its name and a remedy; nothing is guessed.

use crate::encryption::TlsConfig;
use crate::secrets_key;
use crate::wires::{MqttConfig, PushConfig};
use anyhow::{Context, Result, bail};
use fengsui_alarm::{
    AREA_UNITS_MAX, AREA_UNITS_MIN, AREA_WITHIN_S_MAX, AREA_WITHIN_S_MIN, COINCIDENCE_MAX_S,
    COINCIDENCE_MIN_S, DUTY_MINUTES_MAX, DUTY_MINUTES_MIN, FilterSettings, READING_PERIOD_S_MAX,
    READING_PERIOD_S_MIN, ReadingRules, STORM_POINTS_MAX, STORM_POINTS_MIN, WAIT_MAX_S, WAIT_MIN_S,
};
use fengsui_api::Proxies;
use fengsui_app::{DutyHours, FactorPolicy, Policy};
use fengsui_app::{KEPT_DAYS_MAX, OverloadLimits};
use fengsui_base::Level;
use fengsui_ingest::GatewaySettings;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Most seats of one desk.
const SEATS_MAX: u16 = 32;
/// Longest time for which an answer of a terminal is waited for, in seconds. Source: GB/T 26875.3 §6.5.
const ORDER_WAIT_S_MAX: u64 = 10;
/// Shortest and longest time between two readings of a terminal's state, in minutes.
const READ_STATES_MIN_MIN: u32 = (READING_PERIOD_S_MIN / 60) as u32;
const READ_STATES_MIN_MAX: u32 = (READING_PERIOD_S_MAX / 60) as u32;
/// Longest time for which a silent stranger is kept, in days.
const STRANGERS_KEPT_DAYS_MAX: u32 = 365;

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// `sqlite`, or `postgres://…`.
    pub(crate) database: String,
    /// Folder of the data.
    pub(crate) data_dir: PathBuf,
    /// The key file of secrets; not set for `fengsui.key` beside the configuration.
    pub(crate) secrets_key: Option<PathBuf>,
    /// Filter of the logs, such as `info` or `info,http=warn`.
    pub(crate) log: String,
    pub(crate) node: NodeConfig,
    pub(crate) http: HttpConfig,
    pub(crate) gateway: GatewayConfig,
    /// Where operators' clouds push to.
    pub(crate) push: PushConfig,
    /// The site's own brokers.
    pub(crate) mqtt: MqttConfig,
    /// Folder of the site's own codec tables.
    pub(crate) codecs: Option<PathBuf>,
    /// Folder of the office's own templates of printed papers.
    pub(crate) papers: Option<PathBuf>,
    pub(crate) outward: OutwardConfig,
    pub(crate) accounts: AccountsConfig,
    /// How long each rung of the ladder is given, in seconds.
    pub(crate) ladder: fengsui_alarm::Waits,
    pub(crate) alarm: AlarmConfig,
    /// From when the line of a terminal comes and goes (时断时续).
    pub(crate) line: fengsui_alarm::LineRules,
    /// How long frames and measured values are kept.
    pub(crate) keep: fengsui_app::Keeping,
    pub(crate) duty_check: DutyCheckConfig,
}

/// Who and where this node is.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NodeConfig {
    pub(crate) name: String,
    pub(crate) office: String,
    pub(crate) region: String,
    pub(crate) region_name: String,
    pub(crate) level: Level,
    pub(crate) seats: u16,
}

/// Where pages are served.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpConfig {
    pub(crate) address: SocketAddr,
    /// Cookies only for encrypted connections, even where nothing tells that they are.
    pub(crate) secure_cookie: bool,
    /// Addresses and prefixes whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.
    pub(crate) trusted_proxies: Vec<String>,
    /// How pages are encrypted; not set where they are not, or where a proxy does it.
    pub(crate) tls: Option<TlsConfig>,
}

/// Where terminals are heard, and the limits most worth changing.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GatewayConfig {
    pub(crate) address: SocketAddr,
    pub(crate) dialect: Option<String>,
    pub(crate) connections_max: usize,
    pub(crate) connections_per_ip_max: usize,
    pub(crate) first_frame_wait_s: u64,
    pub(crate) idle_wait_s: u64,
    /// How long a terminal may take to answer a request before it is asked again, in seconds.
    pub(crate) order_wait_s: u64,
    /// Whether clocks of terminals that are off by more than a minute are set, once a day each.
    pub(crate) set_clocks: bool,
    /// Every so many minutes the state of each terminal with a line is read; 0 for never.
    pub(crate) read_states_min: u32,
    pub(crate) frames_per_s: u32,
    pub(crate) frames_burst: u32,
    /// How long a change may wait for the disk before telemetry is shed, in milliseconds; 0 for never.
    pub(crate) shed_wait_max_ms: u64,
    /// How late the program or the turn of telemetry may be, several times in a row, before telemetry is shed, in
    /// milliseconds; 0 for never, and then telemetry waits for no turn either.
    pub(crate) shed_lag_max_ms: u64,
    /// After how many days of silence a terminal that nobody has claimed is retired.
    pub(crate) strangers_kept_days: u32,
}

/// The site's rules for passwords and second factors.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AccountsConfig {
    /// After how many days a password must be changed; not set for never.
    pub(crate) password_days_max: Option<u16>,
    /// Who must have a second factor.
    pub(crate) second_factor: SecondFactor,
}

/// Who must have a second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SecondFactor {
    Free,
    Privileged,
    Everybody,
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self { password_days_max: None, second_factor: SecondFactor::Privileged }
    }
}

impl AccountsConfig {
    /// The rules as the application knows them.
    pub(crate) fn policy(&self) -> Policy {
        let second_factor = match self.second_factor {
            SecondFactor::Free => FactorPolicy::Free,
            SecondFactor::Privileged => FactorPolicy::Privileged,
            SecondFactor::Everybody => FactorPolicy::Everybody,
        };
        Policy { password_days_max: self.password_days_max, second_factor }
    }
}

/// How messages leave.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OutwardConfig {
    /// Folder into which every outward message is written as one file, for a site's own gateway.
    pub(crate) spool: Option<PathBuf>,
    /// Address at which a telephone reaches this site, for the links in messages: `https://…`.
    pub(crate) site: Option<String>,
    /// Whether people are told of the deadlines of ledgers by messages besides their agenda.
    pub(crate) reminders: bool,
}

impl Default for OutwardConfig {
    fn default() -> Self {
        Self { spool: None, site: None, reminders: true }
    }
}

/// When signals confirm each other, and when there are too many of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AlarmConfig {
    /// Two points of one place within so many seconds confirm each other.
    pub(crate) coincidence_s: i64,
    /// More points of one unit within a minute than this are one incident.
    pub(crate) storm_points: usize,
    /// Faults of so many units of one township are one incident.
    pub(crate) area_units: usize,
    /// When they begin within so many seconds.
    pub(crate) area_within_s: i64,
}

impl AlarmConfig {
    /// The same in the words of the alarms.
    pub(crate) fn settings(&self) -> FilterSettings {
        FilterSettings {
            coincidence_s: self.coincidence_s,
            storm_points: self.storm_points,
            area_units: self.area_units,
            area_within_s: self.area_within_s,
        }
    }

    fn check(&self) -> Result<()> {
        if !(COINCIDENCE_MIN_S..=COINCIDENCE_MAX_S).contains(&self.coincidence_s) {
            bail!(
                "alarm.coincidence_s 应在 {COINCIDENCE_MIN_S} 到 {COINCIDENCE_MAX_S} 秒之间，现为 {}：两个点位相隔多少秒以内算互相印证",
                self.coincidence_s
            );
        }
        if !(STORM_POINTS_MIN..=STORM_POINTS_MAX).contains(&self.storm_points) {
            bail!(
                "alarm.storm_points 应在 {STORM_POINTS_MIN} 到 {STORM_POINTS_MAX} 之间，现为 {}：同单位一分钟内超过多少点算一起事件",
                self.storm_points
            );
        }
        if !(AREA_UNITS_MIN..=AREA_UNITS_MAX).contains(&self.area_units) {
            bail!(
                "alarm.area_units 应在 {AREA_UNITS_MIN} 到 {AREA_UNITS_MAX} 之间，现为 {}：同一街镇多少家单位同时故障算一起事件",
                self.area_units
            );
        }
        if !(AREA_WITHIN_S_MIN..=AREA_WITHIN_S_MAX).contains(&self.area_within_s) {
            bail!(
                "alarm.area_within_s 应在 {AREA_WITHIN_S_MIN} 到 {AREA_WITHIN_S_MAX} 秒之间，现为 {}：相隔多少秒以内的故障算同时",
                self.area_within_s
            );
        }
        Ok(())
    }
}

/// When planned duty checks come, and how long people have to answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DutyCheckConfig {
    /// Hour and minute from which they may come.
    pub(crate) from: String,
    /// Hour and minute until which they may come.
    pub(crate) until: String,
    /// Minutes to answer.
    pub(crate) minutes: u8,
}

impl Default for DutyCheckConfig {
    fn default() -> Self {
        let DutyHours { from, until, minutes } = DutyHours::default();
        let text = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
        Self { from: text(from), until: text(until), minutes }
    }
}

impl DutyCheckConfig {
    /// The same as the application knows it.
    pub(crate) fn hours(&self) -> Result<DutyHours> {
        let time = |name: &str, text: &str| {
            text.parse::<jiff::civil::Time>()
                .with_context(|| format!("duty_check.{name} 应写成 08:00 这样的时刻，现为 {text}"))
        };
        let hours = DutyHours {
            from: time("from", &self.from)?,
            until: time("until", &self.until)?,
            minutes: self.minutes,
        };
        if hours.from >= hours.until {
            bail!("duty_check.until 应晚于 duty_check.from，现为 {} 和 {}", self.until, self.from);
        }
        if !(DUTY_MINUTES_MIN..=DUTY_MINUTES_MAX).contains(&self.minutes) {
            bail!(
                "duty_check.minutes 应在 {DUTY_MINUTES_MIN} 到 {DUTY_MINUTES_MAX} 之间，现为 {}",
                self.minutes
            );
        }
        Ok(hours)
    }
}

impl Default for AlarmConfig {
    fn default() -> Self {
        let FilterSettings { coincidence_s, storm_points, area_units, area_within_s } =
            FilterSettings::default();
        Self { coincidence_s, storm_points, area_units, area_within_s }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: "sqlite".to_owned(),
            data_dir: PathBuf::from("data"),
            secrets_key: None,
            log: "info,http=warn".to_owned(),
            node: NodeConfig::default(),
            http: HttpConfig::default(),
            gateway: GatewayConfig::default(),
            push: PushConfig::default(),
            mqtt: MqttConfig::default(),
            codecs: None,
            papers: None,
            outward: OutwardConfig::default(),
            accounts: AccountsConfig::default(),
            ladder: fengsui_alarm::Waits::default(),
            alarm: AlarmConfig::default(),
            line: fengsui_alarm::LineRules::default(),
            keep: fengsui_app::Keeping::default(),
            duty_check: DutyCheckConfig::default(),
        }
    }
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            office: String::new(),
            region: String::new(),
            region_name: String::new(),
            level: Level::County,
            seats: 4,
        }
    }
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            address: ([127, 0, 0, 1], 8119).into(),
            secure_cookie: false,
            trusted_proxies: Vec::new(),
            tls: None,
        }
    }
}

impl HttpConfig {
    /// Whose word on where a request comes from is believed.
    pub(crate) fn proxies(&self) -> Result<Proxies> {
        Proxies::read(&self.trusted_proxies).map_err(|wrong| {
            anyhow::anyhow!(
                "http.trusted_proxies 里的 {wrong} 不是地址或网段，应写成 10.1.2.3 或 10.1.0.0/16"
            )
        })
    }

    fn check(&self) -> Result<()> {
        self.proxies()?;
        self.tls.as_ref().map_or(Ok(()), TlsConfig::check)
    }
}

impl Default for GatewayConfig {
    fn default() -> Self {
        let (limits, shed) = (GatewaySettings::default(), OverloadLimits::default());
        Self {
            address: limits.address,
            dialect: None,
            connections_max: limits.connections_max,
            connections_per_ip_max: limits.connections_per_ip_max,
            first_frame_wait_s: limits.first_frame_wait.as_secs(),
            idle_wait_s: limits.idle_wait.as_secs(),
            order_wait_s: limits.order_wait.as_secs(),
            set_clocks: true,
            read_states_min: READ_STATES_MIN_MAX,
            frames_per_s: limits.frames_per_s,
            frames_burst: limits.frames_burst,
            strangers_kept_days: fengsui_app::SILENT_DAYS,
            shed_wait_max_ms: millis(shed.wait_max),
            shed_lag_max_ms: millis(shed.lag_max),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl GatewayConfig {
    /// When telemetry is shed; 0 for never.
    pub(crate) fn overload(&self) -> OverloadLimits {
        let limit = |ms| if ms == 0 { Duration::MAX } else { Duration::from_millis(ms) };
        OverloadLimits { wait_max: limit(self.shed_wait_max_ms), lag_max: limit(self.shed_lag_max_ms) }
    }

    /// How often states are read, as the application knows it.
    pub(crate) fn readings(&self) -> ReadingRules {
        let period_s = (self.read_states_min > 0).then(|| i64::from(self.read_states_min) * 60);
        ReadingRules { period_s }
    }

    /// The gateway's settings; what is not named here keeps its default.
    pub(crate) fn settings(&self) -> GatewaySettings {
        let limits = GatewaySettings::default();
        GatewaySettings {
            address: self.address,
            dialect: self.dialect.clone().unwrap_or_else(|| limits.dialect.clone()),
            connections_max: self.connections_max,
            connections_per_ip_max: self.connections_per_ip_max,
            first_frame_wait: Duration::from_secs(self.first_frame_wait_s),
            idle_wait: Duration::from_secs(self.idle_wait_s),
            order_wait: Duration::from_secs(self.order_wait_s),
            frames_per_s: self.frames_per_s,
            frames_burst: self.frames_burst,
            ..limits
        }
    }
}

impl Config {
    /// Reads the file, if there is one, and then the environment.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self> {
        let text = match file {
            Some(path) => {
                std::fs::read_to_string(path).with_context(|| format!("读不到配置文件 {}", path.display()))?
            }
            None => String::new(),
        };
        let mut config = Self::parse(&text)?;
        config.override_by(|name| std::env::var(name).ok())?;
        let beside = file.and_then(Path::parent).map(|folder| folder.join(secrets_key::FILE));
        config.secrets_key = config.secrets_key.or(beside);
        Ok(config)
    }

    /// Where the key of secrets lies: beside the configuration, or with the data where there is none.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.secrets_key.clone().unwrap_or_else(|| self.data_dir.join(secrets_key::FILE))
    }

    fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|e| anyhow::anyhow!("配置文件有误：{e}"))
    }

    fn override_by(&mut self, variable: impl Fn(&str) -> Option<String>) -> Result<()> {
        if let Some(database) = variable("FENGSUI_DATABASE") {
            self.database = database;
        }
        if let Some(folder) = variable("FENGSUI_DATA_DIR") {
            self.data_dir = folder.into();
        }
        if let Some(filter) = variable("FENGSUI_LOG") {
            self.log = filter;
        }
        for (name, address) in
            [("FENGSUI_HTTP", &mut self.http.address), ("FENGSUI_GATEWAY", &mut self.gateway.address)]
        {
            if let Some(text) = variable(name) {
                *address = text.parse().with_context(|| format!("{name} 应写成 0.0.0.0:8119 这样的地址"))?;
            }
        }
        Ok(())
    }

    /// Checks what a real site must have said.
    pub(crate) fn check(&self) -> Result<()> {
        let node = &self.node;
        if node.region.is_empty() || node.region_name.is_empty() || node.office.is_empty() {
            bail!(
                "配置缺少 [node] 的 office、region（十二位辖区代码）和 region_name；示例见 docs/guide/ 或先运行 fengsui demo"
            );
        }
        if self.gateway.strangers_kept_days == 0 || self.gateway.strangers_kept_days > STRANGERS_KEPT_DAYS_MAX
        {
            bail!(
                "gateway.strangers_kept_days 应在 1 到 {STRANGERS_KEPT_DAYS_MAX} 之间，现为 {}",
                self.gateway.strangers_kept_days
            );
        }
        if self.gateway.order_wait_s == 0 || self.gateway.order_wait_s > ORDER_WAIT_S_MAX {
            bail!(
                "gateway.order_wait_s 应在 1 到 {ORDER_WAIT_S_MAX} 之间，现为 {}",
                self.gateway.order_wait_s
            );
        }
        let read_min = self.gateway.read_states_min;
        if read_min != 0 && !(READ_STATES_MIN_MIN..=READ_STATES_MIN_MAX).contains(&read_min) {
            bail!(
                "gateway.read_states_min 应在 {READ_STATES_MIN_MIN} 到 {READ_STATES_MIN_MAX} 分钟之间，0 为不读，现为 {read_min}：每隔多久读一次终端状态"
            );
        }
        if node.seats == 0 || node.seats > SEATS_MAX {
            bail!("node.seats 应在 1 到 {SEATS_MAX} 之间，现为 {}", node.seats);
        }
        if let Some((name, wait_s)) = self.ladder.out_of_bounds() {
            bail!("ladder.{name} 应在 {WAIT_MIN_S} 到 {WAIT_MAX_S} 秒之间，现为 {wait_s}");
        }
        if let Some((name, value, [least, most], what)) = self.line.out_of_bounds() {
            bail!("line.{name} 应在 {least} 到 {most} 之间，现为 {value}：{what}");
        }
        if let Some((name, days, least, what)) = self.keep.out_of_bounds() {
            bail!("keep.{name} 应在 {least} 到 {KEPT_DAYS_MAX} 天之间，现为 {days}：{what}");
        }
        self.http.check()?;
        self.alarm.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_all_defaults_and_a_typo_is_named() {
        assert_eq!(Config::parse("").unwrap().http.address.port(), 8119);
        let error = Config::parse("[http]\nadress = \"0.0.0.0:80\"").unwrap_err().to_string();
        assert!(error.contains("adress"), "{error}");
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let mut config = Config::parse("database = \"sqlite\"").unwrap();
        config.override_by(|n| (n == "FENGSUI_DATABASE").then(|| "postgres://db".to_owned())).unwrap();
        assert_eq!(config.database, "postgres://db");
        assert!(config.override_by(|n| (n == "FENGSUI_HTTP").then(|| "8119".to_owned())).is_err());
    }

    #[test]
    fn a_site_must_say_who_it_is_and_seats_have_a_limit() {
        let site = |seats: u16| {
            let text = format!(
                "[node]\noffice = \"某县消防救援大队\"\nregion = \"990101000000\"\nregion_name = \"云岫县\"\nseats = {seats}"
            );
            Config::parse(&text).unwrap().check()
        };
        assert!(Config::parse("").unwrap().check().is_err());
        assert!(site(SEATS_MAX).is_ok());
        assert!(site(SEATS_MAX + 1).is_err() && site(0).is_err());
    }

    #[test]
    fn proxies_and_certificates_are_named_and_a_wrong_proxy_is_refused_by_name() {
        let text = "[http]\ntrusted_proxies = [\"10.1.0.0/16\", \"::1\"]\n[http.tls]\ncertificate = \"a\"\nkey = \"b\"";
        let config = Config::parse(text).unwrap();
        assert!(config.http.check().is_ok() && config.http.tls.is_some());
        let error = Config::parse("[http]\ntrusted_proxies = [\"proxy\"]").unwrap().http.check().unwrap_err();
        assert!(error.to_string().contains("proxy"), "{error}");
        assert!(Config::parse("[http.tls]\ncertificate = \"a\"").is_err());
    }

    #[test]
    fn the_waits_of_the_ladder_are_set_by_name_and_have_bounds() {
        let site = |seat_s: u32| {
            let text = format!(
                "[node]\noffice = \"某县消防救援大队\"\nregion = \"990101000000\"\nregion_name = \"云岫县\"\n[ladder]\nseat_s = {seat_s}"
            );
            let config = Config::parse(&text).unwrap();
            assert_eq!((config.ladder.seat_s, config.ladder.deputy_s), (seat_s, 60));
            config.check()
        };
        assert!(site(WAIT_MIN_S).is_ok() && site(WAIT_MAX_S).is_ok());
        let error = site(WAIT_MIN_S - 1).unwrap_err().to_string();
        assert!(error.contains("ladder.seat_s"), "{error}");
    }

    #[test]
    fn lines_and_what_is_kept_are_set_by_name_and_refused_with_a_remedy() {
        let site = |lines: &str| {
            let text = format!(
                "[node]\noffice = \"某县消防救援大队\"\nregion = \"990101000000\"\nregion_name = \"云岫县\"\n{lines}"
            );
            Config::parse(&text).and_then(|config| config.check().map(|()| config)).map_err(|e| e.to_string())
        };
        let config = site("[line]\nchanges = 6\n[keep]\nframes_days = 400").unwrap();
        assert_eq!((config.line.changes, config.line.window_s), (6, 1_800));
        assert_eq!((config.keep.frames_days, config.keep.values_days), (400, 400));
        let error = site("[line]\nsteady_s = 5").unwrap_err();
        assert!(
            error.contains("line.steady_s") && error.contains("60 到 86400") && error.contains('5'),
            "{error}"
        );
        let error = site("[keep]\nframes_days = 30").unwrap_err();
        assert!(error.contains("keep.frames_days") && error.contains("183 到 3653 天"), "{error}");
        assert!(site("[keep]\nframe_days = 400").unwrap_err().contains("frame_days"));
        assert!(site("[line]\nchanges = -1").is_err());
    }

    #[test]
    fn the_filters_have_bounds_and_a_sentence_outside_them() {
        let site = |line: &str| {
            let text = format!(
                "[node]\noffice = \"某县消防救援大队\"\nregion = \"990101000000\"\nregion_name = \"云岫县\"\n[alarm]\n{line}"
            );
            Config::parse(&text).unwrap().check().map_err(|e| e.to_string())
        };
        for good in [COINCIDENCE_MIN_S, COINCIDENCE_MAX_S] {
            assert_eq!(site(&format!("coincidence_s = {good}")), Ok(()));
        }
        for bad in [COINCIDENCE_MIN_S - 1, COINCIDENCE_MAX_S + 1, -1, 70_000] {
            let error = site(&format!("coincidence_s = {bad}")).unwrap_err();
            assert!(error.contains("alarm.coincidence_s") && error.contains(&bad.to_string()), "{error}");
        }
        for good in [STORM_POINTS_MIN, STORM_POINTS_MAX] {
            assert_eq!(site(&format!("storm_points = {good}")), Ok(()));
        }
        for good in ["area_units = 3", "area_units = 100", "area_within_s = 30", "area_within_s = 1800"] {
            assert_eq!(site(good), Ok(()));
        }
        for bad in ["area_units = 2", "area_units = 101", "area_within_s = 29", "area_within_s = 1801"] {
            let error = site(bad).unwrap_err();
            assert!(error.contains("alarm.area_"), "{error}");
        }
        for bad in [STORM_POINTS_MIN - 1, STORM_POINTS_MAX + 1] {
            let error = site(&format!("storm_points = {bad}")).unwrap_err();
            assert!(error.contains("alarm.storm_points"), "{error}");
        }
    }

    #[test]
    fn people_are_told_of_deadlines_unless_the_site_says_otherwise() {
        let told = |text: &str| Config::parse(text).unwrap().outward.reminders;
        assert!(told("") && told("[outward]\nsite = \"https://example.cn\""));
        assert!(!told("[outward]\nreminders = false"));
    }

    #[test]
    fn the_hours_of_planned_duty_checks_are_in_order_and_the_time_to_answer_has_bounds() {
        let hours = |text: &str| Config::parse(text).unwrap().duty_check.hours();
        assert_eq!(hours("").unwrap(), DutyHours::default());
        assert!(hours("[duty_check]\nfrom = \"20:00\"\nuntil = \"23:30\"\nminutes = 10").is_ok());
        assert!(hours("[duty_check]\nfrom = \"20:00\"\nuntil = \"20:00\"").is_err());
        assert!(hours("[duty_check]\nminutes = 11").is_err() && hours("[duty_check]\nminutes = 0").is_err());
        assert!(hours("[duty_check]\nfrom = \"八点\"").is_err());
    }

    #[test]
    fn telemetry_is_shed_by_the_usual_limits_by_those_of_the_site_or_never() {
        let limits = |text: &str| Config::parse(text).unwrap().gateway.overload();
        assert_eq!(limits(""), OverloadLimits::default());
        assert_eq!(limits("[gateway]\nshed_wait_max_ms = 5000").wait_max, Duration::from_secs(5));
        assert_eq!(limits("[gateway]\nshed_wait_max_ms = 0\nshed_lag_max_ms = 0"), OverloadLimits::NEVER);
    }

    #[test]
    fn a_terminal_has_one_to_ten_seconds_to_answer() {
        let site = |order_wait_s: u64| {
            let mut config = Config::parse(
                "[node]\noffice = \"某县消防救援大队\"\nregion = \"990101000000\"\nregion_name = \"云岫县\"",
            )
            .unwrap();
            config.gateway.order_wait_s = order_wait_s;
            config.check()
        };
        assert!(site(1).is_ok() && site(ORDER_WAIT_S_MAX).is_ok());
        assert!(site(0).is_err() && site(ORDER_WAIT_S_MAX + 1).is_err());
    }

    #[test]
    fn states_are_read_every_ten_minutes_to_two_hours_or_never() {
        let site = |minutes: u32| {
            let mut config = Config::parse(
                "[node]\noffice = \"某县消防救援大队\"\nregion = \"990101000000\"\nregion_name = \"云岫县\"",
            )
            .unwrap();
            config.gateway.read_states_min = minutes;
            config.check().map(|()| config.gateway.readings().period_s).map_err(|e| e.to_string())
        };
        assert_eq!((site(0), site(10), site(120)), (Ok(None), Ok(Some(600)), Ok(Some(7_200))));
        for bad in [1, 9, 121] {
            assert!(site(bad).unwrap_err().contains("gateway.read_states_min"));
        }
    }

    #[test]
    fn silent_strangers_are_kept_for_a_day_to_a_year() {
        let site = |days: u32| {
            let mut config = Config::parse(
                "[node]\noffice = \"某县消防救援大队\"\nregion = \"990101000000\"\nregion_name = \"云岫县\"",
            )
            .unwrap();
            config.gateway.strangers_kept_days = days;
            config.check()
        };
        assert!(site(1).is_ok() && site(STRANGERS_KEPT_DAYS_MAX).is_ok());
        assert!(site(0).is_err() && site(STRANGERS_KEPT_DAYS_MAX + 1).is_err());
    }
}
