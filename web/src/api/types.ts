// The shapes that the server answers with (`/api/v1`), under the names the pages use. They are generated
// from the server's own description (`cargo xtask openapi`); nothing is declared here. Instants are
// RFC 3339 in UTC, ids are UUIDs, region codes have twelve digits. Everything a person reads arrives
// finished in Chinese, and what there is none of is null.

import type { components } from './schema'

type Schemas = components['schemas']

/** A page of a list; `next` leads to the one after it. */
export interface Page<T> { items: T[]; next: string | null }

export type RegionRef = Schemas['RegionRef']
export type RegionNode = Schemas['RegionItem']
export type PersonRef = Schemas['PersonRef']
export type Contact = Schemas['Contact']
export type Choice = Schemas['ChoiceView']
export type PlainAction = Schemas['SimpleAction']

export type PublicNode = Schemas['NodeView']
export type Session = Schemas['SessionView']
export type Sound = Schemas['SoundHeard']
export type Seat = Schemas['Seat']
export type ChannelFault = Schemas['ChannelFault']
export type Relief = Schemas['ReliefView']
export type ShiftBody = Schemas['ShiftForm']
export type Proof = Schemas['ProofForm']
export type Security = Schemas['SecurityView']
export type Mute = Schemas['MuteView']
export type Colleague = Schemas['Colleague']

export type AlarmSummary = Schemas['AlarmSummary']
export type AlarmPage = Schemas['AlarmList']
export type Alarm = Schemas['Alarm']
export type Outage = Schemas['Outage']
export type OutageList = Schemas['OutageList']
export type LimitView = Schemas['LimitView']
export type PointLimitView = Schemas['PointLimitView']
export type PointLimitForm = Schemas['PointLimitForm']
export type AdoptionView = Schemas['AdoptionView']
export type ExcessView = Schemas['ExcessView']
export type FalseAlarmAccounts = Schemas['FalseAlarmAccounts']
export type FiguresView = Schemas['FiguresView']
export type MonthView = Schemas['MonthView']
export type RateView = Schemas['RateView']
export type PointHistory = Schemas['PointHistory']
export type TodoItem = Schemas['TodoItem']
export type ValueSeriesList = Schemas['ValueSeriesList']
export type ValueChart = Schemas['ValueChart']
export type AlarmCounts = Schemas['CountsView']
export type AlarmState = Schemas['AlarmState']
export type AlarmClass = Schemas['AlarmClass']
export type Timing = Schemas['AlarmTiming']
export type Action = Schemas['Action']
export type ActionField = Schemas['ActionField']
export type LifeStep = Schemas['Step']
export type TimelineItem = Schemas['TimelineItem']
export type Timeline = Schemas['TimelineView']

export type Window = Schemas['Window']
export type WindowBody = Schemas['WindowForm']
export type Covers = Schemas['Covers']
export type Cover = Schemas['CoverView']

export type SavedViewItem = Schemas['SavedViewItem']
export type SavedViewList = Schemas['SavedViewList']
export type SearchResults = Schemas['SearchResults']
export type DueDayList = Schemas['DueDayList']
export type EntryPlaces = Schemas['EntryPlaces']
export type LegalSourceList = Schemas['LegalSourceList']
export type RulePackList = Schemas['RulePackList']

export type AlarmEvent = Schemas['AlarmEvent']
export type TerminalEvent = Schemas['TerminalEvent']
export type UnitEvent = Schemas['UnitEvent']
export type SeatEvent = Schemas['SeatEvent']
export type DutyCheckEvent = Schemas['DutyCheckEvent']
export type EntryEvent = Schemas['EntryEvent']
export type Tick = Schemas['Tick']
export type Resync = Schemas['Resync']

export type LadderView = Schemas['LadderView']
export type Responder = Schemas['Responder']
export type ResponderBody = Schemas['ResponderForm']
export type AnswerView = Schemas['AnswerView']
export type AnswerCode = Schemas['AnswerCode']

export type MapMeta = Schemas['MapMeta']

export type UnitSummary = Schemas['UnitSummary']
export type Unit = Schemas['Unit']
export type UnitBody = Schemas['UnitForm']
export type SignView = Schemas['SignView']
export type SignList = Schemas['SignList']
export type Building = Schemas['Building']

export type TerminalSummary = Schemas['TerminalSummary']
export type Terminal = Schemas['Terminal']
export type TerminalBody = Schemas['TerminalForm']
export type PointView = Schemas['PointView']
export type FrameSummary = Schemas['FrameSummary']
export type FrameView = Schemas['FrameView']
export type FrameNode = Schemas['Node']
export type LabView = Schemas['LabView']
export type WiresView = Schemas['WiresView']
export type TrialView = Schemas['TrialView']
export type Trial = Schemas['Trial']

export type DutyCheck = Schemas['DutyCheckView']
export type DutyScores = Schemas['DutyScores']
export type UnitScore = Schemas['UnitScoreView']
export type StartedList = Schemas['StartedList']

export type Downlink = Schemas['DownlinkView']
export type DownlinkList = Schemas['DownlinkList']
export type DownlinkOrder = Schemas['OrderView']

export type FloorView = Schemas['FloorView']
export type FloorList = Schemas['FloorList']
export type PlanView = Schemas['PlanView']
export type PlanPoint = Schemas['PlanPoint']
export type PlanPoints = Schemas['PlanPoints']
export type AlarmPlan = Schemas['AlarmPlan']

export type PaperList = Schemas['PaperList']
export type PaperForm = Schemas['PaperForm']
export type TemplateView = Schemas['TemplateView']

export type Stranger = Schemas['Stranger']
export type StrangerList = Schemas['StrangerList']
export type StrangerPage = Schemas['StrangerPage']

export type Account = Schemas['Account']
export type AccountBody = Schemas['AccountForm']
export type IssuedPassword = Schemas['IssuedView']
export type Post = Schemas['PostKind']

export type SystemStatus = Schemas['StatusView']

export type CalendarYears = Schemas['CalendarYears']
export type CalendarYearView = Schemas['CalendarYear']
export type CalendarDay = Schemas['CalendarDay']
