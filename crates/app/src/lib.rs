//! Use cases: one module a subject, one function a use case: load → decide → commit.
//!
//! The modules do not call each other; what they share lies below them: the [`Board`] (what is known in
//! memory, a projection of the committed sequence), the committer (the one path to the store), and the words
//! by which a decision becomes a `ChangeSet`. Time and randomness come in through [`Clock`] and [`Entropy`].

mod accounts;
mod alarms;
mod blobs;
mod board;
mod calendar;
mod catalogs;
mod changes;
mod channels;
mod clock;
mod committer;
mod contacts;
mod downlink;
mod duty;
mod entries;
mod exports;
mod factors;
mod fault;
mod floors;
mod followers;
mod history;
mod imports;
mod incident;
mod intake;
mod journal;
#[cfg(feature = "kit")]
pub mod kit;
mod ladder;
mod ledgers;
mod legal_sources;
mod limits;
mod live;
mod locks;
mod messages;
mod meters;
mod mute;
mod outages;
mod overload;
mod papers;
mod passwords;
mod past;
mod pictures;
mod pins;
mod policy;
mod quarantine;
mod readings;
mod reckoning;
mod reconcile;
mod regions;
mod responders;
mod rule_packs;
mod saved_views;
mod search;
mod seats;
mod sessions;
mod shifts;
mod silence;
mod silence_rule;
mod start;
mod steady;
mod system;
mod telemetry;
mod templates;
mod terminal_lines;
mod terminals;
mod throttle;
mod todos;
mod turns;
mod units;
mod windows;

pub use accounts::{Account, AccountDraft, AccountEdit, AppointmentDraft, Issued, NAMED_MAX};
pub use alarms::{AlarmFilter, AlarmPage, AlarmView, Command, Counts, TodayCounts};
pub use board::{
    Board, CLOCK_SKEW_S, KnownPoint, KnownResponder, KnownTerminal, OpenAlarm, OpenCounts, OpenDownlink,
    OpenDutyCheck, OpenWindow, PointLimits, PointPlace, SeatHeld, Standing, TerminalCounts, TerminalFacts,
    UnitFacts, WireCounts,
};
pub use calendar::KnownYear;
pub use catalogs::FormerField;
pub use channels::{
    CHANNELS_MAX, Channel, ChannelDraft, Driver, GatewayReport, PER_MINUTE_MAX, REPORTS_MAX,
    SETTING_CHARS_MAX, Setting, gateway_reports,
};
pub use clock::{Clock, Entropy};
pub use contacts::AccountContact;
pub use downlink::{
    DOWNLINKS_MAX, DOWNLINKS_OF_TERMINAL_MAX, Downlink, DownlinkState, Ending, Errand, LINE_WAIT_S, Order,
    OrderChoice, PartAddress, SENT_WAIT_S,
};
pub use duty::{
    DUTY_CHECKS_OF_MONTH_MAX, DUTY_MONTHS, DUTY_PLANS_MAX, DUTY_UNITS_MAX, DutyFilter, DutyHours, DutyMonth,
    DutyPlan, PAST_CHECKS_MAX, PastCheck, Started, UnitScore,
};
pub use exports::{
    CSV_ROWS_MAX, Export, ExportFormat, ExportList, LedgerColumns, PointFilter, WORKBOOK_ROWS_MAX,
};
pub use factors::{FactorState, OfferedFactor, RECOVERY_CODES};
pub use fault::Fault;
pub use floors::{FLOOR_POINTS_MAX, FloorFacts, FloorName, FloorPoint, PLACES_MAX, Plan};
pub use history::{Remembered, ValueHistory};
pub use imports::{
    BULK_NAMED_MAX, BULK_ROWS_MAX, BulkChoice, COLUMNS_MAX, CSV_BYTES_MAX, IMPORT_ROWS_MAX, ImportColumn,
    ImportCounts, ImportDraft, ImportFacts, ImportFile, ImportSubject, ImportTable, ImportView,
    PROBLEMS_KEPT_MAX, RowProblem, WORKBOOK_BYTES_MAX,
};
pub use incident::Members;
pub use intake::{Arrival, Operation, Receipt, Report, ReportBody};
pub use ladder::{ANSWER_NOTE_CHARS_MAX, AnswerPage, LINK_ANSWERS_MAX};
pub use ledgers::{
    AGENDA_MAX, AgendaItem, ArchiveDocument, ArchiveLedger, BATCH_MAX, BatchAction, BatchChoice,
    BatchOutcome, DOCUMENTS_SHOWN, DUE_COUNTED_MAX, DUE_DAYS_MAX, DueDay, DueDays, DueStanding, FollowView,
    ISSUED_PAPER, IssuedPaper, LEDGER_FILE_BYTES_MAX, LINKED_SHOWN, LedgerFilter, LedgerForm, LedgerPlaces,
    LedgerTallies, LedgerView, LinkedView, Named, PAPERS_OF_ENTRY_MAX, PEOPLE_MAX, PLACED_MAX, PaperAsk,
    PaperOffer, PapersOfEntry, PartStanding, PartView, PastAct, REMINDED_MAX, SPOKEN_TOGETHER_MAX,
    StoredFile, UnitArchive, Why, deadline_of,
};
pub use legal_sources::{CitedArticle, LegalSource, LegalUse};
pub use limits::{ADOPTED_MAX, LIMITS_MAX, ValueLimits};
pub use live::{LiveChange, LiveEvent, RESUME_MAX};
pub use locks::{Lock, OwnSession};
pub use messages::{
    Answer, Attempt, AttemptOutcome, ChannelKind, DEADLINES_MAX, DEADLINES_NAMED_MAX, Dispatch, FAILURES_MAX,
    GATHER_S, Given, Heard, JOIN_S, Message, MessageFilter, MessageView, Notice, PARALLEL_MAX, PROBE_S,
    REPLY_FOR_H, ROUND_MAX, Recipient, Reminded, Secrets, Sent, Spoken, Token,
};
pub use meters::Meters;
pub use mute::{MUTE_S_MAX, MUTE_S_MIN, Mute};
pub use outages::{OutageCounts, OutageFilter, OutagePage};
pub use overload::{OverloadLimits, Strain, Urgency};
pub use papers::{PaperTemplate, PaperTemplates, TEMPLATE_BYTES_MAX, TemplateCheck};
pub use past::PastFire;
pub use pictures::{PICTURE_BYTES_MAX, PICTURE_PIXELS_MAX};
pub use pins::{PIN_DIGITS_MAX, PIN_DIGITS_MIN, Proof};
pub use policy::{FORMER_PASSWORDS, FactorPolicy, PASSWORD_CHARS_MIN, PASSWORD_CHARS_MIN_PRIVILEGED, Policy};
pub use quarantine::{IGNORED_DAYS_MAX, Quarantined, SILENT_DAYS};
pub use readings::{Reach, ReadingErrand, ReadingView};
pub use reckoning::{
    AccountFilter, CauseAccount, DeviceAccount, FalseAlarms, MONTHS_SHOWN, PointAccount, RANKED_MAX, Stretch,
    UnitAccount,
};
pub use reconcile::{FRAMES_DAYS_MIN, KEPT_DAYS_MAX, Keeping, VALUES_DAYS_MIN};
pub use regions::RegionView;
pub use responders::{ResponderDraft, ResponderFilter};
pub use rule_packs::{PackStanding, PackUse, RulePack};
pub use saved_views::{
    SHARED_VIEWS_MAX, SavedView, VIEW_NAME_CHARS_MAX, VIEW_QUERY_CHARS_MAX, VIEWS_MAX, ViewDraft,
};
pub use search::{FOUND_COUNTED_MAX, FOUND_SHOWN, FoundGroup, SEARCH_CHARS_MAX};
pub use seats::{SeatView, SoundTest};
pub use sessions::{DISPLAY_DAYS, Login, SESSION_HOURS, SignedIn};
pub use shifts::{InHand, Relief};
pub use silence_rule::SilenceDraft;
pub use start::{Administrator, Node, Setup};
pub use steady::{FOLLOWED_MAX_S, MachineOff, Steady};
pub use system::{Check, Status};
pub use templates::{
    CampaignProgress, JudgedLedger, LedgerTemplate, OverlayView, RestingLedger, SiteLedgerView,
    TOWNSHIPS_SHOWN_MAX,
};
pub use terminals::{TerminalDraft, TerminalFilter};
pub use throttle::{ATTEMPTS_MAX, LOCK_MINUTES};
pub use todos::{AGES_A_RUN, LOOK_BACK_DAYS, TodoFilter, TodoPage, TodoView};
pub use turns::LineTurn;
pub use units::{Imported, ImportedPoint, ImportedTerminal, ImportedUnit, UnitDraft, UnitFilter};
pub use windows::{CoverChoice, CoverChoices, WindowFilter, WindowPage, WindowView};

use fengsui_catalog::Catalog;
use fengsui_store::Store;
use std::sync::Arc;

/// The application: everything the edges may ask of it is a method, by subject.
pub struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) catalog: Arc<catalogs::Catalogs>,
    /// Ledgers of the site are changed one after the other.
    pub(crate) adopting: tokio::sync::Mutex<()>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) board: Arc<Board>,
    pub(crate) outward: Arc<messages::outward::Outward>,
    pub(crate) calendars: Arc<calendar::Calendars>,
    pub(crate) committer: committer::Committer,
    /// Rings when a downlink was made, so that it leaves at once.
    pub(crate) downlink_made: tokio::sync::Notify,
    /// Papers are issued one after another: numbers have no gaps and nobody is refused for another's.
    pub(crate) issuing: tokio::sync::Mutex<()>,
    pub(crate) imports: imports::Imports,
    pub(crate) live: live::Live,
    pub(crate) meters: Arc<Meters>,
    pub(crate) overload: Arc<overload::Overload>,
    pub(crate) throttle: throttle::Throttle,
    pub(crate) pin_throttle: throttle::Throttle,
    pub(crate) policy: std::sync::OnceLock<Policy>,
    pub(crate) passwords: passwords::Passwords,
    /// Pictures are looked at one at a time.
    pub(crate) pictures: tokio::sync::Semaphore,
    pub(crate) verification: parking_lot::Mutex<system::ChainState>,
    pub(crate) node: Node,
    pub(crate) epoch: fengsui_store::Epoch,
    pub(crate) started_at: fengsui_base::Timestamp,
    pub(crate) sites: intake::SiteGates,
    pub(crate) ages: parking_lot::Mutex<todos::Walk>,
    /// The calendar by which provisional deadlines were reckoned last.
    pub(crate) reckoned_by: parking_lot::Mutex<Option<Arc<fengsui_base::WorkingCalendar>>>,
}

impl App {
    /// The catalog in force now. What it hands out stays as it is when another one takes its place: a decision that looks
    /// once is made by one revision.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// What is known in memory.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// The site's rules for passwords and second factors, given once at the start; later calls change nothing.
    pub fn set_policy(&self, policy: Policy) {
        self.policy.get_or_init(|| policy);
    }

    pub(crate) fn policy(&self) -> Policy {
        self.policy.get().copied().unwrap_or_default()
    }

    /// Who and where this node is.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Counters and timings.
    pub fn meters(&self) -> &Arc<Meters> {
        &self.meters
    }

    /// Whether the permission holds anywhere in the region this node answers for: this node's seats and its own
    /// state concern nobody else.
    pub(crate) fn concerns(
        &self,
        grant: &fengsui_access::Grant,
        permission: fengsui_catalog::Permission,
    ) -> bool {
        let own = self.board.region(self.node.region).map(|r| r.range());
        !grant.scope(permission).within(&fengsui_base::Scope::of(own)).is_empty()
    }

    /// The present time, by the clock handed in.
    pub fn now(&self) -> fengsui_base::Timestamp {
        self.clock.now()
    }
}
