/** Every word of the status page, in one language. A catalogue that leaves one out does not compile. */
import type { DayKind, MaintenanceStateName, StatusPageView } from '../../../project/views.ts';
import { de } from './de.ts';
import { en } from './en.ts';

export interface Words {
  /** BCP 47. */
  readonly language: string;
  readonly months: readonly string[];
  /** Short ones, for days. */
  readonly monthsShort: readonly string[];
  /** `6 Sep 2022`. */
  day(day: number, monthShort: string, year: number): string;
  month(month: string, year: number): string;
  /** A length of time of whole minutes; `days` above a day only. */
  length(days: number, hours: number, minutes: number): string;
  readonly lessThanAMinute: string;
  readonly skip: string;
  readonly indicator: Readonly<Record<StatusPageView['indicator'], string>>;
  readonly noComponents: string;
  noDataFor(unheard: number, all: number): string;
  readonly dayKind: Readonly<Record<DayKind, string>>;
  readonly incidentStatus: Readonly<Record<'investigating' | 'identified' | 'monitoring' | 'resolved', string>>;
  readonly update: string;
  readonly state: string;
  readonly impact: Readonly<Record<'none' | 'minor' | 'major' | 'critical', string>>;
  readonly maintenanceState: Readonly<Record<MaintenanceStateName, string>>;
  readonly openIncidents: string;
  readonly maintenances: string;
  readonly components: string;
  readonly legend: string;
  historyOf(days: number): string;
  daysAgo(days: number): string;
  readonly today: string;
  /** What a component's bars say, in a sentence. */
  barsSummary(component: string, counts: readonly string[]): string;
  countOfDays(count: number, kind: string): string;
  /** `percent` is written already, in this language's way. */
  available(percent: string): string;
  readonly decimalPoint: string;
  readonly availableMeaning: string;
  readonly daysToTellOf: string;
  readonly since: string;
  readonly noTrouble: string;
  readonly dayColumn: string;
  readonly whatColumn: string;
  readonly when: string;
  readonly recent: string;
  readonly noRecent: string;
  readonly history: string;
  readonly neighbours: string;
  readonly earlierMonths: string;
  readonly noHistory: string;
  leftOut(shown: number): string;
  readonly incident: string;
  readonly maintenance: string;
  readonly affected: string;
  readonly planned: string;
  readonly actual: string;
  readonly impactTime: string;
  readonly impactLabel: string;
  readonly declared: string;
  readonly ongoing: string;
  readonly updates: string;
  readonly noUpdates: string;
  readonly noWords: string;
  readonly amended: string;
  amendedAt(when: string): string;
  correctedTo(when: string): string;
  readonly asItRead: string;
  readonly pageBefore: string;
  readonly recorded: string;
  readonly published: string;
  readonly publishedAnew: string;
  readonly reason: string;
  readonly account: string;
  readonly overview: string;
  asItStood(when: string): string;
  readonly asKnownThen: string;
  readonly toThePresent: string;
  readonly lookBack: string;
  readonly lookBackLabel: string;
  readonly lookBackButton: string;
  recordedUpTo(when: string): string;
  readonly nothingRecorded: string;
  readonly subscribe: string;
  readonly badge: string;
  readonly machine: string;
  readonly allTimes: string;
  readonly notFound: string;
  readonly notFoundText: string;
  readonly notYet: string;
  readonly notYetText: string;
  readonly badTime: string;
  badTimeText(text: string): string;
  futureText(text: string, now: string): string;
}

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];
export const WORDS: Readonly<Record<Language, Words>> = { en, de };
