/** A ledger with one incident and much beside it, and its bundles, for tests of what a bundle holds and proves. */
import type { EventName } from '../../schemas/catalogue.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { type StreamCategory, streamName } from '../../schemas/ids.ts';
import { formatTime, type Micros } from '../../schemas/time.ts';
import { type BundleOrigin, type BundleQuery, bundlePages } from '../../src/egress/bundle.ts';
import { BundleWriter } from '../../src/ledger/bundle.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger, LedgerReader } from '../../src/ledger/port.ts';
import { type BundleExpectations, type BundleVerification, verifyBundle } from '../../src/ledger/verify-bundle.ts';

const NOON = 1_670_932_800_000_000;
const MINUTE = 60_000_000;
/** Minutes after noon. */
export const minute = (at: number): Micros => (NOON + at * MINUTE) as Micros;
export const timeAt = (at: number): string => formatTime(minute(at));

type Step = readonly [
  at: number,
  category: StreamCategory,
  subject: string,
  type: EventName,
  data: object,
  id?: string,
];

const beat = (at: number, subject = 'web'): Step => [at, 'cluster', subject, 'HeartbeatLost', { nodeId: `n${at}` }];

/** From noon to half past the incident `outage` in the cluster `web` and of the component `api`. */
export const STEPS: readonly Step[] = [
  [-300, 'component', 'api', 'ComponentRegistered', { name: 'API' }],
  [-299, 'component', 'other', 'ComponentRegistered', { name: 'Other' }],
  [-200, 'component', 'api', 'ComponentStatusChanged', { status: 'degraded_performance' }],
  ...[-120, -60, -20, -10, -5].map((at) => beat(at)),
  beat(-4, 'elsewhere'),
  [-3, 'maintenance', 'upgrade', 'MaintenanceScheduled', window('upgrade', -10, 20, 'api')],
  [-3, 'maintenance', 'far', 'MaintenanceScheduled', window('far', 600, 660, 'api')],
  [-2, 'maintenance', 'upgrade', 'MaintenanceStarted', {}],
  [
    ...([0, 'incident', 'outage', 'IncidentDeclared'] as const),
    {
      title: 'Down',
      status: 'investigating',
      origin: 'manual',
      clusterIds: ['web'],
      components: [{ componentId: 'api' }],
    },
  ],
  [1, 'incident', 'unrelated', 'IncidentDeclared', { title: 'Else', status: 'identified', origin: 'manual' }],
  beat(2),
  [3, 'cluster', 'web', 'HeartbeatLost', { nodeId: 'mistaken' }, 'wrong'],
  [5, 'component', 'api', 'ComponentStatusChanged', { status: 'major_outage' }],
  [6, 'incident', 'outage', 'IncidentUpdated', { message: 'Only for us', visibility: 'private' }],
  [
    7,
    'collector',
    'test://collector',
    'CollectorGapRecorded',
    { clusterIds: ['web'], from: timeAt(4), to: timeAt(7), reason: 'cut' },
  ],
  [8, 'collector', 'test://collector', 'CollectorGapRecorded', { clusterIds: ['elsewhere'], reason: 'cut' }],
  beat(20),
  [30, 'incident', 'outage', 'IncidentUpdated', { message: 'Over', status: 'resolved', impactEndedAt: timeAt(28) }],
  [31, 'incident', 'outage', 'ResponderNotified', { responder: 'ada', channel: 'pager' }],
  ...[40, 60, 90].map((at) => beat(at)),
  [91, 'cluster', 'web', 'EventRetracted', { eventSource: 'test://collector', eventId: 'wrong', reason: 'mistaken' }],
  beat(120),
];

function window(title: string, from: number, to: number, componentId: string): object {
  return { title, startsAt: timeAt(from), endsAt: timeAt(to), components: [{ componentId }] };
}

export function eventOf([at, , subject, type, data, id]: Step): NewEvent {
  return {
    ...{ id: id ?? `${subject}${at}`, source: 'test://collector', type, subject, time: minute(at) },
    ...{ notBefore: null, synthetic: false, extensions: {}, data },
  } as unknown as NewEvent;
}

/** In memory, recorded as it happened. Salts are drawn, so two of them are two ledgers. */
export async function incidentLedger(steps: readonly Step[] = STEPS): Promise<Ledger> {
  let now = minute(-400);
  const ledger = openMemoryLedger({ clock: () => now });
  const actor = { authType: 'unauthenticated', authId: null };
  for (const step of steps) {
    now = minute(step[0]);
    const stream = streamName(step[1], step[2]);
    await ledger.append([{ stream, expected: 'any', events: [eventOf(step)], actor }]);
  }
  return ledger;
}

export async function bundleOf(
  ledger: LedgerReader,
  { origin = null, ...query }: Partial<BundleQuery> & { readonly origin?: BundleOrigin | null } = {},
): Promise<string> {
  const asked = { incident: 'outage', marginMicros: 15 * MINUTE, isPublic: false, ...query };
  let text = '';
  for await (const page of bundlePages(ledger, asked, { frame: new BundleWriter(), origin })) text += page;
  return text;
}

export function proved(bundle: string | Uint8Array, expectations?: BundleExpectations): Promise<BundleVerification> {
  return verifyBundle(inChunks(Buffer.from(bundle)), expectations);
}

/** In pieces that end anywhere, as files are read. */
async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
}

/** The lines of a bundle between its first and its last, without their ends. */
export function bodyOf(bundle: string): string[] {
  return bundle.split('\n').slice(1, -2);
}

export function headerOf(bundle: string): string {
  return bundle.slice(0, bundle.indexOf('\n'));
}

/** A bundle of these lines, digested anew: what someone makes who knows the format. */
export function digestedAnew(header: string, body: readonly string[]): string {
  const writer = new BundleWriter();
  return [header, ...body].map((line) => writer.line(line)).join('') + writer.trailer();
}
